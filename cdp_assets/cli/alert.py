"""`cdp alert`: what was told to whom, and whether a receiver can be reached."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import asdict

import click

from cdp_assets.cli.environment import opened_environment
from cdp_assets.config.known import nearest_known
from cdp_assets.errors import StateError

SANDBOX = click.option("--sandbox", metavar="NAME", help="In a sandbox instead of production.")


@click.group()
def alert() -> None:
    """Look at what was told to whom, and try a receiver out.

    \b
    Examples:
      ./cdp alert list
      ./cdp alert test on_call        sends one message to the receiver of alerts/on_call.yaml
    """


@alert.command("list")
@click.option("--limit", default=50, show_default=True, help="How many, the newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@SANDBOX
def list_(limit: int, as_json: bool, sandbox: str | None) -> None:
    """List the latest alerts: due, sent, failed, or unsure where a crash came in between."""
    from cdp_assets.state import alerts

    state, environment = opened_environment(sandbox)
    with state.read() as conn:
        found = alerts.listed(conn, environment, limit)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2, default=lambda moment: moment.isoformat()))
        return
    for one in found:
        when = one.happened_at.isoformat(timespec="seconds")
        tries = f" after {one.attempts} tries" if one.attempts > 1 else ""
        click.echo(f"{when}  {one.alert}  {one.event}  {one.state}{tries}  {one.message['title']}")
        if one.problem:
            click.echo(f"    {one.problem}")
    if not found:
        click.echo("Nothing was told yet.")


@alert.command()
@click.argument("name")
@SANDBOX
def test(name: str, sandbox: str | None) -> None:
    """Send one message to the receiver of an alert that is applied."""
    from cdp_assets.environments.alerting import try_out
    from cdp_assets.environments.permission import allow
    from cdp_assets.environments.revision import applied_tenant
    from cdp_assets.exchange.messages import Message
    from cdp_assets.security.user import acting_user

    state, environment = opened_environment(sandbox)
    allow(state, acting_user(), "environment:apply", environment)
    known = applied_tenant(state, environment).alerts
    if name not in known:
        raise StateError(f"{name}: no such alert. Expected {nearest_known(name, known)}.")
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    title = f"A message to try {name} out"
    try_out(state, environment, known[name], Message(uuid.uuid4().hex, title, "test", environment, (), now, "none"))
    click.echo(f"{name}: the receiver has taken the message.")
