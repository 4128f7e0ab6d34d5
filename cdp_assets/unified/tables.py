"""Which builder makes which unified table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cdp_assets.config import catalog, people_tables
from cdp_assets.config.tenant import Tenant
from cdp_assets.names import TableName
from cdp_assets.unified.attributes import attributes_sql
from cdp_assets.unified.email_events import email_events_sql
from cdp_assets.unified.emails import email_assignment_sql
from cdp_assets.unified.engagement import engagement_sql, summary_sql
from cdp_assets.unified.fiscal import calendar_sql
from cdp_assets.unified.households import households_sql
from cdp_assets.unified.itemized import itemized_sql
from cdp_assets.unified.loyalty import loyalty_events_sql, loyalty_sql
from cdp_assets.unified.merged import merged_sql, profiles_sql
from cdp_assets.unified.opt_status import email_opt_status_sql, sms_opt_status_sql
from cdp_assets.unified.people import coalesced_sql, customer_sql
from cdp_assets.unified.products import catalog_sql
from cdp_assets.unified.transactions import transactions_sql

BUILDERS: Mapping[TableName, Callable[[Tenant], str]] = {
    people_tables.COALESCED: coalesced_sql,
    people_tables.CUSTOMER: customer_sql,
    people_tables.MERGED: merged_sql,
    people_tables.EMAILS: email_assignment_sql,
    people_tables.PROFILES: profiles_sql,
    people_tables.HOUSEHOLDS: households_sql,
    people_tables.LOYALTY: loyalty_sql,
    people_tables.LOYALTY_EVENTS: loyalty_events_sql,
    people_tables.EMAIL_OPT: email_opt_status_sql,
    people_tables.SMS_OPT: sms_opt_status_sql,
    people_tables.EMAIL_EVENTS: email_events_sql,
    people_tables.ENGAGEMENT_SUMMARY: summary_sql,
    people_tables.ENGAGEMENT: engagement_sql,
    catalog.ITEMIZED: itemized_sql,
    catalog.TRANSACTIONS: transactions_sql,
    catalog.ATTRIBUTES: attributes_sql,
    catalog.CATALOG: catalog_sql,
    catalog.FISCAL_CALENDAR: calendar_sql,
}
"""Every unified table but unified_scores, which Stitch itself writes."""


def unified_sql(tenant: Tenant, table: TableName) -> str:
    """Give a unified table's Spark SQL: references are `layer.name`, the business date is `:business_date`."""
    return BUILDERS[table](tenant)
