"""`cdp courier`: which couriers there are, what became of their files, and a run of one here and now."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

import click

from cdp_assets.config.known import nearest_known
from cdp_assets.errors import StateError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.output import aligned

if TYPE_CHECKING:
    from cdp_assets.config.courier import Courier
    from cdp_assets.config.tenant import Tenant
    from cdp_assets.defs.courier_run import CourierRun
    from cdp_assets.environments.courier_files import CourierFile
    from cdp_assets.state.database import State

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
DATE = click.DateTime(["%Y-%m-%d"])
HASH_SHOWN = 12


@click.group()
def courier() -> None:
    """Look at couriers and at what became of their files, and run one.

    \b
    Examples:
      ./cdp courier list
      ./cdp courier files orders --refused     what could not be loaded, and why
      ./cdp courier run orders --day 2026-11-20
    """


@courier.command("list")
@AS_JSON
def list_(as_json: bool) -> None:
    """List every courier: its place, its files, what they fill, the groups that run it, the newest file date."""
    from cdp_assets.state import landed_files

    state, tenant = _applied()
    with state.read() as conn:
        landed = landed_files.summaries(conn, PRODUCTION)
    rows = [_described(tenant, one, *landed.get(name, (0, None))) for name, one in sorted(tenant.couriers.items())]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    head = ("courier", "place", "files", "feeds", "groups", "landed", "newest")
    lists = [tuple(", ".join(cell) if isinstance(cell, list) else str(cell) for cell in row.values()) for row in rows]
    click.echo("\n".join(aligned([head, *lists], right={5})))


@courier.command()
@click.argument("name")
@click.option("--day", type=DATE, help="Only files of this date.")
@click.option("--refused", is_flag=True, help="Only what could not be loaded.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many, the newest first.")
@AS_JSON
def files(name: str, day: dt.datetime | None, refused: bool, limit: int, as_json: bool) -> None:
    """List a courier's landed files and what became of each; a refused one stays in the landing for a look."""
    from cdp_assets.environments.courier_files import courier_files

    state, tenant = _applied()
    only = day.date() if day is not None else None
    found = courier_files(state, _courier(tenant, name).name, day=only, refused=refused, limit=limit)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found.newest], indent=2, default=lambda day: day.isoformat()))
        return
    for one in found.newest:
        click.echo(_line(one))
    if found.count > limit:
        click.echo(f"The newest {limit} of {found.count:,}; `--limit` shows more.")
    elif not found.newest:
        click.echo("No such file has landed.")


@courier.command()
@click.argument("name")
@click.option("--day", type=DATE, help="Only files of this date.")
@click.option("--from", "start", type=DATE, help="Only files from this date on.")
@click.option("--to", "end", type=DATE, help="With --from: only files before this date.")
@click.option("--skip-missing", is_flag=True, help="Go on where a required file is absent.")
@click.option("--ingest-only", is_flag=True, help="Only up to its domain tables.")
@click.option("--from-landed", is_flag=True, help="Fetch nothing: load what has landed.")
def run(
    name: str,
    day: dt.datetime | None,
    start: dt.datetime | None,
    end: dt.datetime | None,
    skip_missing: bool,
    ingest_only: bool,
    from_landed: bool,
) -> None:
    """Fetch a courier's files and load them, then what depends on them up to the databases; nothing is sent.

    \b
    Without days it takes whatever is new.
    Examples:
      ./cdp courier run orders --day 2026-11-20 --skip-missing
      ./cdp courier run orders --from 2026-11-01 --to 2026-12-01 --ingest-only     all of November
      ./cdp courier run orders --from-landed                                       after a load that failed
    """
    from cdp_assets.defs.courier_run import CourierRun
    from cdp_assets.defs.looking import Look
    from cdp_assets.environments.permission import allow
    from cdp_assets.security.user import acting_user

    first, last = _period(day, start, end)
    if from_landed and (first or skip_missing):
        raise click.UsageError(
            "--from-landed: loads all that has landed. Expected no days and no --skip-missing with it."
        )
    state, tenant = _applied()
    asked = CourierRun(
        _courier(tenant, name),
        Look(start=first, end=last, skip_missing=skip_missing),
        ingest_only=ingest_only,
        from_landed=from_landed,
    )
    allow(state, acting_user(), "environment:apply", PRODUCTION)
    _run(state, asked, last_day=dt.date.fromisoformat(last) - dt.timedelta(days=1) if last else None)


