"""`cdp history`: an environment's applies and publications, newest first."""

from __future__ import annotations

import json
from typing import Any

import click

from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, sandbox_environment

WIDEST_MESSAGE = 60


@click.command()
@click.option("--sandbox", metavar="NAME", help="Of a sandbox instead of production.")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="How many of each.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def history(sandbox: str | None, limit: int, as_json: bool) -> None:
    """List what was applied and why, and what was published. `cdp rollback --to SERIAL` goes back.

    \b
    Examples:
      ./cdp history --limit 3
      ./cdp history --sandbox loyalty-v2
    """
    from cdp_assets.environments.permission import allow
    from cdp_assets.security.user import acting_user
    from cdp_assets.state import environments, plans, publications, sandboxes
    from cdp_assets.state.database import State

    environment = sandbox_environment(sandbox) if sandbox else PRODUCTION
    state = State.open(Home.locate().state)
    allow(state, acting_user(), "environment:plan", environment)
    with state.read() as conn:
        if sandbox:
            sandboxes.get(conn, environment)
        applies = environments.history(conn, environment)[:limit]
        published = publications.history(conn, environment, limit)
        approved = {one.plan_id: sorted(plans.approvers(conn, one.plan_id)) for one in applies}
    found: dict[str, list[dict[str, Any]]] = {
        "applies": [
            {
                "serial": one.serial,
                "revision": one.revision_id,
                "by": one.applied_by,
                "at": one.applied_at.isoformat(timespec="seconds"),
                "source": one.source,
                "message": one.message,
                "plan_id": one.plan_id,
                "approved_by": [f"{user} (unauthenticated)" for user in approved[one.plan_id]],
                "publication_before": one.publication_before,
                "publication_after": one.publication_after,
            }
            for one in applies
        ],
        "publications": [
            {
                "id": one.id,
                "run": one.run_id,
                "business_date": one.business_date.isoformat(),
                "revision": one.revision_id,
                "tables": len(one.entries),
                "at": one.created_at.isoformat(timespec="seconds"),
            }
            for one in published
        ],
    }
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(_lines(found)))


def _lines(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    return [
        "Applies",
        *(
            f"  {row['serial']:>4}  {row['revision'][:12]}  {row['at']}  {row['by']:<16} {row['source']:<20} "
            f"{_short(row['message'])}{_approved(row['approved_by'])}".rstrip()
            for row in found["applies"]
        ),
        "Publications",
        *(
            f"  {row['id']:>4}  {row['revision'][:12]}  {row['at']}  {row['tables']} tables of {row['business_date']}"
            f", run {row['run'][:8]}"
            for row in found["publications"]
        ),
    ]


def _approved(users: list[str]) -> str:
    return f"  approved by {', '.join(users)}" if users else ""


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= WIDEST_MESSAGE else f"{line[: WIDEST_MESSAGE - 1]}…"
