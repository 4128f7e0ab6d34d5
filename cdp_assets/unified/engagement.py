"""SQL of Email Engagement Summary and Attributes: how mailboxes and people answer e-mails, as of the business date."""

from __future__ import annotations

from collections.abc import Sequence

from cdp_assets.config.catalog import feeds_of_family
from cdp_assets.config.tagged import TaggedTable, tagged_tables
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.tagged_rows import Kinds, chosen

DAYS = (1, 3, 5, 7, 14, 30)
MONTHS = (3, 6, 9, 12)
STATUS_MONTHS = 15
NEW_BELOW = 5
"""Who has received fewer e-mails than this in the months of the status is new."""
OFTEN, SOMETIMES = "0.5", "0.1"
"""Shares of the received e-mails that were opened or clicked from which on a frequency is high, or medium."""
AS_OF = "event_datetime < DATE_ADD(:business_date, 1)"
ANSWERS = {"clicks": "'Click'", "opens": "'Open'"}
"""What is counted per window, and the documented type of its events."""
SINCE = {f"{days}_day": f"DATE_SUB(:business_date, {days})" for days in DAYS} | {
    f"{months}_months": f"ADD_MONTHS(:business_date, -{months})" for months in MONTHS
}
"""Window -> its first day."""
FIRST = {"click": "'Click'", "open": "'Open'", "send": "'Sent'"}
LATEST = {
    "bounce": "'Bounce'", "click": "'Click'", "open": "'Open'", "optin": "'Optin'", "optout": "'Unsubscribe'",
    "send": "'Sent'",
}  # fmt: skip
"""Datetime column -> the type of the events whose first or latest it tells."""
COUNTS: Kinds = {
    f"email_{what}_{window}": "BIGINT"
    for what in ANSWERS
    for window in (*(f"last_{window}" for window in SINCE), "lifetime")
}
RATES: Kinds = {"email_click_rate_lifetime": "DECIMAL(38, 4)", "email_open_rate_lifetime": "DECIMAL(38, 4)"}
CLASSES: Kinds = dict.fromkeys(("engagement_frequency_last_15_months", "engagement_status_last_15_months"), "STRING")
DATES: Kinds = dict.fromkeys(
    (
        *(f"first_email_{what}_datetime" for what in FIRST),
        *(f"most_recent_email_{what}_datetime" for what in LATEST),
        "most_recent_email_open_or_click_datetime",
    ),
    "TIMESTAMP",
)
SUMMARY: Kinds = {"brand": "STRING", "email": "STRING", "region": "STRING", **COUNTS, **RATES, **CLASSES, **DATES}
"""The documented columns of a mailbox's summary, and its region."""
RENAMED = {"email-summary/most-recent-bounce-datetime": "most_recent_email_bounce_datetime"} | {
    f"email-summary/email-{what}-last-{days}-days": f"email_{what}_last_{days}_day" for what in ANSWERS for days in DAYS
}
"""Tag -> the column that the documents show it as."""


def summary_sql(tenant: Tenant) -> str:
    """Give one row per brand and mailbox: clicks and opens per window, rates, status, first and latest events.

    Events after the business date do not count. A mailbox without events has the row of a table tagged
    `email-summary/…`, where there is one.
    """
    told = "\nUNION ALL\n".join(_told(one) for one in tagged_tables(tenant, "email-summary"))
    if not tagged_tables(tenant, "email-event"):
        return told
    columns = ",\n  ".join(SUMMARY)
    counted = f"WITH events AS (\n{_events()}\n),\nanswered AS (\n{_answered()}\n),\ncounted AS (\n{_counted()}\n)"
    if not told:
        return f"{counted}\nSELECT\n  {columns}\nFROM counted"
    return f"""{counted},
told AS (
{told}
)
SELECT
  {columns}
FROM counted
UNION ALL
SELECT
  {columns}
FROM told AS s
WHERE NOT EXISTS (SELECT 1 FROM counted AS c WHERE c.brand <=> s.brand AND c.email = s.email)"""


