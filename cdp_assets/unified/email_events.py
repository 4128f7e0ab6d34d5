"""SQL of Unified Email Events: what became of each e-mail that was sent."""

from __future__ import annotations

from cdp_assets.config.tagged import tagged_tables
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.tagged_rows import Kinds, chosen, record_key

EVENT: Kinds = {
    "brand": "STRING",
    "email": "STRING",
    "event_datetime": "TIMESTAMP",
    "event_type": "STRING",
    "region": "STRING",
    "send_id": "STRING",
    "campaign_id": "STRING",
    "campaign_name": "STRING",
    "treatment_id": "STRING",
    "treatment_name": "STRING",
}
"""The documented columns of an event, and those of the tags that no document shows as one."""


def email_events_sql(tenant: Tenant) -> str:
    """Give every event of every table tagged `email-event/…`: datasource, pk, then the columns of its tags."""
    parts = []
    for one in tagged_tables(tenant, "email-event"):
        key = f"'{one.datasource}' AS datasource,\n  {record_key(one)} AS pk"
        columns = ",\n  ".join(chosen(one, EVENT))
        parts.append(f"SELECT\n  {key},\n  {columns}\nFROM {one.table} AS t")
    return "\nUNION ALL\n".join(parts)
