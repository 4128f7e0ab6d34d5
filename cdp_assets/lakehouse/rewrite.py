"""Rewrites every table reference of a query to a path and a version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from sqlglot import exp

from cdp_assets.config.sql import parse, references
from cdp_assets.lakehouse.tables import TableVersion


def bind(
    text: str,
    root: Path,
    resolve: Callable[[exp.Table], TableVersion],
    parameters: Mapping[str, dt.date] = MappingProxyType({}),
) -> str:
    """Give Spark SQL in which each reference is ``delta.`path` VERSION AS OF n``, aliases kept.

    Names of common table expressions stay. Nothing is registered, so a lost session loses nothing.
    `:name` becomes a typed literal of the tree: Delta's parser drops the parameters that Spark would bind
    (UNBOUND_SQL_PARAMETER, measured with Spark 4.2.0 and Delta 4.4.0).
    """
    tree = parse(text, "spark", "a table's SQL")
    for placeholder in list(tree.find_all(exp.Placeholder)):
        if placeholder.name in parameters:
            literal = exp.Literal.string(parameters[placeholder.name].isoformat())
            placeholder.replace(exp.cast(literal, exp.DataType.Type.DATE))
    for reference in references(tree):
        at = resolve(reference)
        alias = reference.alias_or_name
        marker = exp.Table(
            this=exp.Identifier(this=str(root / at.path), quoted=True),
            db=exp.Identifier(this="delta", quoted=False),
            version=exp.Version(this="VERSION", kind="AS OF", expression=exp.Literal.number(at.version)),
            alias=exp.TableAlias(this=exp.to_identifier(alias)),
        )
        for name in ("joins", "laterals", "pivots", "sample"):
            if reference.args.get(name):
                marker.set(name, reference.args[name])
        reference.replace(marker)
    return tree.sql(dialect="spark")
