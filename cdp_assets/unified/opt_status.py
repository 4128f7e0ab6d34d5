"""SQL of Email Opt Status and SMS Opt Status: who may be written to where."""

from __future__ import annotations

from cdp_assets.config.tagged import tagged_tables
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.tagged_rows import Kinds, chosen

EMAIL: Kinds = {
    "brand": "STRING",
    "email": "STRING",
    "email_frequency": "STRING",
    "email_program": "STRING",
    "is_email_opted_in": "BOOLEAN",
    "language_preference": "STRING",
    "region": "STRING",
}
"""The documented columns of an e-mail's choice."""
SMS: Kinds = {
    "brand": "STRING",
    "is_sms_opted_in": "BOOLEAN",
    "language_preference": "STRING",
    "phone": "STRING",
    "region": "STRING",
    "sms_frequency": "STRING",
    "sms_program": "STRING",
}
"""The documented columns of a phone's choice."""
PHONE_DIGITS = 10
"""Digits by which phones are compared: a country code in front is not always told."""


def email_opt_status_sql(tenant: Tenant) -> str:
    """Give every choice of every table tagged `email-opt/…`, once for each person whose records hold the e-mail.

    A mailbox that nobody holds has no id. Letter case and blanks around do not tell mailboxes apart.
    """
    return _choices(tenant, "email-opt", EMAIL, "LOWER(TRIM({}.email))")


def sms_opt_status_sql(tenant: Tenant) -> str:
    """Give every choice of every table tagged `sms-opt/…`, once for each person whose records hold the phone.

    Phones are compared by their last ten digits.
    """
    return _choices(tenant, "sms-opt", SMS, f"RIGHT(REGEXP_REPLACE({{}}.phone, '[^0-9]', ''), {PHONE_DIGITS})")


def _choices(tenant: Tenant, family: str, kinds: Kinds, compared: str) -> str:
    selects = [",\n  ".join(chosen(one, kinds)) for one in tagged_tables(tenant, family)]
    tables = [one.table for one in tagged_tables(tenant, family)]
    union = "\nUNION ALL\n".join(
        f"SELECT\n  {columns}\nFROM {table} AS t" for columns, table in zip(selects, tables, strict=True)
    )
    columns = ",\n  ".join(f"c.{name}" for name in kinds)
    return f"""WITH choices AS (
{union}
),
holders AS (
SELECT DISTINCT amperity_id, {compared.format("r")} AS place
FROM unified.unified_coalesced AS r
WHERE {compared.format("r")} <> ''
)
SELECT
  h.amperity_id,
  {columns}
FROM choices AS c
LEFT JOIN holders AS h ON h.place = {compared.format("c")}"""
