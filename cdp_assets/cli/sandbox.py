"""`cdp sandbox`: make, list, show, pull, resolve and delete copies of production to change without fear."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdp_assets.errors import SandboxError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, sandbox_environment

if TYPE_CHECKING:
    from cdp_assets.state.database import State
    from cdp_assets.state.sandboxes import Sandbox

NAME = click.argument("name")


@click.group()
def sandbox() -> None:
    """Make, list, show, pull, resolve and delete sandboxes.

    \b
    Examples:
      ./cdp sandbox create loyalty-v2      a copy of production's configuration; nothing is computed
      ./cdp plan --sandbox loyalty-v2      after editing sandboxes/loyalty-v2/
      ./cdp sandbox pull loyalty-v2        bring production's later changes into it
    """


def _here() -> tuple[Home, State]:
    from cdp_assets.state.database import State

    home = Home.locate()
    return home, State.open(home.state)


def _get(state: State, name: str) -> Sandbox:
    from cdp_assets.environments.permission import allow
    from cdp_assets.security.user import acting_user
    from cdp_assets.state import sandboxes

    with state.read() as conn:
        found = sandboxes.get(conn, sandbox_environment(name))
    allow(state, acting_user(), "sandbox:open", found.environment)
    return found


@sandbox.command()
@NAME
@click.option("--description", default="", help="What it is for; 512 characters at most.")
def create(name: str, description: str) -> None:
    """Copy production's configuration into sandboxes/NAME/; production's tables are shared, none is copied."""
    from cdp_assets.defs.running import wait_for_location
    from cdp_assets.environments.revision import active_tenant
    from cdp_assets.environments.sandboxes import create as create_sandbox
    from cdp_assets.security.user import acting_user
    from cdp_assets.state import revisions

    home, state = _here()
    active = active_tenant(state, PRODUCTION)
    if active is None:
        raise SandboxError(f"{name}: nothing is applied to production yet. Expected `cdp apply` first.")
    with state.read() as conn:
        texts = revisions.files(conn, active[0])
    environment = create_sandbox(
        state, home.sandboxes, name, user=acting_user(), description=description, texts=texts or _texts(home, active[1])
    )
    (home.drop(environment)).mkdir(parents=True, exist_ok=True)
    click.echo(f"Made sandbox {name} of production's revision {active[0][:12]}: edit {_shown(home.sandboxes / name)}/")
    click.echo(f"Then: ./cdp plan --sandbox {name}, ./cdp apply --sandbox {name}")
    if wait_for_location(home, environment):
        click.echo(f"The running platform shows it as {environment}.")


def _texts(home: Home, tenant: Any) -> dict[str, str]:
    """Give production's files from disk, where state does not hold them and they say what production runs."""
    from cdp_assets.config.loader import load_tenant
    from cdp_assets.config.tenant_files import texts_of

    if load_tenant(home.tenant_config) != tenant:
        raise SandboxError(
            "tenant_config/ differs from what production runs. Expected `cdp apply`, or the edits taken back."
        )
    return texts_of(home.tenant_config)


@sandbox.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """List the sandboxes that you may open, with how many updates of production each lacks."""
    from cdp_assets.environments.permission import allow
    from cdp_assets.errors import DeniedError
    from cdp_assets.security.user import acting_user
    from cdp_assets.state import sandboxes

    _, state = _here()
    found = []
    with state.read() as conn:
        known = sandboxes.listed(conn)
    for one in known:
        try:
            allow(state, acting_user(), "sandbox:open", one.environment)
        except DeniedError:
            continue
        found.append(_facts(state, one))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for facts in found:
        behind = f"{facts['updates']} updates to pull" if facts["updates"] else "in sync"
        click.echo(f"{facts['name']:<32} {facts['owner']:<16} serial {facts['serial']:<4} {behind}")
    if not found:
        click.echo("No sandboxes. Make one: ./cdp sandbox create NAME")


