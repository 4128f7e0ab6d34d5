"""What the standard policies and options allow and deny, after the documented matrix of policies."""

from __future__ import annotations

from cdp_assets.config.policy import (
    AMP360_USER,
    AMPIQ_USER,
    DATAGRID_ADMINISTRATOR,
    DATAGRID_OPERATOR,
    READ_ONLY,
    Statement,
)
from cdp_assets.config.user import SANDBOX_ADMINISTRATION, USER_ADMINISTRATION
from cdp_assets.names import SANDBOX_PREFIX
from cdp_assets.security import actions as to

Statements = tuple[Statement, ...]
SANDBOXES = f"{SANDBOX_PREFIX}*"
LOOK = (to.ENVIRONMENT_PLAN, to.QUERY_RUN, to.PII_VIEW)
AMP360 = (*LOOK, to.ENVIRONMENT_APPLY, to.QUERY_EDIT, to.ORCHESTRATION_EDIT, to.EXPORT_RUN, to.EXPORT_DOWNLOAD)
MARKETING = (to.SEGMENT_EDIT, to.CAMPAIGN_EDIT, to.SEGMENT_EXPLORE, to.CAMPAIGN_LAUNCH)
AMPIQ = (to.ENVIRONMENT_PLAN, to.ENVIRONMENT_APPLY, to.PII_VIEW, to.EXPORT_DOWNLOAD, *MARKETING)
OPERATOR = (
    *AMP360,
    *MARKETING,
    to.ENVIRONMENT_RECOVER,
    to.DESTINATION_EDIT,
    to.CREDENTIAL_EDIT,
    to.SANDBOX_CREATE,
)
ADMINISTRATOR = tuple(action for action in to.ACTIONS if action not in (to.SANDBOX_OPEN, to.SOURCE_DELETE))
"""Without `sandbox:open`, what an administrator may do in sandboxes stays with their own."""
DATA = (to.QUERY_RUN, to.SEGMENT_EXPLORE, to.PII_VIEW, to.EXPORT_RUN, to.CAMPAIGN_LAUNCH, to.EXPORT_DOWNLOAD)
"""Leave to see data, which production gives: a sandbox shares production's."""
INSIDE = (to.SANDBOX_OPEN, *(action for action in ADMINISTRATOR if action not in (*DATA, to.SANDBOX_PROMOTE)))
"""What makes somebody the DataGrid Administrator of a sandbox; promotion is production's to give."""


def _statement(effect: str, *actions: str, on: str = "*") -> Statements:
    return (Statement.model_validate({"effect": effect, "actions": actions, "resources": (on,)}),)


def _allow(*actions: str, on: str = "*") -> Statements:
    return _statement("allow", *actions, on=on)


def _deny(*actions: str) -> Statements:
    return _statement("deny", *actions)


POLICIES: dict[str, Statements] = {
    AMP360_USER: _allow(*AMP360),
    AMPIQ_USER: _allow(*AMPIQ),
    DATAGRID_OPERATOR: _allow(*OPERATOR),
    DATAGRID_ADMINISTRATOR: _allow(*ADMINISTRATOR),
    AMP360_USER + READ_ONLY: _allow(*LOOK),
    AMPIQ_USER + READ_ONLY: _allow(to.PII_VIEW),
    DATAGRID_OPERATOR + READ_ONLY: _allow(*LOOK),
}
OPTION_STATEMENTS: dict[str, Statements] = {
    "Allow API key administration": _allow("api-key:*"),
    "Allow Profile API administration": _allow("profile-api:*"),
    SANDBOX_ADMINISTRATION: _allow("sandbox:*") + _allow(*INSIDE, on=SANDBOXES),
    "Allow inbound bridge credential rotation": _allow("bridge:rotate-credential"),
    "Allow source data deletion": _allow(to.SOURCE_DELETE),
    USER_ADMINISTRATION: _allow(to.USER_ADMINISTER, to.AUDIT_READ, to.ENVIRONMENT_PLAN, to.ENVIRONMENT_APPLY),
    "Audience monetization access": _allow("audience:monetize"),
    "Restrict AmpAI access": _deny("ai:*"),
    "Restrict data exports": _deny(to.EXPORT_RUN),
    "Restrict download access": _deny(to.EXPORT_DOWNLOAD),
    "Restrict PII access": _deny("pii:*"),
    "Restrict upload access": _deny("file:upload"),
}
"""Option -> statements. Those for API keys, profiles, bridges, audiences, AmpAI and uploads wait for such features."""
IN_OWN_SANDBOX = _allow(*INSIDE)
"""What the owner of a sandbox has there beside what production gives them."""
