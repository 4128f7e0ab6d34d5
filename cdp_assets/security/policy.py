"""The one door before every change: may this user do this to that?"""

from __future__ import annotations

import itertools

from cdp_assets.config.policy import DATAGRID_ADMINISTRATOR, STANDARD_POLICIES
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.user import OPTIONS, User
from cdp_assets.errors import DeniedError
from cdp_assets.security.decision import decide
from cdp_assets.security.resource_groups import outside_groups

MOST = 3
"""How many ways to be allowed an error names."""


def may(user: str, action: str, resource: str, tenant: Tenant | None = None, owner: str | None = None) -> None:
    """Return when `user` may do `action` (such as `environment:apply`) to `resource`; else raise DeniedError.

    `tenant` is production's active revision as it is before the change, for sandboxes too, so that nobody grants
    themselves anything; None, or a tenant without users, allows everything. `owner` is the owner of the sandbox
    that `resource` names.
    """
    decision = decide(user, action, resource, tenant, owner)
    if not decision.allowed and tenant is not None:
        expected = remedy(user, action, resource, tenant, owner)
        msg = f"{user or 'nobody'} may not {action} {resource}: {decision.because}. Expected {expected}."
        raise DeniedError(msg)


def remedy(user: str, action: str, resource: str, tenant: Tenant, owner: str | None = None) -> str:
    """Say which option or policy, beside what the user has, would allow it; options come first."""
    person = tenant.users.get(user)
    if person is None:
        return f"users/{user or '<login>'}.yaml in production's configuration, with a policy that allows it"
    denial = decide(user, action, resource, tenant, owner).grant
    if denial is not None:
        return f"a user without {denial.source}, which denies whatever else allows"
    if outside_groups(person, action, resource, tenant):
        administrator = person.model_copy(update={"policies": (*person.policies, DATAGRID_ADMINISTRATOR)})
        if not outside_groups(administrator, action, resource, tenant):
            return f"the policy {DATAGRID_ADMINISTRATOR}"
        return "a resource group of theirs with its databases, and a policy that allows it"
    more = [person.model_copy(update={"options": (*person.options, option)}) for option in OPTIONS]
    policies = (*STANDARD_POLICIES, *sorted(tenant.policies))
    more += [person.model_copy(update={"policies": (*person.policies, policy)}) for policy in policies]
    names = [*(f"the option {name}" for name in OPTIONS), *(f"the policy {name}" for name in policies)]
    found = [name for name, wider in zip(names, more, strict=True) if _would(wider, action, resource, tenant, owner)]
    found = found[:MOST] or _pairs(person, action, resource, tenant, owner)
    return " or ".join(found) or "a policy of the tenant's own that allows it"


def _pairs(person: User, action: str, resource: str, tenant: Tenant, owner: str | None) -> list[str]:
    """Give what allows it as a policy together with an option, for options that do nothing alone."""
    for option, policy in itertools.product(OPTIONS, STANDARD_POLICIES):
        both = {"options": (*person.options, option), "policies": (*person.policies, policy)}
        if _would(person.model_copy(update=both), action, resource, tenant, owner):
            return [f"the policy {policy} with the option {option}"]
    return []


def _would(person: User, action: str, resource: str, tenant: Tenant, owner: str | None) -> bool:
    wider = tenant.model_copy(update={"users": tenant.users | {person.name: person}})
    return decide(person.name, action, resource, wider, owner).allowed