def engagement_sql(tenant: Tenant) -> str:
    """Give one row per person and brand: the summary of the person's e-mail in Merged Customers, and the way to buy.

    Who signed up is who has a latest opt-in; `signup_to_purchase_days` is negative for who bought before.
    """
    with_orders = bool(feeds_of_family(tenant, "txn-item"))
    columns = [f"s.{name}" for name in SUMMARY if name not in RATES and not name.endswith("_lifetime")]
    columns.remove("s.most_recent_email_open_or_click_datetime")
    columns.remove("s.region")
    first = "b.first_order_datetime" if with_orders else "CAST(NULL AS TIMESTAMP)"
    orders = "\nLEFT JOIN unified.transaction_attributes_extended AS b ON b.amperity_id = m.amperity_id"
    lines = ",\n  ".join(columns)
    return f"""SELECT
  m.amperity_id,
  {lines},
  {first} < s.most_recent_email_optin_datetime AS purchase_before_signup,
  DATEDIFF({first}, s.most_recent_email_optin_datetime) AS signup_to_purchase_days
FROM unified.email_engagement_summary AS s
JOIN unified.merged_customers AS m ON LOWER(TRIM(m.email)) = s.email{orders if with_orders else ""}"""


def _told(table: TaggedTable) -> str:
    columns = [
        f"LOWER(TRIM({one.removesuffix(' AS email')})) AS email" if one.endswith(" AS email") else one
        for one in chosen(table, SUMMARY, RENAMED)
    ]
    return f"SELECT\n  {_lines(columns)}\nFROM {table.table} AS t"


def _events() -> str:
    """Spell the events that count; `is_recent` says that one is of the months of the status."""
    return f"""SELECT
  brand,
  LOWER(TRIM(email)) AS email,
  region,
  event_type,
  event_datetime,
  send_id,
  event_datetime >= ADD_MONTHS(:business_date, -{STATUS_MONTHS}) AS is_recent
FROM unified.unified_email_events
WHERE TRIM(email) <> '' AND {AS_OF}"""


def _answered() -> str:
    """Spell what is counted of each mailbox; `received` and `answered` are of the months of the status."""
    counts = [
        f"COUNT(*) FILTER (WHERE event_type = {kind} AND event_datetime >= {first}) AS email_{what}_last_{window}"
        for what, kind in ANSWERS.items()
        for window, first in SINCE.items()
    ]
    counts += [
        f"COUNT(*) FILTER (WHERE event_type = {kind}) AS email_{what}_lifetime" for what, kind in ANSWERS.items()
    ]
    dates = [
        f"MIN(event_datetime) FILTER (WHERE event_type = {kind}) AS first_email_{what}_datetime"
        for what, kind in FIRST.items()
    ]
    dates += [
        f"MAX(event_datetime) FILTER (WHERE event_type = {kind}) AS most_recent_email_{what}_datetime"
        for what, kind in LATEST.items()
    ]
    aggregates = [
        "MAX_BY(region, STRUCT(event_datetime, region)) FILTER (WHERE region IS NOT NULL) AS region",
        *counts,
        "COUNT(*) FILTER (WHERE event_type = 'Sent') AS sent",
        "COUNT(*) FILTER (WHERE is_recent AND event_type = 'Sent') AS received",
        "SIZE(COLLECT_SET(send_id) FILTER (WHERE is_recent AND event_type IN ('Open', 'Click'))) AS answered",
        *dates,
    ]
    return f"SELECT\n  brand,\n  email,\n  {_lines(aggregates)}\nFROM events\nGROUP BY brand, email"


def _counted() -> str:
    """Spell a mailbox's row: counts as they are, rates of what was ever sent, and the two classes."""
    latest = "GREATEST(most_recent_email_open_datetime, most_recent_email_click_datetime)"
    made = {
        "email_click_rate_lifetime": _rate("email_clicks_lifetime"),
        "email_open_rate_lifetime": _rate("email_opens_lifetime"),
        "engagement_frequency_last_15_months": _frequency(),
        "engagement_status_last_15_months": _status(),
        "most_recent_email_open_or_click_datetime": latest,
    }
    columns = [f"{made[name]} AS {name}" if name in made else name for name in SUMMARY]
    return f"SELECT\n  {_lines(columns)}\nFROM answered"


def _rate(count: str) -> str:
    return f"CAST(ROUND({count} / NULLIF(sent, 0), 4) AS DECIMAL(38, 4))"


def _status() -> str:
    return (
        f"CASE WHEN received = 0 THEN 'Non-recipient' WHEN received < {NEW_BELOW} THEN 'New'"
        " WHEN answered > 0 THEN 'Active' ELSE 'Inactive' END"
    )


def _frequency() -> str:
    return (
        f"CASE WHEN received = 0 THEN NULL WHEN answered >= {OFTEN} * received THEN 'High'"
        f" WHEN answered >= {SOMETIMES} * received THEN 'Medium' WHEN answered > 0 THEN 'Low' ELSE 'None' END"
    )


def _lines(expressions: Sequence[str]) -> str:
    return ",\n  ".join(expressions)
