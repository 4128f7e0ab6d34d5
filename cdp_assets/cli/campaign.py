"""`cdp campaign`: whom a campaign would take and into which groups, and its launch here and now."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cdp_assets.cli.environment import opened_environment
from cdp_assets.home import Home

if TYPE_CHECKING:
    from cdp_assets.environments.campaigns import Campaigning

SANDBOX = click.option("--sandbox", metavar="NAME", help="In a sandbox instead of production.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def campaign() -> None:
    """Look at campaigns before they are launched, and launch them.

    \b
    Examples:
      ./cdp campaign preview win_back      people per group, nothing is recorded or sent
      ./cdp campaign launch win_back
    """


@campaign.command()
@click.argument("name")
@SANDBOX
@AS_JSON
def preview(name: str, sandbox: str | None, as_json: bool) -> None:
    """Count whom a launch would take now, group by group; nothing is recorded and nothing sent."""
    asked = _asked(name, sandbox, "segment:explore")
    counts = Counter((one.sub_audience, one.treatment) for one in asked.groups().values())
    if as_json:
        rows = [
            {"sub_audience": part, "group": group, "people": count} for (part, group), count in sorted(counts.items())
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    click.echo(f"{name}: {counts.total():,} people as of {asked.publication.business_date}")
    for (part, group), count in sorted(counts.items()):
        click.echo(f"  {count:>10,}  {part} / {group}")


@campaign.command()
@click.argument("name")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="The business date.  [default: of the published data]")
@SANDBOX
@AS_JSON
def launch(name: str, date: dt.datetime | None, sandbox: str | None, as_json: bool) -> None:
    """Record a campaign's recipients and send every group's files; repeated, finish what is missing.

    A campaign without a schedule has one launch ever, a recurring one a launch per business date.
    """
    from cdp_assets.defs.resources import CloudClients
    from cdp_assets.security.audit import record
    from cdp_assets.security.user import acting_user

    asked = _asked(name, sandbox, "campaign:launch")
    day = date.date() if date else asked.publication.business_date
    launched = asked.launch(day, acting_user(), CloudClients())
    with asked.state.write() as conn:
        record(conn, acting_user(), "campaign:launch", f"{asked.environment}:campaign.{name}", launch=launched.launch)
    if as_json:
        click.echo(json.dumps(asdict(launched), indent=2))
    elif launched.muted:
        click.echo(f"{name}: muted, nothing was recorded or sent: {launched.muted}")
    else:
        click.echo(f"{name}, launch {launched.launch[:12]}: {'sent' if launched.sent else 'was sent before'}")
        click.echo("\n".join(f"  {count:>10,}  {group}" for group, count in launched.groups.items()))
        click.echo("\n".join(f"  {file}" for file in launched.files))


def _asked(name: str, sandbox: str | None, action: str) -> Campaigning:
    """Give the campaign as it is applied; raises DeniedError where the user may not do that with it."""
    from cdp_assets.environments.campaigns import Campaigning
    from cdp_assets.environments.permission import allow
    from cdp_assets.environments.revision import applied_tenant
    from cdp_assets.security.user import acting_user

    state, environment = opened_environment(sandbox)
    allow(state, acting_user(), action, environment, within=f"campaign.{name}")
    return Campaigning.of(state, Home.locate(), environment, applied_tenant(state, environment), name)
