"""`cdp plan`, `cdp apply` and `cdp approve`: what would change, and the one way to change it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp_assets.errors import CdpError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, sandbox_environment
from cdp_assets.output import write_whole

if TYPE_CHECKING:
    from cdp_assets.config.tenant import Tenant
    from cdp_assets.environments.apply import Applied, Options
    from cdp_assets.environments.outside import Outside
    from cdp_assets.environments.plan import Plan
    from cdp_assets.environments.requests import Reach
    from cdp_assets.state.database import State

NO_CHANGES, ERROR, CHANGES, CONFLICTS = 0, 1, 2, 3
SANDBOX = click.option("--sandbox", metavar="NAME", help="In a sandbox, from its files, instead of production.")
NO_CONNECT = click.option(
    "--no-connect", is_flag=True, help="Do not try the places that couriers and destinations would reach anew."
)


@click.command()
@SANDBOX
@click.option("--promote", metavar="NAME", help="Bring a sandbox's changes to production.")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan, for `cdp apply`.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON, in Terraform's shape.")
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Write a pull request's comment.")
@click.option("--no-data", is_flag=True, help="With --promote: do not compare the sandbox's data with production's.")
@NO_CONNECT
@click.option("--refresh-only", is_flag=True, help="Only say what has changed outside of plan and apply.")
def plan(
    sandbox: str | None,
    promote: str | None,
    out: Path | None,
    as_json: bool,
    markdown: Path | None,
    no_data: bool,
    no_connect: bool,
    refresh_only: bool,
) -> None:
    """Show what differs between the files and an environment's active revision, and every consequence.

    Places of production that couriers and destinations would reach anew are tried: connect, log in, list.

    Exit codes: 0 no changes, 1 an error, a place that cannot be used or a promotion that would break production,
    2 changes, 3 conflicts.

    \b
    Examples:
      ./cdp plan                                  production, from tenant_config/
      ./cdp plan -o plan.json                     save it, then: ./cdp apply plan.json
      ./cdp plan --sandbox loyalty-v2             what would change in a sandbox
      ./cdp plan --promote loyalty-v2 -o p.json   bring a sandbox's changes to production
    """
    from cdp_assets.environments import plan_text
    from cdp_assets.environments.requests import keep
    from cdp_assets.state.database import State

    home = Home.locate()
    state = State.open(home.state)
    with_data, connect = not (no_data or refresh_only), not (no_connect or refresh_only)
    made = _made(home, state, sandbox, promote, with_data=with_data, connect=connect)
    if refresh_only:
        _say_drift(made)
    if out is not None:
        write_whole(out, json.dumps(made.to_json()))
        keep(state, made)
    if markdown is not None:
        write_whole(markdown, plan_text.markdown(made))
    click.echo(json.dumps(made.to_json(), indent=2) if as_json else plan_text.render(made))
    if out is not None and not made.is_empty and not as_json:
        say_how_to_apply(state, made, out)
    sys.exit(_exit_code(made))


def say_how_to_apply(state: State, made: Plan, out: Path) -> None:
    """Say what to do with a plan that was saved, and whether somebody else must approve it first."""
    from cdp_assets.environments.permission import lacks_approval
    from cdp_assets.security.user import acting_user

    click.echo(f'\nSaved the plan to {out}. To perform exactly these actions: ./cdp apply "{out}"')
    if lacks_approval(state, made, acting_user()):
        click.echo(f"Before that, somebody else approves it: ./cdp approve {made.plan_id[:12]}")


def _exit_code(made: Plan) -> int:
    if made.open_conflicts:
        return CONFLICTS
    if made.errors and _breaks(made):
        return ERROR
    return NO_CHANGES if made.is_empty else CHANGES


def _breaks(made: Plan) -> bool:
    """Say whether what is promoted would leave something without what it reads, or a place cannot be used."""
    from cdp_assets.environments.connections import CHECK
    from cdp_assets.environments.promotion_checks import PROMOTION_CHECKS

    return any(one.check in (CHECK, *PROMOTION_CHECKS) for one in made.errors)


def _made(
    home: Home,
    state: State,
    sandbox: str | None,
    promote: str | None = None,
    *,
    with_data: bool = False,
    connect: bool = False,
) -> Plan:
    from cdp_assets.cli.progress import Progress
    from cdp_assets.environments.requests import plan_of_files, plan_of_promotion
    from cdp_assets.security.user import acting_user

    if sandbox and promote:
        raise CdpError("--sandbox and --promote: one of the two. Expected what to change: the sandbox, or production.")
    user, reach = acting_user(), _reach(home, state) if connect else None
    if promote:
        return plan_of_promotion(home, state, user, promote, with_data=with_data, reach=reach, progress=Progress())
    return plan_of_files(home, state, user, sandbox=sandbox, reach=reach)


def _reach(home: Home, state: State) -> Reach:
    def outside(tenant: Tenant) -> Outside:
        from cdp_assets.defs.resources import CloudClients
        from cdp_assets.environments.outside import Outside

        return Outside(state, home, PRODUCTION, tenant, CloudClients())

    return outside


def _say_drift(made: Plan) -> None:
    """Print what has changed outside, files included, and leave: 2 where something has."""
    from cdp_assets.environments.plan import FILES

    found = [f"{one.address}: {one.message}" for one in made.drift]
    if made.source == FILES:
        edited = f"its file differs from what {made.environment} runs"
        found += [f"{one.change.address}: {edited}" for one in made.changes]
    for line in found:
        click.echo(f"  {line}")
    if not found:
        click.echo(f"No drift. {made.environment} is as plan and apply left it.")
    sys.exit(CHANGES if found else NO_CHANGES)


@click.command()
@click.argument("plan_file", required=False, metavar="[PLAN]")
@SANDBOX
@click.option("-m", "--message", default="", help="Why; kept with the revision, and the commit's message.")
@click.option("--yes", is_flag=True, help="Do not ask, where no saved plan is given.")
@NO_CONNECT
@click.option("--delete-sandbox", is_flag=True, help="After a promotion, remove the sandbox.")
@click.option("--swap-now", is_flag=True, help="Swap tables that lag behind; the next run catches them up.")
@click.option("--recover", is_flag=True, help="Finish or withdraw an apply whose process has died.")
def apply(
    plan_file: str | None,
    sandbox: str | None,
    message: str,
    yes: bool,
    no_connect: bool,
    delete_sandbox: bool,
    swap_now: bool,
    recover: bool,
) -> None:
    """Activate a saved plan, atomically. PLAN is a file, or the id of a plan that was saved.

    Without a saved plan: make one, show it, ask, and activate it. Tables that readers of production use are
    built before the swap; until it they see the old ones, after it the new ones.

    Exit codes: 0 done, 1 an error, 3 conflicts, 4 the plan is stale, 5 locked, 6 denied.

    \b
    Examples:
      ./cdp plan -o plan.json; ./cdp apply plan.json -m "New feed for returns"
      ./cdp apply --sandbox loyalty-v2
      ./cdp apply --recover
    """
    from cdp_assets.defs.applying import ports_of
    from cdp_assets.environments import plan_text
    from cdp_assets.environments.apply import Options
    from cdp_assets.environments.apply import recover as recover_apply
    from cdp_assets.environments.sandboxes import bindings_of
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.database import State

    home = Home.locate()
    state = State.open(home.state)
    if recover:
        environment = sandbox_environment(sandbox) if sandbox else PRODUCTION
        done = recover_apply(state, environment, acting_user(), ports_of(home, state, click.echo))
        click.echo(f"An apply was {done}." if done else f"Nothing to recover in {environment}.")
        return
    made = _saved(state, plan_file) if plan_file else _made(home, state, sandbox, connect=not no_connect)
    if not plan_file:
        click.echo(plan_text.render(made))
        if not made.is_empty and not yes:
            click.confirm(f"\nActivate this in {made.environment}?", abort=True)
    options = Options(
        message=message,
        delete_sandbox=delete_sandbox,
        swap_now=swap_now,
        bindings=bindings_of(home.sandboxes / sandbox) if sandbox else None,
    )
    activate(home, state, made, options)


def activate(home: Home, state: State, made: Plan, options: Options) -> Applied:
    """Apply a plan with this machine's ports, and say what is active now."""
    from cdp_assets.defs.applying import ports_of
    from cdp_assets.defs.running import reload_location
    from cdp_assets.environments.requests import carry_out
    from cdp_assets.security.user import acting_user

    done = carry_out(home, state, made, acting_user(), options, ports_of(home, state, click.echo))
    if not done.changed:
        reload_location(home, done.environment)  # an earlier apply may have been cut off
        click.echo(f"No changes. {done.environment} already runs this configuration.")
        return done
    click.echo(f"Apply complete! {done.environment} is at serial {done.serial}, revision {done.revision_id[:12]}.")
    if any(one.action == "pending" for one in made.tables):
        click.echo("The next run builds the new tables.")
    return done


