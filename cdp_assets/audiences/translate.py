"""Translates an analyst's Presto SQL to Spark SQL that gives the same rows, or refuses it by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from cdp_assets.audiences.constructs import DECIMAL_LITERAL, Refused
from cdp_assets.audiences.lenient import refuse_lenient
from cdp_assets.audiences.rules import RULES
from cdp_assets.config import sql
from cdp_assets.config.catalog import resolve
from cdp_assets.errors import ConfigError, QueryError
from cdp_assets.names import TableName

_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?")
Columns = Mapping[TableName, Mapping[str, str]]
"""Table -> column -> Spark type."""


@dataclass(frozen=True)
class Translated:
    """A query that Spark answers as Presto would; its references are `layer.name`."""

    spark_sql: str
    references: tuple[TableName, ...]


def translate(text: str, columns: Columns, scope: TableName, *, where: str) -> Translated:
    """Give the Spark SQL of a Presto query.

    Args:
        text: One SELECT.
        columns: The tables that may be read, with the Spark types of their columns.
        scope: From where one-part names are looked up.
        where: How errors call the query.

    Raises QueryError naming the first construct that is not known to mean the same, and what to write instead.
    """
    tree = _parse(text, where)
    refuse_lenient(tree, text, where)
    references = _resolve(tree, columns, scope, where)
    try:
        spark = _translated(_typed(tree, columns, where))
    except Refused as refused:
        raise QueryError(where, refused.construct, refused.hint) from None
    return Translated(spark.sql(dialect="spark"), tuple(sorted(references)))


def _parse(text: str, where: str) -> exp.Query:
    try:
        return sql.parse(text, "trino", where)
    except ConfigError as error:
        raise QueryError(error.where, error.problem, f"Expected {error.expected}.") from None


def _resolve(tree: exp.Query, columns: Columns, scope: TableName, where: str) -> set[TableName]:
    """Spell every reference as `layer.name`; give what is read."""
    found = set()
    for reference in sql.references(tree):
        target = resolve(columns, sql.parts(reference), scope)
        if target is None:
            name = ".".join(sql.parts(reference))
            known = ", ".join(sorted(table.name for table in columns if table.layer == scope.layer))
            raise QueryError(where, f"table {name}", f"It does not exist here. Tables of this database: {known}.")
        sql.rename(tree, reference, (target.layer, target.name))
        found.add(target)
    return found


def _typed(tree: exp.Query, columns: Columns, where: str) -> exp.Query:
    """Name every column's table, spell out stars, and note every node's type."""
    _mark_decimals(tree)
    schema = MappingSchema(dialect="spark")
    for table, types in columns.items():
        schema.add_table(exp.table_(table.name, db=table.layer), dict(types), dialect="spark")
    try:
        qualified = qualify(
            tree,
            schema=schema,
            dialect="trino",
            quote_identifiers=False,
            identify=False,
            validate_qualify_columns=True,
            expand_alias_refs=False,
        )
        return annotate_types(qualified, schema=schema, dialect="trino")
    except SqlglotError as error:
        problem = str(error).splitlines()[0]
        raise QueryError(where, problem, "Expected columns of the tables that it reads.") from None


def _mark_decimals(tree: exp.Query) -> None:
    """Tell literals such as 1.50 or DECIMAL '1.50' to be decimals; the type inference takes them for floats."""
    for literal in list(tree.find_all(exp.Literal)):
        around = literal.parent
        if literal.is_string:
            if isinstance(around, exp.Cast) and _is_plain_decimal(around.to) and _DECIMAL.fullmatch(literal.name):
                around.replace(_marked(literal.name))
        elif "." in literal.name and "e" not in literal.name.lower():
            literal.replace(_marked(literal.name))


def _is_plain_decimal(kind: exp.DataType) -> bool:
    return kind.this is exp.DType.DECIMAL and not kind.expressions


def _marked(number: str) -> exp.Expr:
    digits, _, scale = number.lstrip("+-").partition(".")
    marked = exp.cast(exp.Literal.number(number), f"DECIMAL({max(len(digits) + len(scale), 1)}, {len(scale)})")
    marked.meta[DECIMAL_LITERAL] = True
    return marked


def _translated(node: exp.Expr) -> exp.Expr:
    """Translate a tree, inner nodes first; each rule sees the types that Presto gave."""
    for child in list(node.iter_expressions()):
        child.replace(_translated(child))
    rule = RULES.get(type(node))
    if rule is None:
        raise Refused(_name(node), "It is not known to mean the same on Spark; docs/concepts/queries.md lists what is.")
    presto_type = node.type
    found = rule(node)
    if found is not node:
        found.type = presto_type
    return found


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.name).upper()
    return node.sql_name() if isinstance(node, exp.Func) else node.key.upper()
