"""The unified tables about people, and what each is made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cdp_assets.config.merge_policy import MergePolicy
from cdp_assets.config.tenant import Tenant
from cdp_assets.names import TableName

COALESCED = TableName("unified", "unified_coalesced")
CUSTOMER = TableName("unified", "unified_customer")
EMAILS = TableName("unified", "email_ampid_assignment")
MERGED = TableName("unified", "merged_customers")
PROFILES = TableName("unified", "unified_profiles")


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
    yield PeopleTable(
        PROFILES, (COALESCED,), "One row per person and brand with the best of the brand's records.", policy
    )
