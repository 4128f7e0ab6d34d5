"""The actions, for whoever asks leave, and which of them the changes of a plan need."""

from __future__ import annotations

from collections.abc import Iterable

from cdp_assets.config import actions
from cdp_assets.config.actions import *  # noqa: F403 - the one list of names, which the config's rules need as well

EDITS = {
    "courier": actions.SOURCE_EDIT,
    "courier_group": actions.SOURCE_EDIT,
    "feed": actions.SOURCE_EDIT,
    "ingest_query": actions.SOURCE_EDIT,
    "custom_domain_table": actions.SOURCE_EDIT,
    "stitch": actions.STITCH_EDIT,
    "merge_policy": actions.STITCH_EDIT,
    "database": actions.DATABASE_EDIT,
    "database_table": actions.DATABASE_EDIT,
    "query": actions.QUERY_EDIT,
    "segment": actions.SEGMENT_EDIT,
    "campaign": actions.CAMPAIGN_EDIT,
    "data_export": actions.ORCHESTRATION_EDIT,
    "orchestration": actions.ORCHESTRATION_EDIT,
    "orchestration_group": actions.ORCHESTRATION_EDIT,
    "destination": actions.DESTINATION_EDIT,
    "data_template": actions.DESTINATION_EDIT,
    "alert": actions.TENANT_EDIT,
    "credential": actions.CREDENTIAL_EDIT,
    "user": actions.USER_ADMINISTER,
    "policy": actions.USER_ADMINISTER,
    "resource_group": actions.USER_ADMINISTER,
}
"""Kind of resource -> the action that changes one; any other kind is the tenant's own settings."""


def actions_of_changes(addresses: Iterable[str], *, promoting: bool = False) -> set[str]:
    """Give the actions that a plan's changed resources need beside the plan's own, such as `environment:apply`.

    A promotion needs none for what `sandbox:promote` is there to bring; users and policies it never brings along.

    >>> sorted(actions_of_changes(["query.buyers", "user.ann", "policy.x"]))
    ['query:edit', 'user:administer']
    >>> actions_of_changes(["feed.ecom_customers", "user.ann"], promoting=True)
    {'user:administer'}
    """
    needed = {EDITS.get(address.partition(".")[0], actions.TENANT_EDIT) for address in addresses}
    return needed & {actions.USER_ADMINISTER} if promoting else needed
