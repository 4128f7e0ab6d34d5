"""`cdp whoami` and `cdp may`: who acts, and what production's users and policies let them do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.security.user import acting_user

if TYPE_CHECKING:
    from cdp_assets.config.tenant import Tenant
    from cdp_assets.security.decision import Decision

NO = 6
"""The exit code of a no; a command that is denied ends with it too."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def whoami(as_json: bool) -> None:
    """Say who acts, under which policies and options.

    The name is CDP_USER, else the operating system's: nobody has proved it.

    \b
    Example:
      ./cdp whoami
    """
    user, tenant = acting_user(), _production()
    found = _known(user, tenant)
    click.echo(json.dumps(found, indent=2) if as_json else _text(found))


@click.command()
@click.argument("action")
@click.argument("resource")
@click.option("--user", help="Ask for this user instead of yourself.")
@click.option("--owner", help="Who owns the sandbox that RESOURCE names.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def may(ctx: click.Context, action: str, resource: str, user: str | None, owner: str | None, as_json: bool) -> None:
    """Say whether somebody may do ACTION to RESOURCE, and which statement decides; exit code 6 for no.

    \b
    Examples:
      ./cdp may environment:apply production
      ./cdp may sandbox:promote sandbox__vip --user ann --owner ann
    """
    from cdp_assets.config.actions import ACTIONS
    from cdp_assets.config.known import nearest_known
    from cdp_assets.security.decision import SAME_AS, decide

    if action not in {*ACTIONS, *SAME_AS}:
        raise click.UsageError(f"There is no action {action}. Expected {nearest_known(action, ACTIONS)}.")
    user, tenant = user or acting_user(), _production()
    decision = decide(user, action, resource, tenant, owner)
    asked = {"user": user, "action": action, "resource": resource}
    if as_json:
        click.echo(json.dumps(asked | decision.as_json(), indent=2))
    else:
        click.echo(_answer(user, action, resource, decision, tenant, owner))
    ctx.exit(0 if decision.allowed else NO)


def _production() -> Tenant | None:
    """Give production's active revision, which alone says who may do what."""
    from cdp_assets.environments.revision import active_tenant
    from cdp_assets.state.database import State

    active = active_tenant(State.open(Home.locate().state), PRODUCTION)
    return active[1] if active else None


def _known(user: str, tenant: Tenant | None) -> dict[str, object]:
    found: dict[str, object] = {"user": user, "authenticated": False}
    if tenant is None or not tenant.users:
        return found | {"known": False, "open": True}
    person = tenant.users.get(user)
    if person is None:
        return found | {"known": False, "open": False}
    listed = {"policies": person.policies, "options": person.options, "resource_groups": person.resource_groups}
    named = {"known": True, "open": False, "full_name": person.full_name, "email": person.email}
    return found | named | {name: list(values) for name, values in listed.items()}


def _text(found: dict[str, object]) -> str:
    head = f"{found['user']} (not authenticated: taken from CDP_USER or the operating system)"
    if found["open"]:
        return f"{head}\nThe tenant has no users yet: everybody at this machine may do everything."
    if not found["known"]:
        return f"{head}\nNot a user of this tenant: may do nothing."
    lines = [head, f"full name        {found['full_name']}"]
    for name, absent in (("policies", "none"), ("options", "none"), ("resource_groups", "all databases")):
        values = found[name]
        shown = ", ".join(map(str, values)) if isinstance(values, list) and values else absent
        lines.append(f"{name.replace('_', ' '):<17}{shown}")
    return "\n".join(lines)


def _answer(user: str, action: str, resource: str, decision: Decision, tenant: Tenant | None, owner: str | None) -> str:
    from cdp_assets.security.policy import remedy

    said = f"{user} may{'' if decision.allowed else ' not'} {action} {resource}: {decision.because}"
    lines = [f"{'yes' if decision.allowed else 'no'}: {said}."]
    if decision.grant is not None:
        statement = decision.grant.statement
        actions = ", ".join(action for action in statement.actions)
        lines.append(f"  {statement.effect} {actions} on {', '.join(statement.resources)}")
    if not decision.allowed and tenant is not None:
        lines.append(f"  Expected {remedy(user, action, resource, tenant, owner)}.")
    return "\n".join(lines)
