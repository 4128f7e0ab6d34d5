"""The documented checks of a promotion: what the merged whole would leave without what it reads.

Segments and campaigns, of which the documents check one more thing (a segment in a scheduled campaign), are no
resources here yet; a campaign that is scheduled would stand beside `_senders`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cdp_assets.config.catalog import Table
from cdp_assets.config.resources import kind_of
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.plan import Check, Severity
from cdp_assets.environments.sql_mistakes import SqlMistake, sql_mistakes
from cdp_assets.errors import ConfigError
from cdp_assets.names import DATABASE_PREFIX, TableName, sql_file

COURIER, EXPORT, TABLE, FIELD, TYPE, SCHEDULED, UNSCHEDULED, OTHER = PROMOTION_CHECKS = (
    "courier_input",
    "export_table",
    "database_table",
    "database_field",
    "database_type",
    "scheduled_query",
    "unscheduled_query",
    "configuration",
)
OF_FOLDER: Mapping[str, str] = {
    "couriers": COURIER,
    "orchestrations": EXPORT,
    "data_templates": EXPORT,
    "databases": TABLE,
    "custom_domain_tables": TABLE,
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
    return Check(check, address, f"{mistake.where}: {mistake.problem}. Expected {mistake.expected}")


def promotion_checks(before: Tenant | None, target: Tenant, changed: Collection[TableName]) -> list[Check]:
    """Give what SQL would read and not find, and where it would put types together that do not fit.

    Args:
        before: What production runs; a type that does not fit there already is not found again.
        target: A valid tenant, which it would run.
        changed: The tables whose fingerprint is another one.
    """
    return [_found(target, table, mistakes) for table, mistakes in sql_mistakes(before, target, changed)]


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


def _senders(tenant: Tenant, query: str) -> list[str]:
    """Give the orchestrations that send a query's result by themselves."""
    return sorted(one.name for one in tenant.orchestrations.values() if one.query == query and one.mode == "automatic")
