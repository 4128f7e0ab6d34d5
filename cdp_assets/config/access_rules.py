"""What users, policies and resource groups must hold to: names that exist, and never a tenant locked out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol

from cdp_assets.config.actions import ACTIONS, USER_ADMINISTER
from cdp_assets.config.known import absent, nearest_known
from cdp_assets.config.policy import DATAGRID_ADMINISTRATOR, STANDARD_POLICIES, Policy, matches
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.user import OPTIONS, User
from cdp_assets.errors import ConfigError

Mistakes = Iterator[ConfigError]


class Where(Protocol):
    """Gives the place of a value in the tenant's files."""

    def __call__(self, kind: str, name: str, *path: str | int) -> str:
        """Give `file, line n, field`."""
        ...


def access_mistakes(tenant: Tenant, where: Where) -> Mistakes:
    """Give every broken rule about who may do what."""
    for policy in tenant.policies.values():
        yield from _policy(policy, where)
    for name, user in tenant.users.items():
        yield from _names(where, "users", name, "policies", user.policies, [*STANDARD_POLICIES, *tenant.policies])
        yield from _names(where, "users", name, "options", user.options, OPTIONS)
        yield from _names(where, "users", name, "resource_groups", user.resource_groups, tenant.resource_groups)
        yield from _options(name, user, where)
    for name, group in tenant.resource_groups.items():
        yield from _names(where, "resource_groups", name, "databases", group.databases, tenant.databases)
    if tenant.users and not any(_administers(user, tenant) for user in tenant.users.values()):
        problem = "nobody could administer users"
        yield ConfigError("users/", problem, f"at least one user with the policy {DATAGRID_ADMINISTRATOR}")


def _policy(policy: Policy, where: Where) -> Mistakes:
    standard = {_plain(name): name for name in STANDARD_POLICIES}.get(policy.name)
    if standard is not None:
        yield ConfigError(
            where("policies", policy.name), f"{standard} is a standard policy", "a name of the tenant's own"
        )
    for index, statement in enumerate(policy.statements):
        for at, pattern in enumerate(statement.actions):
            if not any(matches(pattern, action) for action in ACTIONS):
                place = where("policies", policy.name, "statements", index, "actions", at)
                yield ConfigError(place, f"{pattern}: no such action", nearest_known(pattern, ACTIONS))


def _names(where: Where, kind: str, name: str, field: str, wanted: Collection[str], known: Collection[str]) -> Mistakes:
    for index, target in enumerate(wanted):
        if target not in known:
            yield absent(where(kind, name, field, index), target, known)


def _options(name: str, user: User, where: Where) -> Mistakes:
    for index, option in enumerate(user.options):
        needs = OPTIONS.get(option)
        if needs and not set(needs) & set(user.policies):
            place = where("users", name, "options", index)
            yield ConfigError(place, f"{option} has nothing to widen", f"it beside one of {', '.join(needs)}")


def _administers(user: User, tenant: Tenant) -> bool:
    """Say whether a user is an administrator whom no own policy keeps from administering users."""
    own = [tenant.policies[name] for name in user.policies if name in tenant.policies]
    denied = any(
        statement.effect == "deny" and any(matches(pattern, USER_ADMINISTER) for pattern in statement.actions)
        for policy in own
        for statement in policy.statements
    )
    return DATAGRID_ADMINISTRATOR in user.policies and not denied


def _plain(name: str) -> str:
    """Give a standard policy's name as a file would be named.

    >>> _plain("Amp360 User (read-only)")
    'amp360_user_read_only'
    """
    return "_".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
