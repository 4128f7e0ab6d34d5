"""`cdp audit`: who did what, and whether the log of it is whole."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdp_assets.home import Home
from cdp_assets.output import write_whole

if TYPE_CHECKING:
    from cdp_assets.state.audit_log import AuditRow, Chain
    from cdp_assets.state.database import State

SHOWN = 50
WIDEST_DETAIL = 100
"""Characters of a row's detail in the list; JSON and CSV hold all of it."""
BROKEN = 1


@click.group(invoke_without_command=True)
@click.option("--since", metavar="MOMENT", help="From this date or moment on (ISO 8601, UTC unless it has a zone).")
@click.option("--user", help="Of this user only.")
@click.option("--action", help="This action only, such as environment:apply; environment:* for all that begin so.")
@click.option("--limit", type=click.IntRange(min=1), help=f"The newest so many. [default: {SHOWN}; all in JSON or CSV]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Write a CSV file instead.")
@click.pass_context
def audit(
    ctx: click.Context,
    since: str | None,
    user: str | None,
    action: str | None,
    limit: int | None,
    as_json: bool,
    csv_file: Path | None,
) -> None:
    """List who did what, newest last.

    \b
    Examples:
      ./cdp audit --since 2026-11-01 --user ann
      ./cdp audit --action "sandbox:*" --csv sandboxes.csv
      ./cdp audit verify
    """
    if ctx.invoked_subcommand is not None:
        return
    from cdp_assets.state.audit_log import listed

    if limit is None and not as_json and csv_file is None:
        limit = SHOWN
    with _state().read() as conn:
        found = listed(conn, since=_moment(since), user=user, action=action, limit=limit)
    if csv_file is not None:
        write_whole(csv_file, _csv(found))
        click.echo(f"{csv_file}: {len(found)} rows")
    elif as_json:
        click.echo(json.dumps([_document(row) for row in found], indent=2))
    else:
        click.echo("\n".join(_line(row) for row in found) or "No row fits.")
        if len(found) == limit:
            click.echo(f"The newest {limit}; --limit shows more.", err=True)


@audit.command()
@click.option("--expect", metavar="HASH", help="The last hash of an earlier look: some row must have it still.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def verify(ctx: click.Context, expect: str | None, as_json: bool) -> None:
    """Look whether each row follows from the one before it; exit code 1 where one does not.

    Rows that were removed at the end show only with --expect: keep the last hash where those who can write the
    state cannot reach it.

    \b
    Example:
      ./cdp audit verify --expect 5f0c…
    """
    from cdp_assets.state.audit_log import verified

    if expect is not None and not _is_hash(expect):
        raise click.UsageError("--expect is not a hash. Expected 64 hex digits, as an earlier verify has printed them.")
    with _state().read() as conn:
        found = verified(conn, expect)
    whole = found.broken_at is None and (expect is None or found.rows_after_expected is not None)
    said = {"whole": whole, "rows": found.rows, "last_hash": found.last_hash, "broken_at": found.broken_at}
    if expect is not None:
        said["rows_after_expected"] = found.rows_after_expected
    click.echo(json.dumps(said, indent=2) if as_json else _verdict(found, expect))
    ctx.exit(0 if whole else BROKEN)


def _state() -> State:
    """Give the state to somebody who may read the log."""
    from cdp_assets.config.actions import AUDIT_READ
    from cdp_assets.environments.permission import allow
    from cdp_assets.names import PRODUCTION
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.database import State

    state = State.open(Home.locate().state)
    allow(state, acting_user(), AUDIT_READ, PRODUCTION)
    return state


def _verdict(found: Chain, expect: str | None) -> str:
    counted = f"{found.rows} rows, the last hash is {found.last_hash}"
    if found.broken_at is not None:
        return (
            f"BROKEN: row {found.broken_at} does not follow from the row before it. It was changed, put there, or rows "
            f"before it were removed.\nUp to there: {counted}"
        )
    if expect is not None and found.rows_after_expected is None:
        return f"BROKEN: no row has the expected hash. Rows were removed at the end, or made anew.\nLeft: {counted}"
    since = "" if expect is None else f"; {found.rows_after_expected} since the expected hash"
    return f"Whole: {counted}{since}"


def _document(row: AuditRow) -> dict[str, Any]:
    return dataclasses.asdict(row) | {"happened_at": row.happened_at.isoformat()}


def _line(row: AuditRow) -> str:
    detail = " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in row.detail.items())
    detail = detail if len(detail) <= WIDEST_DETAIL else f"{detail[: WIDEST_DETAIL - 1]}…"
    moment = row.happened_at.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
    return f"{row.id:>6}  {moment}  {row.acting_user:<16} {row.action:<24} {row.resource}  {detail}".rstrip()


def _csv(rows: list[AuditRow]) -> str:
    """Give the rows as CSV; headers are dashed, the detail is JSON."""
    from cdp_assets.state.audit_log import AuditRow

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(field.name.replace("_", "-") for field in dataclasses.fields(AuditRow))
    for row in rows:
        detail = json.dumps(row.detail, ensure_ascii=False, sort_keys=True)
        writer.writerow((_document(row) | {"detail": detail}).values())
    return text.getvalue()


def _moment(text: str | None) -> dt.datetime | None:
    from cdp_assets.state.database import utc

    try:
        return None if text is None else utc(dt.datetime.fromisoformat(text))
    except ValueError:
        raise click.UsageError("--since is not a moment. Expected such as 2026-11-20 or 2026-11-20T08:30.") from None


def _is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
