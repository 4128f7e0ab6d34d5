"""`cdp rollback`: go back to what an environment ran before."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, sandbox_environment
from cdp_assets.output import write_whole


@click.command()
@click.option("--sandbox", metavar="NAME", help="In a sandbox instead of production.")
@click.option(
    "--to", type=int, metavar="SERIAL", help="An earlier serial, as `cdp history` lists them.  [default: the last]"
)
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Only save the plan.")
@click.option("--swap-now", is_flag=True, help="Swap tables that lag behind; the next run catches them up.")
@click.option("-m", "--message", default="", help="Why.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rollback(sandbox: str | None, to: int | None, out: Path | None, swap_now: bool, message: str, yes: bool) -> None:
    """Make an earlier revision active again, with the tables that it had.

    Before the next run the earlier publication is restored, the same paths at the same versions. Later, tables
    that lag behind are caught up before the swap; with --swap-now they are swapped as they are.

    \b
    Examples:
      ./cdp rollback                 undo the last apply
      ./cdp rollback --to 3 -o p.json
    """
    from cdp_assets.cli.plan import activate, say_how_to_apply
    from cdp_assets.environments import plan_text
    from cdp_assets.environments.apply import Options
    from cdp_assets.environments.permission import allow
    from cdp_assets.environments.requests import keep
    from cdp_assets.environments.rollback import rollback_plan
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.database import State

    home = Home.locate()
    state = State.open(home.state)
    environment = sandbox_environment(sandbox) if sandbox else PRODUCTION
    allow(state, acting_user(), "environment:plan", environment)
    made = rollback_plan(state, environment, home.config_of(sandbox), user=acting_user(), to=to, lake=home.lake)
    click.echo(plan_text.render(made))
    if out is not None:
        write_whole(out, json.dumps(made.to_json()))
        keep(state, made)
        say_how_to_apply(state, made, out)
        return
    if not made.is_empty and not yes:
        click.confirm(f"\nGo back to this in {environment}?", abort=True)
    activate(home, state, made, Options(message=message or f"Rollback {made.source}", swap_now=swap_now))
