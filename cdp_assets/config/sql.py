"""The tenant's SQL as a tree: parse it once, name what it reads, spell it one way."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.optimizer.scope import traverse_scope

from cdp_assets.errors import ConfigError


def parse(text: str, dialect: str | type[Dialect], where: str) -> exp.Query:
    """Give the one SELECT (or set operation) in `text`.

    Raises ConfigError with line and column for anything else.
    """
    try:
        statements = [statement for statement in sqlglot.parse(text, read=dialect) if statement is not None]
    except SqlglotError as error:
        facts = (getattr(error, "errors", None) or [{}])[0]
        place = f"{where}, line {facts.get('line', 1)}, column {facts.get('col', 1)}"
        raise ConfigError(place, str(facts.get("description") or "not SQL").rstrip("."), "valid SQL") from None
    if len(statements) != 1:
        raise ConfigError(where, f"{len(statements)} statements", "exactly one SELECT")
    statement = statements[0]
    if isinstance(statement, exp.Values):
        return exp.Subquery(this=statement)
    if not isinstance(statement, exp.Query):
        raise ConfigError(where, f"a statement of kind {statement.key.upper()}", "a SELECT")
    return statement


def references(query: exp.Query) -> list[exp.Table]:
    """Give every real table that a query reads; names of common table expressions are not among them."""
    found: dict[int, exp.Table] = {}
    for scope in traverse_scope(query):
        for source in scope.sources.values():
            if isinstance(source, exp.Table):
                found[id(source)] = source
    return list(found.values())


def parts(table: exp.Table) -> tuple[str, ...]:
    """Give a reference's name parts, outermost first, in lower case."""
    return tuple(part.name.lower() for part in table.parts)


def place(node: exp.Expr, text: str) -> tuple[int, int]:
    """Give the line and column, from 1, of a node's first word in the text that it was parsed from.

    >>> text = "SELECT a,\\n  b.c FROM b"
    >>> place(parse(text, "spark", "here").selects[1], text)
    (2, 3)
    """
    start = min((one.meta["start"] for one in node.walk() if "start" in one.meta), default=0)
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def rename(tree: exp.Query, reference: exp.Table, name: tuple[str, str]) -> None:
    """Let a reference of `tree` mean another table, and its columns go on to be called as they were."""
    called = reference.name
    qualifiers = {parts(reference), (reference.alias_or_name.lower(),)}
    for column in tree.find_all(exp.Column):
        outer = tuple(part.name.lower() for part in column.parts[:-1])
        if len(outer) > 1 and outer in qualifiers:
            column.set("catalog", None)
            column.set("db", None)
    if not reference.alias:
        reference.set("alias", exp.TableAlias(this=exp.to_identifier(called)))
    reference.set("catalog", None)
    reference.set("db", exp.to_identifier(name[0]))
    reference.set("this", exp.to_identifier(name[1]))


def spelled(query: exp.Query, dialect: str) -> str:
    """Spell a query one way: no comments, one case for names, one layout. The tree is changed on the way.

    >>> spelled(parse("select A -- why\\n from T", "spark", "here"), "spark")
    'SELECT a FROM t'
    """
    return normalize_identifiers(query, dialect=dialect).sql(dialect=dialect, comments=False)
