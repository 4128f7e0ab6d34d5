"""`cdp plan` and `cdp apply`: what would change, and the one way to change it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp_assets.errors import CdpError, StalePlanError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION

if TYPE_CHECKING:
    from cdp_assets.environments.plan import Plan

NO_CHANGES, CHANGES, STALE = 0, 2, 4


@click.command()
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan, for `cdp apply`.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON, in Terraform's shape.")
def plan(out: Path | None, as_json: bool) -> None:
    """Show what differs between tenant_config/ and production's active revision.

    Exit codes: 0 no changes, 1 an error, 2 changes.

    \b
    Examples:
      ./cdp plan                  what would change
      ./cdp plan -o plan.json     save it, then: ./cdp apply plan.json
    """
    from cdp_assets.config.loader import load_tenant
    from cdp_assets.environments.plan import make_plan, render
    from cdp_assets.state.database import State

    home = Home.locate()
    made = make_plan(State.open(home.state), load_tenant(home.tenant_config), PRODUCTION)
    document = json.dumps(made.to_json(), indent=2)
    if out is not None:
        new = out.with_name(f".{out.name}.new")
        new.write_text(document)
        os.replace(new, out)
    click.echo(document if as_json else render(made))
    if out is not None and not made.is_empty and not as_json:
        click.echo(f'\nSaved the plan to {out}. To perform exactly these actions: ./cdp apply "{out}"')
    sys.exit(NO_CHANGES if made.is_empty else CHANGES)


@click.command()
@click.argument("plan_file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-m", "--message", default="", help="Why; kept with the revision.")
@click.option("--yes", is_flag=True, help="Do not ask, where no saved plan is given.")
def apply(plan_file: Path | None, message: str, yes: bool) -> None:
    """Activate a saved plan, atomically; refuse one that is stale (exit code 4).

    Without a saved plan: make one, show it, ask, and activate it.

    \b
    Examples:
      ./cdp plan -o plan.json; ./cdp apply plan.json -m "New feed for returns"
      ./cdp apply
    """
    from cdp_assets.cli.running import reload_location
    from cdp_assets.environments.apply import apply_plan
    from cdp_assets.environments.plan import make_plan, render
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.database import State

    home = Home.locate()
    state = State.open(home.state)
    try:
        if plan_file is not None:
            made = _saved(plan_file)
        else:
            from cdp_assets.config.loader import load_tenant

            made = make_plan(state, load_tenant(home.tenant_config), PRODUCTION)
            click.echo(render(made))
            if not made.is_empty and not yes:
                click.confirm(f"\nActivate this in {made.environment}?", abort=True)
        done = apply_plan(state, made, acting_user(), message)
    except StalePlanError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(STALE)
    loaded = reload_location(home, done.environment)  # also after no change: an earlier apply may have been cut off
    if not done.changed:
        click.echo(f"No changes. {done.environment} already runs this configuration.")
        return
    click.echo(f"Apply complete! {done.environment} is at serial {done.serial}, revision {done.revision_id[:12]}.")
    if loaded:
        click.echo("The running platform has loaded it.")
    click.echo("The next run builds the tables that changed.")


def _saved(plan_file: Path) -> Plan:
    """Read a saved plan; raises CdpError for any other file, StalePlanError for an edited one."""
    from cdp_assets.environments.plan import read_plan

    try:
        return read_plan(json.loads(plan_file.read_text()))
    except (ValueError, KeyError, AttributeError, TypeError):
        raise CdpError(f"{plan_file}: not a saved plan. Expected a file that `cdp plan -o` wrote.") from None
