"""Rewrites every table reference of a query to a path and a version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from sqlglot import exp

from cdp_assets.config.sql import parse, parts, references
from cdp_assets.errors import LakeError
from cdp_assets.lakehouse.tables import TableVersion

KEPT = ("joins", "laterals", "pivots")
"""What hangs on a reference and stays with it."""


def bind(
    query: exp.Query | str,
    root: Path,
    resolve: Callable[[exp.Table], TableVersion],
    parameters: Mapping[str, dt.date] = MappingProxyType({}),
) -> str:
    """Give Spark SQL in which each reference is ``delta.`path` VERSION AS OF n``, aliases kept.

    Names of common table expressions stay. Nothing is registered, so a lost session loses nothing.
    `:name` becomes a typed literal of the tree: Delta's parser drops the parameters that Spark would bind
    (UNBOUND_SQL_PARAMETER, measured with Spark 4.2.0 and Delta 4.4.0).
    Raises LakeError for a reference that names a version itself or is sampled, and for a parameter without a value.
    """
    tree = parse(query, "spark", "SQL") if isinstance(query, str) else query.copy()
    _fill(tree, parameters)
    found = references(tree)
    _shorten_columns(tree, found)
    for reference in found:
        if reference.args.get("version"):
            raise LakeError(f"{'.'.join(parts(reference))}: names a version. Expected the run to choose it.")
        if reference.args.get("sample"):
            raise LakeError(f"{'.'.join(parts(reference))}: TABLESAMPLE differs each time. Expected a condition.")
        reference.replace(_pinned(reference, root, resolve(reference)))
    return str(tree.sql(dialect="spark"))


def _fill(tree: exp.Query, parameters: Mapping[str, dt.date]) -> None:
    """Put each parameter's value in its place."""
    for placeholder in list(tree.find_all(exp.Placeholder)):
        if placeholder.name not in parameters:
            raise LakeError(f":{placeholder.name}: has no value. Expected one of {', '.join(parameters) or 'none'}.")
        literal = exp.Literal.string(parameters[placeholder.name].isoformat())
        placeholder.replace(exp.cast(literal, exp.DataType.Type.DATE))


def _shorten_columns(tree: exp.Query, found: list[exp.Table]) -> None:
    """Spell `layer.name.column` as `name.column`: the reference keeps only its last name, as its alias."""
    unaliased = {parts(reference) for reference in found if not reference.alias}
    for column in tree.find_all(exp.Column):
        qualifier = tuple(part.name.lower() for part in column.parts[:-1])
        if len(qualifier) > 1 and qualifier in unaliased:
            for outer in ("catalog", "db"):
                column.set(outer, None)


def _pinned(reference: exp.Table, root: Path, at: TableVersion) -> exp.Table:
    """Give the reference that reads one version of a path under the same alias."""
    alias = reference.args.get("alias") or exp.TableAlias(this=exp.to_identifier(reference.name))
    pinned = exp.Table(
        this=exp.Identifier(this=str(root / at.path), quoted=True),
        db=exp.Identifier(this="delta", quoted=False),
        version=exp.Version(this="VERSION", kind="AS OF", expression=exp.Literal.number(at.version)),
        alias=alias,
    )
    for name in KEPT:
        if reference.args.get(name):
            pinned.set(name, reference.args[name])
    return pinned
