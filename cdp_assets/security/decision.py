"""Decides from a tenant's users and policies whether somebody may do something, and says which statement decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cdp_assets.config.policy import Statement
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.user import DATAGRID, OPTIONS, User
from cdp_assets.names import SANDBOX_PREFIX
from cdp_assets.security import actions as to
from cdp_assets.security.resource_groups import outside_groups
from cdp_assets.security.standard import IN_OWN_SANDBOX, OPTION_STATEMENTS, POLICIES

SAME_AS = {"query:reveal": to.PII_VIEW}
"""An action that is asked for by another name -> the one that statements are about."""
NO_USERS = "the tenant has no users yet, so everybody at this machine may do everything"


@dataclass(frozen=True)
class Grant:
    """A statement, and what gives it to the user: a policy, an option, or owning the sandbox."""

    source: str
    statement: Statement


@dataclass(frozen=True)
class Decision:
    """Yes or no, in words, and the statement that decided; none did where none matched."""

    allowed: bool
    because: str
    grant: Grant | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the decision as plain values."""
        found: dict[str, Any] = {"allowed": self.allowed, "because": self.because}
        if self.grant is not None:
            found |= {"source": self.grant.source, "statement": self.grant.statement.model_dump(mode="json")}
        return found


def decide(user: str, action: str, resource: str, tenant: Tenant | None, owner: str | None = None) -> Decision:
    """Judge by `tenant`, which is production's active revision before any change.

    `resource` is an environment, something in one (`production:query.buyers`), or a resource of production's
    (`user.ann`). `owner` is the owner of the sandbox that it names, if any. A tenant without users allows all.
    """
    if tenant is None or not tenant.users:
        return Decision(True, NO_USERS)
    person = tenant.users.get(user)
    if person is None:
        return Decision(False, f"{user or 'nobody'} is not a user of this tenant")
    action = SAME_AS.get(action, action)
    grants = [*grants_of(person, tenant), *_of_owner(person, tenant, resource, owner)]
    if _is_in_sandbox(resource) and action not in (to.SANDBOX_CREATE, to.SANDBOX_OPEN):
        opened = judge(grants, to.SANDBOX_OPEN, resource)
        if not opened.allowed:
            return Decision(False, f"the sandbox is not theirs to open: {opened.because}", opened.grant)
    found = judge(grants, action, resource)
    outside = outside_groups(person, action, resource, tenant) if found.allowed else None
    return Decision(False, outside) if outside else found


def judge(grants: Iterable[Grant], action: str, resource: str) -> Decision:
    """Let deny win over allow; what no statement is about is denied."""
    covering = [grant for grant in grants if grant.statement.covers(action, resource)]
    for effect in ("deny", "allow"):
        grant = next((grant for grant in covering if grant.statement.effect == effect), None)
        if grant is not None:
            return Decision(effect == "allow", f"{grant.source} {_verb(effect)} it", grant)
    return Decision(False, "no statement allows it")


def grants_of(person: User, tenant: Tenant) -> Iterator[Grant]:
    """Give every statement that a user has from policies and options, wherever it applies."""
    for name in person.policies:
        own = tenant.policies.get(name)
        for statement in POLICIES.get(name) or (own.statements if own else ()):
            yield Grant(f"the policy {name}", statement)
    for option in person.options:
        needs = OPTIONS.get(option, ())
        if not needs or set(needs) & set(person.policies):
            for statement in OPTION_STATEMENTS.get(option, ()):
                yield Grant(f"the option {option}", statement)


def _of_owner(person: User, tenant: Tenant, resource: str, owner: str | None) -> Iterator[Grant]:
    """Give what an operator or administrator has in a sandbox of their own."""
    owns = _is_in_sandbox(resource) and owner == person.name and set(DATAGRID) & set(person.policies)
    if owns and judge(grants_of(person, tenant), to.SANDBOX_CREATE, resource).allowed:
        for statement in IN_OWN_SANDBOX:
            yield Grant("owning the sandbox", statement)


def _is_in_sandbox(resource: str) -> bool:
    return resource.startswith(SANDBOX_PREFIX)


def _verb(effect: str) -> str:
    return "allows" if effect == "allow" else "denies"
