"""The queries of Stitch QA as Presto SQL over what Stitch publishes, completed with a tenant's own foreign keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from sqlglot import exp

from cdp_assets.config import sql
from cdp_assets.config.known import nearest_known
from cdp_assets.errors import StateError

SEMANTICS = ("given_name", "surname", "birthdate", "email", "phone", "address", "postal")
"""What says who somebody is; `semantic_values` has a row for each of a record's values."""
FOREIGN_KEY = "fk_"
COALESCED = "unified_coalesced"
ID = ("datasource", "pk", "amperity_id")
LINES = "--"


@dataclass(frozen=True)
class QaQuery:
    """One query: its name, what it shows, and its Presto SQL as the file has it."""

    name: str
    description: str
    sql: str


def qa_queries() -> dict[str, QaQuery]:
    """Give every query of Stitch QA by its name."""
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    texts = {file.name.removesuffix(".sql"): file.read_text() for file in files if file.name.endswith(".sql")}
    return {name: QaQuery(name, text.partition("\n")[0].strip(f"{LINES} "), text) for name, text in texts.items()}


def qa_query(name: str) -> QaQuery:
    """Give one query; raises StateError, with the nearest name, for any other."""
    known = qa_queries()
    if name not in known:
        raise StateError(f"{name}: no query of Stitch QA. Expected {nearest_known(name, known)}.")
    return known[name]


def completed(query: QaQuery, columns: Sequence[str]) -> exp.Query:
    """Give a query that reads nothing but tables.

    `semantic_values` and `foreign_keys`, where it reads them, become common table expressions over unified_coalesced,
    whose columns are given: datasource, pk, amperity_id, semantic and value as text, a row per value that is not
    missing.
    """
    tree = sql.parse(query.sql, "trino", query.name)
    read = {reference.name for reference in sql.references(tree)}
    parts = {
        "semantic_values": [name for name in SEMANTICS if name in columns],
        "foreign_keys": [name for name in columns if name.startswith(FOREIGN_KEY)],
    }
    for name, held in parts.items():
        if name in read:
            _define(tree, name, _values(held))
    return tree


def read_tables(tree: exp.Query) -> list[str]:
    """Give the names of the tables that a completed query reads."""
    return sorted({reference.name for reference in sql.references(tree)})


def _define(tree: exp.Query, name: str, query: exp.Query) -> None:
    """Put a common table expression before those that the query has."""
    tree.with_(name, as_=query, copy=False)
    expressions = tree.args["with_"].expressions
    expressions.insert(0, expressions.pop())


def _values(columns: Sequence[str]) -> exp.Query:
    """Give a row per value of some columns; none at all for no columns."""
    one, *others = [_column(column) for column in columns] or [_column("pk").where(exp.false())]
    found: exp.Query = one
    for other in others:
        found = found.union(other, distinct=False)
    return found


def _column(column: str) -> exp.Select:
    semantic = exp.alias_(exp.Literal.string(column), "semantic")
    value = exp.alias_(exp.cast(exp.column(column), "VARCHAR"), "value")
    query = exp.select(*(exp.column(name) for name in ID), semantic, value).from_(COALESCED)
    return query.where(exp.not_(exp.column(column).is_(exp.null())))
