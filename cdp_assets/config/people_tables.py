"""The unified tables about people: which of them a tenant has, and what each is made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cdp_assets.config.merge_policy import MergePolicy
from cdp_assets.config.tagged import tagged_tables
from cdp_assets.config.tenant import Tenant
from cdp_assets.names import TableName

COALESCED = TableName("unified", "unified_coalesced")
CUSTOMER = TableName("unified", "unified_customer")
EMAILS = TableName("unified", "email_ampid_assignment")
MERGED = TableName("unified", "merged_customers")
PROFILES = TableName("unified", "unified_profiles")
HOUSEHOLDS = TableName("unified", "merged_households")
LOYALTY = TableName("unified", "unified_loyalty")
LOYALTY_EVENTS = TableName("unified", "unified_loyalty_events")
EMAIL_OPT = TableName("unified", "email_opt_status")
SMS_OPT = TableName("unified", "sms_opt_status")
EMAIL_EVENTS = TableName("unified", "unified_email_events")
ENGAGEMENT_SUMMARY = TableName("unified", "email_engagement_summary")
ENGAGEMENT = TableName("unified", "email_engagement_attributes")
BUYERS = TableName("unified", "transaction_attributes_extended")
PREPROCESSED = TableName("stitch", "unified_preprocessed_raw")
OF_PEOPLE = (
    ("loy", LOYALTY, "Every loyalty membership, with its person."),
    ("loy-event", LOYALTY_EVENTS, "What members earned, spent and became, with the person of each."),
    ("email-opt", EMAIL_OPT, "Which e-mails may be written to, once for each person who has one."),
    ("sms-opt", SMS_OPT, "Which phones may be written to, once for each person who has one."),
)
"""Family of tags -> the table of its rows, each with a person."""


@dataclass(frozen=True)
class PeopleTable:
    """A table that every tenant with people has, or one whose feeds carry the tags that it needs."""

    name: TableName
    inputs: tuple[TableName, ...]
    description: str
    definition: MergePolicy | None = None
    """The resource that decides on its rows beside the tags."""


def people_tables(tenant: Tenant) -> Iterator[PeopleTable]:
    """Give the tables that are made from Unified Coalesced, whatever the tenant's records say."""
    policy = tenant.merge_policy
    yield PeopleTable(CUSTOMER, (COALESCED,), "Every record with its person's id, without Stitch's diagnostics.")
    yield PeopleTable(EMAILS, (COALESCED,), "The one e-mail that is best for a person who is best for it.", policy)
    merged = "One row per person with the best value of each field, and its source."
    yield PeopleTable(MERGED, (COALESCED, EMAILS), merged, policy)
    profiles = "One row per person and brand with the best of the brand's records."
    yield PeopleTable(PROFILES, (COALESCED,), profiles, policy)
    compared = () if tenant.stitch.is_one_to_one else (COALESCED, PREPROCESSED)
    yield PeopleTable(HOUSEHOLDS, (MERGED, *compared), "Who shares a surname and an address.")
    for family, name, description in OF_PEOPLE:
        if tables := _tables(tenant, family):
            yield PeopleTable(name, (*tables, COALESCED), description)


def email_tables(tenant: Tenant, *, has_people: bool, has_orders: bool) -> Iterator[PeopleTable]:
    """Give the tables about e-mails that were sent; only the last needs to know whose mailbox is whose."""
    events, told = _tables(tenant, "email-event"), _tables(tenant, "email-summary")
    if events:
        yield PeopleTable(EMAIL_EVENTS, events, "What became of each e-mail that was sent.")
    if events or told:
        counted = (EMAIL_EVENTS,) if events else ()
        yield PeopleTable(ENGAGEMENT_SUMMARY, (*counted, *told), "One row per brand and mailbox: how it answers.")
    if has_people and (events or told):
        bought = (BUYERS,) if has_orders else ()
        description = "One row per person and brand: how the person answers e-mails."
        yield PeopleTable(ENGAGEMENT, (ENGAGEMENT_SUMMARY, MERGED, *bought), description)


def _tables(tenant: Tenant, family: str) -> tuple[TableName, ...]:
    return tuple(one.table for one in tagged_tables(tenant, family))