def _facts(state: State, one: Sandbox) -> dict[str, Any]:
    from cdp_assets.environments.sandboxes import three_sides
    from cdp_assets.state import environments

    base, production, own = three_sides(state, one)
    with state.read() as conn:
        now = environments.get(conn, one.environment)
    changed = sorted(address for address in {*base, *own} if base.get(address) != own.get(address))
    updates = sorted(address for address in {*base, *production} if base.get(address) != production.get(address))
    return {
        "name": one.name,
        "environment": one.environment,
        "owner": one.owner,
        "description": one.description,
        "created_at": one.created_at.isoformat(timespec="seconds"),
        "base_revision": one.base_revision_id,
        "serial": now.serial if now else 0,
        "changed": changed,
        "updates": len(updates),
        "updated_in_production": updates,
        "bindings": dict(one.bindings),
    }


@sandbox.command()
@NAME
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, as_json: bool) -> None:
    """Show what a sandbox has changed, what production has changed since, and where they disagree."""
    _, state = _here()
    found = _get(state, name)
    facts = _facts(state, found)
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(f"{name}: {found.description or 'no description'}")
    click.echo(f"  owner {found.owner}, made {facts['created_at']} of revision {found.base_revision_id[:12]}")
    click.echo(f"  changed here:            {', '.join(facts['changed']) or 'nothing'}")
    click.echo(f"  changed in production:   {', '.join(facts['updated_in_production']) or 'nothing'}")
    bound = ", ".join(sorted(found.bindings.get("destinations") or {})) or "none; nothing is sent"
    click.echo(f"  destinations bound:      {bound}")


@sandbox.command()
@NAME
def pull(name: str) -> None:
    """Merge production's later changes into a sandbox's files; conflicts must be resolved first (exit code 3)."""
    from cdp_assets.config.loader import load_tenant
    from cdp_assets.environments.sandboxes import pull as pull_updates
    from cdp_assets.security.user import acting_user

    home, state = _here()
    folder = home.sandboxes / name
    found = _get(state, name)
    _, changes = pull_updates(state, folder, found, load_tenant(folder), user=acting_user())
    for path, text in sorted(changes.items()):
        click.echo(f"  {'-' if text is None else '~'} {_shown(folder / path)}")
    click.echo(f"{len(changes)} files changed. Then: ./cdp apply --sandbox {name}" if changes else "Nothing to pull.")


@sandbox.command()
@NAME
@click.argument("place")
@click.option("--take", type=click.Choice(["sandbox", "production"]), required=True, help="Whose value.")
def resolve(name: str, place: str, take: str) -> None:
    """Record whose value is taken at PLACE, as `cdp plan --promote` and `cdp sandbox pull` name it.

    The choice is kept in sandboxes/NAME/.resolutions.yaml and holds until one of the values changes.
    """
    from cdp_assets.config.loader import load_tenant
    from cdp_assets.environments.sandboxes import resolve as record_resolution

    home, state = _here()
    folder = home.sandboxes / name
    count = record_resolution(state, folder, _get(state, name), load_tenant(folder), place, take)
    click.echo(f"{count} conflicts settled: the {take}'s value is taken.")


@sandbox.command()
@NAME
@click.option("--confirm", metavar="NAME", help="The name again, instead of being asked for it.")
def delete(name: str, confirm: str | None) -> None:
    """Remove a sandbox and its folder. Its tables go when `cdp gc` finds that nothing names them."""
    from cdp_assets.environments.sandboxes import delete as delete_sandbox
    from cdp_assets.security.user import acting_user

    home, state = _here()
    found = _get(state, name)
    given = confirm if confirm is not None else click.prompt(f"Type {name} to delete it")
    if given != name:
        raise SandboxError(f"{given}: not the sandbox's name. Expected {name}; nothing was deleted.")
    delete_sandbox(state, home.sandboxes / name, found, user=acting_user())
    click.echo(f"Deleted sandbox {name}.")


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
