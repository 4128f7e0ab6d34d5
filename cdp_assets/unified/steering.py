"""SQL of what steers Stitch beside its records: labels, bad values and nicknames."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cdp_assets.config.steering import Purpose, steering_tables
from cdp_assets.config.tagged import TaggedTable
from cdp_assets.config.tenant import Tenant

COLUMNS: Mapping[Purpose, Mapping[str, tuple[str, str]]] = {
    "sl": {
        "sl/label-id": ("label_id", "STRING"),
        "sl/partition-id": ("partition_id", "STRING"),
        "sl/datasource": ("datasource", "STRING"),
        "sl/semantic": ("semantic", "STRING"),
        "sl/value": ("value", "STRING"),
    },
    "blv": {
        "blv/datasource": ("datasource", "STRING"),
        "blv/semantic": ("semantic", "STRING"),
        "blv/value": ("value", "STRING"),
        "blv/is-preprocessed": ("is_preprocessed", "BOOLEAN"),
    },
    "nicknames": {
        "nicknames/canonical-name": ("canonical_name", "STRING"),
        "nicknames/nickname": ("nickname", "STRING"),
        "nicknames/update-type": ("update_type", "STRING"),
    },
}
"""Tag -> the column that Stitch reads, and its type."""


def labels_sql(tenant: Tenant) -> str | None:
    """Give every label: labels_table, label_id, partition_id, datasource, semantic, value; nothing without a table."""
    return _union(tenant, "sl", "labels_table")


def bad_values_sql(tenant: Tenant) -> str | None:
    """Give every listed bad value: listed_in, datasource, semantic, value, is_preprocessed; nothing without a table."""
    return _union(tenant, "blv", "listed_in")


def nicknames_sql(tenant: Tenant) -> str | None:
    """Give what amends the common nicknames: listed_in, canonical_name, nickname, update_type; nothing without one."""
    return _union(tenant, "nicknames", "listed_in")


STEERING: Mapping[str, Callable[[Tenant], str | None]] = {
    "labels": labels_sql,
    "bad_values": bad_values_sql,
    "nicknames": nicknames_sql,
}
"""What a run of Stitch is given beside its records, as `Given` names it -> the SQL that reads it."""


def _union(tenant: Tenant, purpose: Purpose, origin: str) -> str | None:
    parts = [_select(one, purpose, origin) for one in steering_tables(tenant, purpose)]
    return "\nUNION ALL\n".join(parts) or None


def _select(one: TaggedTable, purpose: Purpose, origin: str) -> str:
    columns = [
        f"CAST({one.columns.get(tag, 'NULL')} AS {kind}) AS {name}" for tag, (name, kind) in COLUMNS[purpose].items()
    ]
    chosen = ",\n  ".join([f"'{one.table}' AS {origin}", *columns])
    return f"SELECT\n  {chosen}\nFROM {one.table}"
