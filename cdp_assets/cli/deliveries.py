"""`cdp deliveries`: what was sent where, when and by whom; and asking for a delivery again."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cdp_assets.cli.query.asked import SANDBOX, here

if TYPE_CHECKING:
    from cdp_assets.state.deliveries import Delivery, Part

SHORT_ID = 8
RIGHT = frozenset({3, 5, 6, 7})
"""Columns of numbers."""


@click.group(invoke_without_command=True)
@SANDBOX
@click.option("--orchestration", metavar="NAME", help="Of this orchestration only.")
@click.option("--publication", type=int, metavar="NUMBER", help="Of this publication only.")
@click.option("--failed", is_flag=True, help="Only those that have failed and were not sent since.")
@click.option("--files", is_flag=True, help="Each file as well.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="The most deliveries to show.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def deliveries(
    ctx: click.Context,
    sandbox: str | None,
    orchestration: str | None,
    publication: int | None,
    failed: bool,
    files: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List what was sent: of which publication, where, when, by whom, how much, how it ended. Newest first.

    \b
    Examples:
      ./cdp deliveries --failed
      ./cdp deliveries --orchestration send_lifecycle_summary --files
      ./cdp deliveries again 3f2a9c1e
    """
    if ctx.invoked_subcommand is not None:
        return
    from cdp_assets.environments.permission import allow
    from cdp_assets.state.deliveries import listed

    place = here(sandbox)
    allow(place.state, place.user, "environment:plan", place.environment)
    with place.state.read() as conn:
        found = listed(
            conn,
            place.environment,
            orchestration=orchestration,
            publication_id=publication,
            states=["failed"] if failed else [],
            most=limit,
        )
    if as_json:
        click.echo(json.dumps([_document(one) for one in found], indent=2, default=str))
    else:
        click.echo("\n".join(_lines(found, files=files)) or "Nothing has been sent.")


@deliveries.command()
@click.argument("delivery_id", metavar="ID")
@SANDBOX
def again(delivery_id: str, sandbox: str | None) -> None:
    """Let the next run of its orchestration send a delivery anew, by the beginning of its ID.

    For files that a receiver has lost: what is delivered is not sent again otherwise. Only what is published now is
    sent; a delivery of an earlier publication is refused.

    \b
    Example:
      ./cdp deliveries again 3f2a9c1e
    """
    from cdp_assets.environments.permission import allow
    from cdp_assets.environments.runs import current_publication
    from cdp_assets.security.audit import record
    from cdp_assets.state.deliveries import send_again

    place = here(sandbox)
    current = current_publication(place.state, place.environment).id
    with place.state.write() as conn:
        found = send_again(conn, place.environment, delivery_id, current)
        name = found.order.orchestration
        allow(place.state, place.user, "export:run", place.environment, within=f"orchestration.{name}")
        record(conn, place.user, "export:again", f"{place.environment}:orchestration.{name}", delivery=found.order.id)
    click.echo(f"{name}: sent anew when it runs next, {len(found.parts)} files of publication {current}.")


def _lines(found: list[Delivery], *, files: bool) -> list[str]:
    from cdp_assets.output import aligned

    if not found:
        return []
    lines = []
    for line, one in zip(aligned([_cells(one) for one in found], RIGHT), found, strict=True):
        lines.append(line)
        lines += [f"          {_file(part, one)}" for part in one.parts] if files else []
        lines += [f"          {one.problem}"] if one.problem else []
    return lines


def _cells(one: Delivery) -> tuple[str, ...]:
    order, files = one.order, len(one.arrived)
    return (
        order.id[:SHORT_ID],
        f"{one.began_at:%Y-%m-%d %H:%M:%S}",
        order.orchestration,
        f"publication {order.publication_id}",
        order.destination,
        "1 file" if files == 1 else f"{files} files",
        f"{one.rows:,} rows",
        f"{one.size_bytes:,} bytes",
        one.state,
        f"by {order.sent_by}" if order.sent_by else "",
    )


def _file(part: Part, of: Delivery) -> str:
    state = "not arrived" if part.state == "sending" and of.state == "failed" else part.state
    return f"{part.filename}  {part.rows:,} rows, {part.size_bytes:,} bytes, {state}"


def _document(one: Delivery) -> dict[str, Any]:
    """Give a delivery as JSON: its order's fields beside its own, and its files."""
    return {
        "id": one.order.id,
        **asdict(one.order),
        "state": one.state,
        "began_at": one.began_at,
        "ended_at": one.ended_at,
        "problem": one.problem,
        "rows": one.rows,
        "size_bytes": one.size_bytes,
        "files": [asdict(part) for part in one.parts],
    }
