"""`cdp gc`: remove tables that nothing names any more, and old rows of the ledgers that are over."""

from __future__ import annotations

import datetime as dt
import json

import click

from cdp_assets.home import Home

WORDS = {
    "doom": "nothing names it; noted, to be removed after the grace",
    "wait": "noted; still in its grace",
    "remove": "its grace is over: removed",
    "spare": "named again: kept",
}


@click.command()
@click.option("--apply", "do_it", is_flag=True, help="Carry it out; without this it is only shown.")
@click.option(
    "--grace-hours", type=click.FloatRange(min=0), default=24.0, show_default=True, help="From noted to removed."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def gc(do_it: bool, grace_hours: float, as_json: bool) -> None:
    """Show, and with --apply remove, physical tables that no environment, publication, apply or reader names.

    A table is first noted; a later `cdp gc --apply` removes it when its grace is over and still nothing names it.
    Alerts that were told, runs of queries and readers go when they ended two weeks ago. Landed files are never removed.

    \b
    Examples:
      ./cdp gc             what would be removed
      ./cdp gc --apply
    """
    from cdp_assets.environments.ended_rows import remove_ended
    from cdp_assets.environments.janitor import collect
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.database import State

    home = Home.locate()
    state, grace = State.open(home.state), dt.timedelta(hours=grace_hours)
    found = collect(state, home.lake, acting_user(), dry_run=not do_it, grace=grace)
    ended = remove_ended(state, acting_user(), dry_run=not do_it)
    facts = [
        {"path": one.table.path, "fate": one.fate, "size_bytes": one.table.size_bytes, "problem": one.problem}
        for one in found
    ]
    if as_json:
        click.echo(json.dumps({"dry_run": not do_it, "tables": facts, "ended": ended}, indent=2))
        return
    for one in found:
        click.echo(f"  {one.table.path:<80} {f'FAILED: {one.problem}' if one.problem else WORDS[one.fate]}")
    rows = ", ".join(f"{count:,} {name}" for name, count in ended.items())
    click.echo(
        f"{len(found)} tables; of what ended two weeks ago {rows}."
        + ("" if do_it else " Nothing was changed; `./cdp gc --apply` does it.")
    )