def _saved(state: State, plan_file: str) -> Plan:
    """Read a saved plan; raises CdpError for any other file, StalePlanError for an edited one."""
    from cdp_assets.environments.plan import read_plan
    from cdp_assets.environments.requests import kept_plan

    try:
        path = Path(plan_file)
        if path.is_file():
            return read_plan(json.loads(path.read_text()))
        return kept_plan(state, plan_file)
    except (ValueError, KeyError, AttributeError, TypeError):
        raise CdpError(f"{plan_file}: not a saved plan. Expected a file that `cdp plan -o` wrote.") from None


@click.command()
@click.argument("plan_id", metavar="PLAN")
def approve(plan_id: str) -> None:
    """Approve a saved plan that somebody else has made. PLAN is its file, its id or the beginning of that.

    Until there is log-in, who approves comes from the operating system or CDP_USER: it is recorded as
    unauthenticated.

    \b
    Example:
      ./cdp approve 3f2a91c04d7e
    """
    from cdp_assets.environments.permission import allow
    from cdp_assets.security.audit import record
    from cdp_assets.security.user import acting_user
    from cdp_assets.state import plans
    from cdp_assets.state.database import State

    state = State.open(Home.locate().state)
    made, user = _saved(state, plan_id), acting_user()
    allow(state, user, "plan:approve", made.environment)
    if user == made.created_by:
        raise CdpError(f"{user} made this plan. Expected somebody else to approve it.")
    with state.write() as conn:
        plans.approve(conn, made.plan_id, user)
        record(conn, user, "plan:approve", made.environment, plan_id=made.plan_id, authenticated=False)
    click.echo(f"{user} (unauthenticated) approves plan {made.plan_id[:12]} for {made.environment}.")
