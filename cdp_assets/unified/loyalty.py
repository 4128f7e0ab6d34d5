"""SQL of Unified Loyalty and Unified Loyalty Events."""

from __future__ import annotations

from cdp_assets.config.tagged import tagged_tables
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.tagged_rows import Kinds, chosen, owned

LOYALTY: Kinds = {
    "birthdate": "DATE",
    "current_balance": "BIGINT",
    "current_balance_expiration_datetime": "TIMESTAMP",
    "current_tier": "STRING",
    "current_tier_expiration_datetime": "TIMESTAMP",
    "current_tier_start_datetime": "TIMESTAMP",
    "email": "STRING",
    "is_opted_in": "BOOLEAN",
    "latest_opt_out_datetime": "TIMESTAMP",
    "latest_opted_in_datetime": "TIMESTAMP",
    "latest_update_datetime": "TIMESTAMP",
    "lifetime_balance": "BIGINT",
    "loyalty_id": "STRING",
    "next_tier": "STRING",
    "sign_up_channel": "STRING",
    "sign_up_method": "STRING",
    "spend_to_keep_tier": "DECIMAL(38, 2)",
    "spend_to_next_tier": "DECIMAL(38, 2)",
}
"""The documented columns of a membership."""
EVENT: Kinds = {
    "accrual_amount": "BIGINT",
    "accrual_datetime": "TIMESTAMP",
    "award_id": "STRING",
    "current_point_balance": "BIGINT",
    "current_tier": "STRING",
    "email": "STRING",
    "event_datetime": "TIMESTAMP",
    "event_description": "STRING",
    "event_type": "STRING",
    "expiration_datetime": "TIMESTAMP",
    "loyalty_id": "STRING",
    "order_datetime": "TIMESTAMP",
    "order_id": "STRING",
    "previous_point_balance": "BIGINT",
    "previous_tier": "STRING",
    "redemption_amount": "DECIMAL(38, 2)",
    "redemption_datetime": "TIMESTAMP",
    "reservation_datetime": "TIMESTAMP",
    "reservation_id": "STRING",
    "tier_end_datetime": "TIMESTAMP",
    "tier_start_datetime": "TIMESTAMP",
}
"""The documented columns of an event."""
RENAMED = {"loy-event/current-balance": "current_point_balance"}
"""Tag -> the column that the documents show it as."""


def loyalty_sql(tenant: Tenant) -> str:
    """Give every membership of every table tagged `loy/…`, with its person."""
    return _union(tenant, "loy", LOYALTY)


def loyalty_events_sql(tenant: Tenant) -> str:
    """Give every event of every table tagged `loy-event/…`, with its person."""
    return _union(tenant, "loy-event", EVENT)


def _union(tenant: Tenant, family: str, kinds: Kinds) -> str:
    return owned(tenant, tagged_tables(tenant, family), lambda one: chosen(one, kinds, RENAMED))
