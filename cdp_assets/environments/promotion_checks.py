"""The documented checks of a promotion: what the merged whole would leave without what it reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from cdp_assets.config.campaign import Campaign
from cdp_assets.config.catalog import Table
from cdp_assets.config.resources import kind_of
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.column_types import Types
from cdp_assets.environments.columns import columns_of
from cdp_assets.environments.plan import Check, Severity
from cdp_assets.environments.segment_checks import absent_attributes, misfits
from cdp_assets.environments.sql_mistakes import SqlMistake, sql_mistakes
from cdp_assets.errors import ConfigError
from cdp_assets.names import DATABASE_PREFIX, TableName, sql_file

COURIER, EXPORT, TABLE, FIELD, TYPE, SCHEDULED, UNSCHEDULED, SEGMENT, CAMPAIGN, OTHER = PROMOTION_CHECKS = (
    "courier_input",
    "export_table",
    "database_table",
    "database_field",
    "database_type",
    "scheduled_query",
    "unscheduled_query",
    "segment",
    "campaign",
    "configuration",
)
OF_FOLDER: Mapping[str, str] = {
    "couriers": COURIER,
    "orchestrations": EXPORT,
    "orchestration_groups": EXPORT,
    "data_exports": EXPORT,
    "data_templates": EXPORT,
    "databases": TABLE,
    "custom_domain_tables": TABLE,
    "campaigns": CAMPAIGN,
}
"""The check of a mistake in one of a tenant's files; queries are told apart by who sends them."""
MOST_SHOWN = 3


def broken_checks(tenant: Tenant, mistakes: Collection[ConfigError]) -> list[Check]:
    """Give the mistakes of a merged whole that is no valid tenant, as findings of the promotion."""
    return [_of_mistake(tenant, mistake) for mistake in mistakes]


def _of_mistake(tenant: Tenant, mistake: ConfigError) -> Check:
    file = mistake.where.partition(",")[0]
    folder, _, rest = file.removesuffix(".yaml").removesuffix(".sql").partition("/")
    kind = "database_table" if folder == "databases" and "/" in rest else kind_of(folder)
    address = f"{kind}.{rest.replace('/', '.')}" if rest else kind
    check = OF_FOLDER.get(folder, OTHER)
    if folder == "queries":
        check = SCHEDULED if _senders(tenant, rest) else UNSCHEDULED
    if folder == "segments":
        check = CAMPAIGN if _launching(tenant, rest) else SEGMENT
    return Check(check, address, f"{mistake.where}: {mistake.problem}. Expected {mistake.expected}")


def promotion_checks(before: Tenant | None, target: Tenant, changed: Collection[TableName]) -> list[Check]:
    """Give what SQL and segments would read and not find, and where they would put types together that do not fit.

    Args:
        before: What production runs; a type that does not fit there already is not found again.
        target: A valid tenant, which it would run.
        changed: The tables whose fingerprint is another one.
    """
    found = [_found(target, table, mistakes) for table, mistakes in sql_mistakes(before, target, changed)]
    for name in sorted(target.segments):
        if TableName("segment", name) in changed:
            found += _of_segment(target, name)
    for _, campaign in sorted(target.campaigns.items()):
        found += _of_campaign(target, campaign)
    return found


def _of_campaign(target: Tenant, campaign: Campaign) -> Iterator[Check]:
    """Give what a campaign would send and not find."""
    for one in absent_attributes(campaign, columns_of(target)):
        place = f"campaigns/{campaign.name}.yaml, {'.'.join(map(str, one.path))}"
        yield Check(CAMPAIGN, f"campaign.{campaign.name}", f"{place}: {one.problem}. Expected {one.expected}")


def _of_segment(target: Tenant, name: str) -> Iterator[Check]:
    """Give what a segment's database would not answer: an error where a campaign is launched for it by itself."""
    columns = columns_of(target)
    for one in misfits(target.segments[name], columns, Types(columns)):
        message = f"segments/{name}.yaml, {'.'.join(map(str, one.path))}: {one.problem}. Expected {one.expected}"
        if launching := _launching(target, name):
            yield Check(
                CAMPAIGN, f"segment.{name}", f"{message}; {', '.join(launching)} is launched for it by schedule"
            )
        else:
            yield Check(SEGMENT, f"segment.{name}", message, "warning")


def _found(target: Tenant, table: Table, mistakes: list[SqlMistake]) -> Check:
    """Give the finding about one table or query: the documented check, and the mistakes with their places."""
    severity: Severity = "error"
    check = FIELD if mistakes[0].kind == "name" else TYPE
    address = f"{table.kind}.{table.name.name}"
    file, shown = sql_file(table.name), mistakes[:MOST_SHOWN]
    message = "; ".join(f"{file}, line {one.line}, column {one.column}: {one.problem}" for one in shown)
    message += f"; and {len(mistakes) - len(shown)} more" if len(mistakes) > len(shown) else ""
    message += f". Expected {shown[0].expected}"
    if table.kind == "query":
        senders = _senders(target, table.name.name)
        check, severity = (SCHEDULED, "error") if senders else (UNSCHEDULED, "warning")
        message += f"; {', '.join(senders)} sends it after every full run" if senders else ""
    elif table.kind == "database":
        address = f"database_table.{table.name.layer.removeprefix(DATABASE_PREFIX)}.{table.name.name}"
    elif table.kind == "custom":
        address = f"custom_domain_table.{table.name.name}"
    return Check(check, address, message, severity)


def _launching(tenant: Tenant, segment: str) -> list[str]:
    """Give the campaigns that are launched by a schedule and read a segment."""
    active = (one for one in tenant.campaigns.values() if one.status == "active" and one.schedule is not None)
    return sorted(one.name for one in active if segment in one.segments)


def _senders(tenant: Tenant, query: str) -> list[str]:
    """Give the orchestrations that send a query's result by themselves."""
    return sorted(one.name for one in tenant.orchestrations.values() if one.query == query and one.mode == "automatic")
