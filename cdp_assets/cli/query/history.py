"""`cdp query history` and `cdp query cancel`: who asked what, for how long, and stopping it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cdp_assets.cli.query.asked import SANDBOX, here

if TYPE_CHECKING:
    from cdp_assets.state.query_runs import QueryRun


@click.command()
@click.argument("query", required=False)
@SANDBOX
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="The most runs to show.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def history(query: str | None, sandbox: str | None, limit: int, as_json: bool) -> None:
    """List who ran, previewed and downloaded which query: how long it took, its rows, how it ended. Newest first.

    SQL that belongs to no query of the tenant is `ad_hoc`; its text, which may hold values, is not kept.

    \b
    Examples:
      ./cdp query history
      ./cdp query history high_value_customers --json
    """
    from cdp_assets.environments.permission import allow
    from cdp_assets.state import query_runs

    place = here(sandbox)
    allow(place.state, place.user, "query:run", place.environment)
    with place.state.read() as conn:
        found = query_runs.latest(conn, place.environment, query=query, most=limit)
    if as_json:
        click.echo(json.dumps([asdict(one) | {"seconds": one.seconds} for one in found], indent=2, default=str))
    else:
        click.echo("\n".join(map(_line, found)) or "No query has run.")


def _line(one: QueryRun) -> str:
    took = "" if one.seconds is None else f"{one.seconds:.1f} s"
    rows = "" if one.rows is None else f"{one.rows:,} rows"
    by = f" by {one.cancelled_by}" if one.cancelled_by and one.state == "cancelled" else ""
    asked = f"{one.id[:8]}  {one.started_at:%Y-%m-%d %H:%M:%S}  {one.kind:<8}  {one.query:<28}  {one.asked_by:<16}"
    return f"{asked}  {took:>9}  {rows:>14}  {one.state}{by}"


@click.command()
@click.argument("run_id", metavar="ID")
def cancel(run_id: str) -> None:
    """Stop a query that runs, by the beginning of its ID, which `cdp query history` shows; another's needs query:edit.

    \b
    Example:
      ./cdp query cancel 3f2a9c1e
    """
    from cdp_assets.environments.permission import allow
    from cdp_assets.security.audit import record
    from cdp_assets.state import query_runs

    place = here(None)
    with place.state.write() as conn:
        found = query_runs.ask_to_cancel(conn, run_id, place.user)
        allow(place.state, place.user, "query:run" if found.asked_by == place.user else "query:edit", found.environment)
        record(conn, place.user, "query:cancel", f"{found.environment}:query.{found.query}", run=found.id)
    click.echo(f"{found.query}, asked by {found.asked_by}, is being stopped.")
