"""Types of columns as far as they are known, and where SQL puts two together that do not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from cdp_assets.cache import Cache, version_of
from cdp_assets.config.catalog import Table, dialect_of, scope_of
from cdp_assets.config.feed import Feed
from cdp_assets.environments.columns import Columns
from cdp_assets.environments.lineage import UnclearError
from cdp_assets.hashing import sha256_of
from cdp_assets.names import TableName
from cdp_assets.unified.columns import ITEM, PROFILE

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
WRITTEN = {**PROFILE, **ITEM, "amperity_id": "STRING", "datasource": "STRING", "pk": "STRING"}
"""What unified tables cast these columns to, wherever they have them."""
COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ)
LISTED = (exp.In, exp.Between)
SUMMED = (exp.Sum, exp.Avg)
RECKONED = (exp.Add, exp.Sub, exp.Mul, exp.Div)
CHOOSING = (exp.Coalesce, exp.Case, exp.If, exp.Greatest, exp.Least, exp.Lag, exp.Lead, exp.Add, exp.Sub)
"""What makes one value of several. Where those are of several kinds, or two times, its type cannot be told."""


MOST = 20_000


def _version() -> str:
    ours = [Path(__file__), *(Path(__file__).with_name(name) for name in ("columns.py", "lineage.py"))]
    return version_of(ours, ["sqlglot"])


_KNOWN = Cache("types", _version, MOST)
"""Hash of a table's SQL and of its inputs' types -> its columns' types."""


def save_types() -> None:
    """Let later processes know what this one has found."""
    _KNOWN.save()


@dataclass(frozen=True)
class Clash:
    """A place in a query where types meet that do not fit."""

    node: exp.Expr
    problem: str


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

    def clashes(self, name: TableName) -> list[Clash]:
        """Give every place in a table's SQL where types meet that do not fit; SQL that is not understood has none."""
        try:
            tree = self._annotated(name)
        except UnclearError:
            return []
        found = unfit(tree, strict=dialect_of(self._columns.catalog.tables[name]) == "trino")
        return list({one.problem: one for one in reversed(list(found))}.values())[::-1]

    def _of(self, name: TableName) -> dict[str, str]:
        table = self._columns.catalog.tables[name]
        if isinstance(table.definition, Feed):
            known = dict.fromkeys(self._columns.of(name), UNKNOWN)
            return known | {one.name: SPARK_TYPES[one.type] for one in table.definition.fields}
        if table.kind == "stitch":
            return dict.fromkeys(self._columns.of(name), UNKNOWN)
        inputs = {str(one): self.of(one) for one in table.inputs}
        key = sha256_of([self._columns.text(table), dialect_of(table), str(scope_of(table)), inputs])
        found: dict[str, str] | None = _KNOWN.get(key)
        if found is None:
            found = self._selected(table)
            _KNOWN.put(key, found)
        return found

    def _selected(self, table: Table) -> dict[str, str]:
        """Give the types of what a table's SQL selects; those of a person and an order line as they are documented."""
        columns = self._columns.of(table.name)
        known = {one: WRITTEN.get(one, UNKNOWN) if table.kind == "unified" else UNKNOWN for one in columns}
        try:
            selects = self._annotated(table.name).selects
        except UnclearError:
            return known
        found = {one.alias_or_name.lower(): one.type.sql("spark") for one in selects if one.type}
        return known | {name: kind for name, kind in found.items() if name in known and kind != UNKNOWN}

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
            return annotate_types(tree, schema=dict(schema), expression_metadata=inference(dialect), dialect=dialect)
        except (SqlglotError, RecursionError) as error:
            raise UnclearError(type(error).__name__) from None


def inference(dialect: str) -> dict[type[exp.Expr], dict[str, Any]]:
    """Give how types are inferred in a dialect, and where that is not to be relied upon."""
    usual = Dialect.get_or_raise(dialect).EXPRESSION_METADATA
    return {**usual, **{kind: {"annotator": _doubted(usual[kind]["annotator"])} for kind in CHOOSING}}


def _doubted(usual: Callable[[Any, exp.Expr], exp.Expr]) -> Callable[[Any, exp.Expr], exp.Expr]:
    def annotated(annotator: Any, node: exp.Expr) -> exp.Expr:
        usual(annotator, node)
        families = [_family(one) for one in _chosen(node)]
        if len({*families} - {None}) > 1 or (isinstance(node, exp.Sub) and families == ["time", "time"]):
            node.type = exp.DType.UNKNOWN
        return node

    return annotated


def _chosen(node: exp.Expr) -> list[exp.Expr]:
    """Give the values of which a node makes one."""
    if isinstance(node, exp.Case):
        ways = [*(one.args["true"] for one in node.args["ifs"]), node.args.get("default")]
    elif isinstance(node, exp.If):
        ways = [node.args.get("true"), node.args.get("false")]
    elif isinstance(node, exp.Lag | exp.Lead):
        ways = [node.this, node.args.get("default")]
    else:
        ways = [node.this, node.args.get("expression"), *(node.args.get("expressions") or [])]
    return [one for one in ways if isinstance(one, exp.Expr)]


def unfit(tree: exp.Query, *, strict: bool) -> Iterator[Clash]:
    """Give every place in a query with types where some meet that do not fit; `strict` as Presto is."""
    for node in tree.find_all(*COMPARED, *LISTED, *SUMMED, *RECKONED, exp.SetOperation):
        if isinstance(node, exp.SetOperation):
            sides = zip(node.left.selects, node.right.selects, strict=False)
            fit = all(_fit(one, other, strict) for one, other in sides)
        elif isinstance(node, SUMMED):
            fit = _family(node.this) in (None, "number")
        elif isinstance(node, RECKONED):
            fit = {_family(node.left), _family(node.right)} <= _reckoned(node)
        else:
            fit = all(_fit(node.this, other, strict) for other in _compared_with(node))
        if not fit:
            yield Clash(node.right if isinstance(node, exp.SetOperation) else node, _told(node))


def _compared_with(node: exp.Expr) -> list[exp.Expr]:
    """Give what a comparison holds its first value against."""
    if isinstance(node, exp.Between):
        return [node.args["low"], node.args["high"]]
    if isinstance(node, exp.In):
        return [] if isinstance(node.parent, exp.Pivot) else list(node.expressions)
    return [node.expression]


def _reckoned(node: exp.Expr) -> set[str | None]:
    return {None, "number", "time"} if isinstance(node, exp.Add | exp.Sub) else {None, "number"}


def _fit(one: exp.Expr, other: exp.Expr, strict: bool) -> bool:
    """Say whether two values may be compared; to Spark, a text that is written out may be anything."""
    families = {_family(one), _family(other)} - {None}
    loose = not strict and any(isinstance(side, exp.Literal) and side.is_string for side in (one, other))
    return len(families) < 2 or loose


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
    other = next((one for one in _compared_with(node) if _family(one) not in (None, _family(node.this))), node.this)
    return f"{node.sql('spark')}, a {_family(node.this)} and a {_family(other)}"
