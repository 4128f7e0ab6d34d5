"""`cdp history`: applies and publications of production, newest first."""

from __future__ import annotations

import json

import click
import sqlalchemy as sa

from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.state import publications, tables
from cdp_assets.state.database import State, utc


@click.command()
@click.option("--limit", default=10, show_default=True, help="How many of each.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def history(limit: int, as_json: bool) -> None:
    """List what was applied, and what was published.

    \b
    Example:
      ./cdp history --limit 3
    """
    state = State.open(Home.locate().state)
    applied = tables.applied
    with state.read() as conn:
        query = sa.select(applied).where(applied.c.environment == PRODUCTION).order_by(applied.c.serial.desc())
        applies = [dict(row) for row in conn.execute(query.limit(limit)).mappings()]
        published = publications.history(conn, PRODUCTION, limit)
    found = {
        "applies": [
            {
                "serial": row["serial"],
                "revision": row["revision_id"],
                "by": row["applied_by"],
                "at": utc(row["applied_at"]).isoformat(timespec="seconds"),
            }
            for row in applies
        ],
        "publications": [
            {
                "id": one.id,
                "business_date": one.business_date.isoformat(),
                "revision": one.revision_id,
                "tables": len(one.entries),
                "at": one.created_at.isoformat(timespec="seconds"),
            }
            for one in published
        ],
    }
    click.echo(json.dumps(found, indent=2) if as_json else _text(found))


def _text(found: dict[str, list[dict[str, object]]]) -> str:
    lines = ["Applies"]
    lines += [
        f"  {row['serial']:>4}  {str(row['revision'])[:12]}  {row['at']}  {row['by']}" for row in found["applies"]
    ]
    lines += ["Publications"]
    lines += [
        f"  {row['id']:>4}  {row['business_date']}  {row['tables']} tables  {row['at']}"
        for row in found["publications"]
    ]
    return "\n".join(lines)
