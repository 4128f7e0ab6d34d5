"""The documented checks of a promotion: what the merged whole would leave without what it reads.

Segments and campaigns, of which the documents check one more thing (a segment in a scheduled campaign), are no
resources here yet; a campaign that is scheduled would stand beside `_senders`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from cdp_assets.config.catalog import Table
from cdp_assets.config.feed import Feed
from cdp_assets.config.resources import kind_of
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.column_types import Types
from cdp_assets.environments.columns import columns_of
from cdp_assets.environments.lineage import UnclearError, missing_columns
from cdp_assets.environments.plan import Check, Severity
from cdp_assets.errors import ConfigError
from cdp_assets.names import DATABASE_PREFIX, TableName

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
    checking = _Checking(before, target)
    return [
        check for table in checking.columns.catalog.ordered() if table.name in changed for check in checking.of(table)
    ]


class _Checking:
    """One target being looked at."""

    def __init__(self, before: Tenant | None, target: Tenant) -> None:
        self._target = target
        self.columns = columns_of(target)
        self._types = Types(self.columns)
        self._was = columns_of(before) if before is not None else None
        self._types_before = Types(self._was) if self._was is not None else None
        self._moved: set[TableName] = set()
        """Tables that have not the columns, or not the types, that they had."""

    def of(self, table: Table) -> Iterator[Check]:
        """Give the findings about one table or query, its inputs' first."""
        if not self._may_differ(table):
            return
        if self._differs(table):
            self._moved.add(table.name)
        if table.sql is None:
            return
        if missing := self._missing(table):
            shown = ", ".join(missing[:MOST_SHOWN])
            more = f" and {len(missing) - MOST_SHOWN} more" if len(missing) > MOST_SHOWN else ""
            expected = "a column of what it reads, or its SQL without it"
            yield self._check(table, FIELD, f"reads {shown}{more}, which would not be there. Expected {expected}")
        elif clashes := self._clashes(table):
            expected = "types that fit, or a CAST"
            yield self._check(table, TYPE, f"{'; '.join(clashes[:MOST_SHOWN])}. Expected {expected}")

    def _may_differ(self, table: Table) -> bool:
        """Say whether a table's columns or types may be others: unchanged SQL over unchanged ones has its own."""
        old = self._was.catalog.tables.get(table.name) if self._was is not None else None
        if old is None or old.inputs != table.inputs or old.sql != table.sql:
            return True
        if isinstance(old.definition, Feed) and isinstance(table.definition, Feed):
            return [(one.name, one.type) for one in old.definition.fields] != [
                (one.name, one.type) for one in table.definition.fields
            ]
        cut = table.kind in ("stitch", "unified")  # they cast what they read to documented types
        return not cut and any(name in self._moved for name in table.inputs)

    def _differs(self, table: Table) -> bool:
        """Say whether a table's columns or types are others; one that is new has no readers that stay as they are."""
        before = self._before(table)
        try:
            return before is not None and self._types.of(table.name) != before.of(table.name)
        except UnclearError:
            return True

    def _check(self, table: Table, check: str, message: str) -> Check:
        severity: Severity = "error"
        address = f"{table.kind}.{table.name.name}"
        if table.kind == "query":
            senders = _senders(self._target, table.name.name)
            check, severity = (SCHEDULED, "error") if senders else (UNSCHEDULED, "warning")
            message += f"; {', '.join(senders)} sends it after every full run" if senders else ""
        elif table.kind == "database":
            address = f"database_table.{table.name.layer.removeprefix(DATABASE_PREFIX)}.{table.name.name}"
        elif table.kind == "custom":
            address = f"custom_domain_table.{table.name.name}"
        return Check(check, address, message, severity)

    def _missing(self, table: Table) -> list[str]:
        """Give the columns that a table's SQL reads and that no input has."""
        try:
            return sorted(missing_columns(self.columns.shape(table.name), self.columns.of))
        except UnclearError as error:
            return list(error.columns)

    def _clashes(self, table: Table) -> list[str]:
        found = self._types.clashes(table.name)
        before = self._before(table)
        known = before.clashes(table.name) if found and before is not None else []
        return [clash for clash in found if clash not in known]

    def _before(self, table: Table) -> Types | None:
        """Give the types that production runs with, where it has the table."""
        there = self._was is not None and table.name in self._was.catalog.tables
        return self._types_before if there else None


def _senders(tenant: Tenant, query: str) -> list[str]:
    """Give the orchestrations that send a query's result by themselves."""
    return sorted(one.name for one in tenant.orchestrations.values() if one.query == query and one.mode == "automatic")
