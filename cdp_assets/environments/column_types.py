"""Types of columns as far as they are known, and where SQL puts two together that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from cdp_assets.config.catalog import dialect_of
from cdp_assets.config.feed import Feed
from cdp_assets.environments.columns import Columns
from cdp_assets.environments.lineage import UnclearError
from cdp_assets.names import TableName

SPARK_TYPES: Mapping[str, str] = {
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "decimal": "DECIMAL(38, 2)",
    "float": "DOUBLE",
    "integer": "BIGINT",
    "string": "STRING",
}
"""A feed's type -> the type of its domain table's column."""
UNKNOWN = "UNKNOWN"
COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ)
SUMMED = (exp.Sum, exp.Avg)
RECKONED = (exp.Add, exp.Sub, exp.Mul, exp.Div)


class Types:
    """One tenant's column types; each table is looked at once."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._found: dict[TableName, dict[str, str]] = {}
        self._trees: dict[TableName, exp.Query] = {}

    def of(self, name: TableName) -> dict[str, str]:
        """Give a table's columns with their types, `UNKNOWN` where a type cannot be told."""
        if name not in self._found:
            self._found[name] = self._of(name)
        return self._found[name]

    def clashes(self, name: TableName) -> list[str]:
        """Give every place in a table's SQL where types meet that do not fit; SQL that is not understood has none."""
        try:
            tree = self._annotated(name)
        except UnclearError:
            return []
        return list(dict.fromkeys(_clashes(tree)))

    def _of(self, name: TableName) -> dict[str, str]:
        table = self._columns.catalog.tables[name]
        known = dict.fromkeys(self._columns.of(name), UNKNOWN)
        if isinstance(table.definition, Feed):
            return known | {one.name: SPARK_TYPES[one.type] for one in table.definition.fields}
        if table.kind in ("stitch", "unified"):
            return known
        selects = self._annotated(name).selects
        found = {one.alias_or_name.lower(): one.type.sql("spark") if one.type else UNKNOWN for one in selects}
        return known | {column: kind for column, kind in found.items() if column in known}

    def _annotated(self, name: TableName) -> exp.Query:
        if name not in self._trees:
            self._trees[name] = self._annotation(name)
        return self._trees[name]

    def _annotation(self, name: TableName) -> exp.Query:
        tree, inputs = self._columns.resolved(name)
        dialect = dialect_of(self._columns.catalog.tables[name])
        schema: dict[str, dict[str, dict[str, str]]] = {}
        for table in inputs:
            schema.setdefault(table.layer, {})[table.name] = self.of(table)
        try:
            tree = qualify(
                tree,
                schema=dict(schema),
                dialect=dialect,
                allow_partial_qualification=True,
                validate_qualify_columns=False,
                quote_identifiers=False,
            )
            return annotate_types(tree, schema=dict(schema), dialect=dialect)
        except (SqlglotError, RecursionError) as error:
            raise UnclearError(type(error).__name__) from None


def _clashes(tree: exp.Query) -> Iterator[str]:
    for node in tree.find_all(*COMPARED, *SUMMED, *RECKONED, exp.SetOperation):
        if isinstance(node, exp.SetOperation):
            sides = zip(node.left.selects, node.right.selects, strict=False)
            fit = all(_fit(one, other) for one, other in sides)
        elif isinstance(node, SUMMED):
            fit = _family(node.this) in (None, "number")
        else:
            assert isinstance(node, exp.Binary)  # noqa: S101 - the rest of what was looked for
            reckoned = isinstance(node, RECKONED)
            fit = (
                {_family(node.left), _family(node.right)} <= _reckoned(node)
                if reckoned
                else _fit(node.left, node.right)
            )
        if not fit:
            yield _told(node)


def _reckoned(node: exp.Binary) -> set[str | None]:
    return {None, "number", "time"} if isinstance(node, exp.Add | exp.Sub) else {None, "number"}


def _fit(one: exp.Expr, other: exp.Expr) -> bool:
    """Say whether two values may be compared; a text that is written out may be anything."""
    families = {_family(one), _family(other)} - {None}
    return len(families) < 2 or any(isinstance(side, exp.Literal) and side.is_string for side in (one, other))


def _family(node: exp.Expr) -> str | None:
    kind = node.type
    for family, kinds in (
        ("number", exp.DataType.NUMERIC_TYPES),
        ("text", exp.DataType.TEXT_TYPES),
        ("time", exp.DataType.TEMPORAL_TYPES),
    ):
        if kind is not None and kind.this in kinds:
            return family
    return "boolean" if kind is not None and kind.this == exp.DataType.Type.BOOLEAN else None


def _told(node: exp.Expr) -> str:
    if isinstance(node, exp.SetOperation):
        return f"{node.key.upper()} of columns whose types do not fit"
    if isinstance(node, SUMMED):
        return f"{node.sql('spark')}, of a {_family(node.this)}"
    assert isinstance(node, exp.Binary)  # noqa: S101 - the others are above
    return f"{node.sql('spark')}, a {_family(node.left)} and a {_family(node.right)}"
