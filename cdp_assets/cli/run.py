"""`cdp run`: run a job here and now, without the UI."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING

import click

from cdp_assets.config.known import nearest_known
from cdp_assets.errors import StateError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, sandbox_environment

if TYPE_CHECKING:
    from cdp_assets.config.tenant import Tenant


@click.command()
@click.argument("job", default="full")
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
    group_NAME runs a courier group, whatever is new of its couriers;
    send_NAME sends an orchestration group, what is published now.

    \b
    Examples:
      ./cdp run --sandbox loyalty-v2 refresh     build what the sandbox changed, and nothing else
      ./cdp run full --date 2026-11-21
      ./cdp run refresh --mode express           only what has new data or a new definition
      ./cdp run send_partner
    """
    from cdp_assets.cli.demo import run_job
    from cdp_assets.defs.engine import prepare, spark_server
    from cdp_assets.environments.permission import allow
    from cdp_assets.environments.revision import applied_tenant
    from cdp_assets.environments.runs import latest_publication
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.database import State

    home = Home.locate()
    state = State.open(home.state)
    environment = sandbox_environment(sandbox) if sandbox else PRODUCTION
    tenant = applied_tenant(state, environment)
    known = _known(tenant)
    if job not in known:
        raise StateError(f"{job}: no such job. Expected {nearest_known(job, known)}.")
    allow(state, acting_user(), "export:run" if known[job] else "environment:apply", environment)
    published = latest_publication(state, PRODUCTION)
    day = date.date() if date else published.business_date if published else dt.datetime.now(dt.UTC).date()
    prepare(home)
    with spark_server(home) if _needs_spark(job, tenant) else contextlib.nullcontext():
        run_job(home, job, day, environment, mode)


def _known(tenant: Tenant) -> dict[str, bool]:
    """Give the jobs that may be run by hand, and whether each sends anything."""
    run_types = {"source": False, "refresh": False, "full": True}
    groups = {f"group_{name}": run_types[group.run_type] for name, group in tenant.courier_groups.items()}
    return run_types | groups | {f"send_{name}": True for name in tenant.orchestration_groups}


def _needs_spark(job: str, tenant: Tenant) -> bool:
    """Say whether a job builds anything, or answers queries; tables are sent as they are."""
    kind, _, name = job.partition("_")
    return kind != "send" or any(
        tenant.orchestrations[one].query is not None for one in tenant.orchestration_groups[name].orchestrations
    )
