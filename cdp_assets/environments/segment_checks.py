"""Whether the attributes of segments and campaigns exist, and types fit operators; looked at without any data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from cdp_assets.config.campaign import Campaign
from cdp_assets.config.known import nearest_known
from cdp_assets.config.segment import Rule, Segment
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.yaml_file import Path_
from cdp_assets.environments.column_types import UNKNOWN, Types
from cdp_assets.environments.columns import Columns, columns_of
from cdp_assets.environments.lineage import UnclearError
from cdp_assets.errors import ConfigError
from cdp_assets.names import TableName, database_layer

Place = Callable[..., str]
ID = "amperity_id"
FAMILIES = (
    ("number", exp.DataType.NUMERIC_TYPES),
    ("text", exp.DataType.TEXT_TYPES),
    ("time", exp.DataType.TEMPORAL_TYPES),
    ("boolean", {exp.DataType.Type.BOOLEAN}),
)
"""Family -> the types that belong to it."""


@dataclass(frozen=True)
class Misfit:
    """What is wrong with a segment or a campaign: where in its file, what, and what would be right."""

    path: Path_
    problem: str
    expected: str


def misfit_attributes(tenant: Tenant, where: Place) -> list[ConfigError]:
    """Give a mistake for each attribute of a segment or campaign that is absent or of another type, with its place."""
    columns = columns_of(tenant)
    types = Types(columns)
    found = [("segments", one.name, list(misfits(one, columns, types))) for one in tenant.segments.values()]
    found += [("campaigns", one.name, list(absent_attributes(one, columns))) for one in tenant.campaigns.values()]
    return [
        ConfigError(where(kind, name, *one.path), one.problem, one.expected)
        for kind, name, several in found
        for one in several
    ]


def misfits(segment: Segment, columns: Columns, types: Types) -> Iterator[Misfit]:
    """Give everything in a segment that its database cannot answer; what cannot be told is no misfit."""
    for table in segment.tables:
        known = _known(segment.database, table, columns)
        if known is not None and ID not in known:
            path = next((path for path, rule in segment.rules.placed(("rules",)) if rule.table == table), ("people",))
            expected = f"a table with {ID}"
            yield Misfit(("people",) if table == segment.people else path, f"{table} is not about people", expected)
    for path, rule in segment.rules.placed(("rules",)):
        known = _known(segment.database, rule.table, columns)
        if known is not None and rule.column not in known:
            nearest = nearest_known(rule.column, known)
            yield Misfit((*path, "attribute"), f"{rule.attribute} is no column of its table", nearest)
        elif known is not None:
            yield from _of_type(segment, rule, path, types)


def absent_attributes(campaign: Campaign, columns: Columns) -> Iterator[Misfit]:
    """Give the columns that a campaign would send and that are not there, or that nobody's id stands beside."""
    for path, _, _, delivery in campaign.deliveries():
        for index, attribute in enumerate(delivery.attributes):
            table, _, column = attribute.partition(".")
            known = _known(campaign.database, table, columns)
            for wanted in (ID, column):
                if known is not None and wanted not in known:
                    nearest = nearest_known(wanted, known)
                    yield Misfit((*path, "attributes", index), f"{wanted} is no column of {table}", nearest)


def _known(database: str, table: str, columns: Columns) -> tuple[str, ...] | None:
    """Give a table's columns, or nothing where they cannot be told."""
    try:
        return columns.of(TableName(database_layer(database), table))
    except UnclearError:
        return None


def _of_type(segment: Segment, rule: Rule, path: Path_, types: Types) -> Iterator[Misfit]:
    try:
        kind = types.of(TableName(database_layer(segment.database), rule.table)).get(rule.column, UNKNOWN)
    except UnclearError:
        return
    family = family_of(kind)
    if family is not None and rule.families and family not in rule.families:
        problem = f"{rule.operator} on {rule.attribute}, a {family}"
        yield Misfit((*path, "operator"), problem, f"an attribute that is a {' or a '.join(rule.families)}")


def family_of(kind: str) -> str | None:
    """Give the family of a Spark type, the type itself where it belongs to none, nothing where it is not known.

    >>> family_of("DECIMAL(38, 2)"), family_of("ARRAY<STRING>"), family_of("UNKNOWN")
    ('number', 'array', None)
    """
    found = exp.DataType.build(kind, dialect="spark") if kind != UNKNOWN else None
    if found is None or found.this in (exp.DataType.Type.UNKNOWN, exp.DataType.Type.NULL):
        return None
    return next((family for family, kinds in FAMILIES if found.this in kinds), found.this.value.lower())
