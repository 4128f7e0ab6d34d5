"""`cdp state`: look at what is locked and unfinished, and break a lock that somebody left behind."""

from __future__ import annotations

import json
from typing import Any

import click

from cdp_assets.errors import StateError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION


@click.group()
def state() -> None:
    """Look at environments, locks and unfinished applies.

    \b
    Examples:
      ./cdp state show
      ./cdp state unlock apply:production     after making sure that its process is dead
    """


def _facts() -> dict[str, Any]:
    from cdp_assets.state import applies, environments, leases, sandboxes
    from cdp_assets.state.database import State

    store = State.open(Home.locate().state)
    with store.read() as conn:
        names = [PRODUCTION, *(one.environment for one in sandboxes.listed(conn))]
        found = [environments.get(conn, name) for name in names]
        unfinished = {name: applies.find_open(conn, name) for name in names}
        held = leases.held(conn)
    return {
        "environments": [
            {
                "name": one.name,
                "serial": one.serial,
                "revision": one.revision_id,
                "publication": one.publication_id,
                "unfinished_apply": None if unfinished[one.name] is None else unfinished[one.name].state,  # type: ignore[union-attr]
            }
            for one in found
            if one is not None
        ],
        "locks": [
            {"name": one.name, "holder": one.holder, "until": one.expires_at.isoformat(timespec="seconds")}
            for one in held
        ],
    }


@state.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(as_json: bool) -> None:
    """Show every environment, unfinished applies, and the locks that are held."""
    facts = _facts()
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for one in facts["environments"]:
        left = f"  unfinished apply: {one['unfinished_apply']}" if one["unfinished_apply"] else ""
        revision = str(one["revision"] or "none")[:12]
        click.echo(
            f"{one['name']:<40} serial {one['serial']:<5} revision {revision}  publication {one['publication']}{left}"
        )
    for one in facts["locks"]:
        click.echo(f"locked: {one['name']} by {one['holder']}, until {one['until']} unless its holder renews it")
    if not facts["locks"]:
        click.echo("No locks.")


@state.command()
@click.argument("name")
def unlock(name: str) -> None:
    """Break the lock NAME. Its holder, should it live, is fenced off and can change nothing any more."""
    from cdp_assets.environments.permission import allow
    from cdp_assets.security.audit import record
    from cdp_assets.security.user import acting_user
    from cdp_assets.state import leases
    from cdp_assets.state.database import State

    store = State.open(Home.locate().state)
    allow(store, acting_user(), "state:unlock", PRODUCTION)
    with store.write() as conn:
        if not leases.break_(conn, name):
            known = ", ".join(one.name for one in leases.held(conn)) or "none is held"
            raise StateError(f"{name}: no such lock. Expected one of: {known}.")
        record(conn, acting_user(), "state:unlock", name)
    click.echo(f"Unlocked {name}. If an apply was under way: ./cdp apply --recover")