@courier.command()
@click.argument("settings", type=click.File())
@click.option("--operations", type=click.File(), help="The load operations; without them the files only land.")
@click.option(
    "--feed", "feeds", multiple=True, metavar="ID=NAME", help="The feed that an id such as df-5Jagkabc means."
)
def convert(settings: IO[str], operations: IO[str] | None, feeds: tuple[str, ...]) -> None:
    """Print the `files` and `load` of a courier whose load settings stand in SETTINGS as JSON.

    \b
    Put them into couriers/NAME.yaml beside its `location`, and let `cdp plan` check them.
    """
    from cdp_assets.config.load_settings import files_of, operations_of
    from cdp_assets.config.yaml_edit import fresh

    pairs = [text.partition("=") for text in feeds]
    if any(not (feed_id and name) for feed_id, _, name in pairs):
        raise click.UsageError("--feed: Expected an id and a feed, such as df-5Jagkabc=shop_orders.")
    files = files_of(_json(settings))
    named = {feed_id: name for feed_id, _, name in pairs}
    load = operations_of(_json(operations), named, files) if operations is not None else []
    click.echo(fresh({"files": files} | ({"load": load} if load else {})), nl=False)


def _json(file: IO[str]) -> Any:
    try:
        return json.load(file)
    except ValueError as error:
        raise click.UsageError(f"{file.name}: not JSON ({error}). Expected load settings or operations.") from None


def _run(state: State, asked: CourierRun, last_day: dt.date | None) -> None:
    """Run it as of the latest of its days, never before what is published."""
    from cdp_assets.cli.demo import run_job
    from cdp_assets.defs.engine import prepare, spark_server
    from cdp_assets.defs.platform import active_revision
    from cdp_assets.environments.runs import latest_publication

    home = Home.locate()
    published = latest_publication(state, PRODUCTION)
    days = [one for one in (last_day, published.business_date if published else None) if one is not None]
    prepare(home)
    revision = active_revision(home, PRODUCTION)
    assert revision is not None  # noqa: S101 - `_applied` has found it
    with spark_server(home) if asked.needs_spark else contextlib.nullcontext():
        run_job(
            home,
            asked.job,
            max(days, default=dt.datetime.now(dt.UTC).date()),
            PRODUCTION,
            only=lambda assets: asked.assets(revision, assets),
            config=asked.config(revision),
        )


def _period(day: dt.datetime | None, start: dt.datetime | None, end: dt.datetime | None) -> tuple[str, str]:
    """Give the first day and the first that is not wanted any more; empty where none is said."""
    if (day is not None and start is not None) or (start is None) is not (end is None):
        raise click.UsageError("Expected --day, or --from and --to together.")
    if day is not None:
        start, end = day, day + dt.timedelta(days=1)
    if start is None or end is None:
        return "", ""
    if start >= end:
        raise click.UsageError("--to: not after --from. Expected the first day that is not wanted any more.")
    return start.date().isoformat(), end.date().isoformat()


def _applied() -> tuple[State, Tenant]:
    from cdp_assets.environments.revision import applied_tenant
    from cdp_assets.state.database import State

    state = State.open(Home.locate().state)
    return state, applied_tenant(state, PRODUCTION)


def _courier(tenant: Tenant, name: str) -> Courier:
    if name not in tenant.couriers:
        raise StateError(f"{name}: no such courier. Expected {nearest_known(name, tenant.couriers)}.")
    return tenant.couriers[name]


def _described(tenant: Tenant, one: Courier, landed: int, newest: dt.date | None) -> dict[str, Any]:
    return {
        "courier": one.name,
        "place": one.location.kind,
        "files": [file.tag for file in one.files],
        "feeds": list(dict.fromkeys(operation.feed for operation in one.load)),
        "groups": [name for name, group in tenant.courier_groups.items() if one.name in group.couriers],
        "landed": landed,
        "newest": newest.isoformat() if newest else "",
    }


def _line(one: CourierFile) -> str:
    file = one.file
    into = f" into {one.feed}" if one.feed else ""
    rows = f", {one.rows_loaded:,} rows, {one.rows_rejected or 0:,} rejected" if one.outcome == "loaded" else ""
    line = f"{file.file_date}  {file.name}  {file.size_bytes:,} bytes  {file.sha256[:HASH_SHOWN]}  {one.outcome}{into}"
    kept = f"kept as {file.path}" if file.version is None else "stays in its store"
    return line + rows + (f"\n    {one.problem}\n    {kept}" if one.problem else "")
