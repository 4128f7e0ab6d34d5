"""A policy: statements that allow or deny actions."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

from pydantic import field_validator

from cdp_assets.config.base import ConfigModel, Resource, affects

AMP360_USER = "Amp360 User"
AMPIQ_USER = "AmpIQ User"
DATAGRID_OPERATOR = "DataGrid Operator"
DATAGRID_ADMINISTRATOR = "DataGrid Administrator"
READ_ONLY = " (read-only)"
STANDARD_POLICIES = (
    AMP360_USER,
    AMPIQ_USER,
    DATAGRID_OPERATOR,
    DATAGRID_ADMINISTRATOR,
    AMP360_USER + READ_ONLY,
    AMPIQ_USER + READ_ONLY,
    DATAGRID_OPERATOR + READ_ONLY,
)
"""The policies that every tenant has; what they allow is in `security/standard.py`."""


class Statement(ConfigModel):
    """Allows or denies actions on resources; among all statements of a user, deny wins."""

    effect: Literal["allow", "deny"] = affects("runtime")
    actions: tuple[str, ...] = affects("runtime", min_length=1)
    """Patterns such as `sandbox:create` or `pii:*`; `*` stays on its side of the colon."""
    resources: tuple[str, ...] = affects("runtime", ("*",), min_length=1)
    """Patterns such as `production`, `sandbox__*` or `production:query.*`; what lies inside is covered too."""

    @field_validator("actions")
    @classmethod
    def _resource_and_verb(cls, actions: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(action.split(":")) != 2 or not all(action.split(":")) for action in actions):
            msg = "an action is `resource:verb`, such as sandbox:create, pii:* or *:*"
            raise ValueError(msg)
        return actions

    def covers(self, action: str, resource: str) -> bool:
        """Say whether the statement is about this action on this resource."""
        return any(matches(pattern, action) for pattern in self.actions) and any(
            contains(pattern, resource) for pattern in self.resources
        )


class Policy(Resource):
    """A tenant's own policy; users have it by name, beside the standard ones."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    statements: tuple[Statement, ...] = affects("runtime")


def matches(pattern: str, action: str) -> bool:
    """Say whether a pattern fits an action, part by part; `*` and `?` never cross a colon.

    >>> matches("pii:*", "pii:view"), matches("*", "pii:view"), matches("*:view", "pii:view")
    (True, False, True)
    """
    wanted, given = pattern.split(":"), action.split(":")
    return len(wanted) == len(given) and all(map(fnmatchcase, given, wanted))


def contains(pattern: str, resource: str) -> bool:
    """Say whether a pattern fits a resource or something around it, part by part.

    >>> contains("*", "production:query.buyers"), contains("sandbox__*", "sandbox__vip:query.buyers")
    (True, True)
    >>> contains("production:query.*", "production"), contains("production", "sandbox__vip")
    (False, False)
    """
    wanted, given = pattern.split(":"), resource.split(":")
    return len(wanted) <= len(given) and all(map(fnmatchcase, given, wanted))
