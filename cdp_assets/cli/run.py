"""`cdp run`: run a job here and now, without the UI."""

from __future__ import annotations

import datetime as dt

import click

from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, sandbox_environment


@click.command()
@click.argument("job", type=click.Choice(["source", "refresh", "full"]), default="full")
@click.option("--sandbox", metavar="NAME", help="In a sandbox instead of production.")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="The business date.  [default: of production's data]")
@click.option(
    "--mode",
    type=click.Choice(["express", "normal", "full"]),
    default="normal",
    show_default=True,
    help="Which tables made by SQL are built again: those with news; also those that depend on the day; all.",
)
def run(job: str, sandbox: str | None, date: dt.datetime | None, mode: str) -> None:
    """Run a job: source (up to the domain tables), refresh (up to the databases) or full (exports too).

    \b
    Examples:
      ./cdp run --sandbox loyalty-v2 refresh     build what the sandbox changed, and nothing else
      ./cdp run full --date 2026-11-21
      ./cdp run refresh --mode express           only what has new data or a new definition
    """
    from cdp_assets.cli.demo import run_job
    from cdp_assets.defs.engine import prepare, spark_server
    from cdp_assets.environments.permission import allow
    from cdp_assets.environments.runs import latest_publication
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.database import State

    home = Home.locate()
    state = State.open(home.state)
    environment = sandbox_environment(sandbox) if sandbox else PRODUCTION
    allow(state, acting_user(), "export:run" if job == "full" else "environment:apply", environment)
    published = latest_publication(state, PRODUCTION)
    day = date.date() if date else published.business_date if published else dt.datetime.now(dt.UTC).date()
    prepare(home)
    with spark_server(home):
        run_job(home, job, day, environment, mode)
