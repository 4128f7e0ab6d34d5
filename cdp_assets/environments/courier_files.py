"""What became of each file that a courier has landed: loaded, on its way, or refused and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from cdp_assets.names import PRODUCTION
from cdp_assets.state import landed_files, tables
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import LandedFile

Outcome = Literal["landed", "loading", "loaded", "refused"]
OUTCOMES: dict[object, Outcome] = {"started": "loading", "committed": "loaded", "failed": "refused"}
"""State of a load -> what people call it; a file that no feed has begun to load has landed."""


@dataclass(frozen=True)
class CourierFile:
    """A landed file, and its latest way into one feed, if there was one."""

    file: LandedFile
    outcome: Outcome
    feed: str | None = None
    rows_loaded: int | None = None
    rows_rejected: int | None = None
    problem: str | None = None
    """Why it was refused; the file itself stays in the landing for a look."""


@dataclass(frozen=True)
class CourierFiles:
    """The newest of a courier's files, and how many there are in all."""

    newest: list[CourierFile]
    count: int


def courier_files(
    state: State, courier: str, *, day: dt.date | None = None, refused: bool = False, limit: int = 50
) -> CourierFiles:
    """Give files of production's landing of a courier, the newest file date first, once per feed that loads it.

    Args:
        state: The state.
        courier: The courier's name.
        day: Only files of this date.
        refused: Only what could not be loaded.
        limit: The most that are given.
    """
    ways, latest = _ways(courier, day=day, refused=refused)
    table = tables.landed_file
    newest_first = (table.c.file_date.desc(), table.c.sequence.desc(), latest.c.feed)
    with state.read() as conn:
        count = conn.execute(ways.with_only_columns(sa.func.count())).scalar_one()
        rows = conn.execute(ways.order_by(*newest_first).limit(limit)).mappings()
        return CourierFiles([_file(row) for row in rows], count)


def _ways(courier: str, *, day: dt.date | None, refused: bool) -> tuple[sa.Select[Any], sa.Subquery]:
    """Give each landed file with its latest load into each feed, if there was one; and these loads."""
    table, load = tables.landed_file, tables.load
    newer = load.alias()
    same = (newer.c[name] == load.c[name] for name in ("environment", "landed_file_id", "feed"))
    is_later = sa.tuple_(newer.c.started_at, newer.c.id) > sa.tuple_(load.c.started_at, load.c.id)
    columns = (load.c[name] for name in ("landed_file_id", "feed", "state", "rows_loaded", "rows_rejected", "error"))
    latest = sa.select(*columns).where(load.c.environment == PRODUCTION, ~sa.exists().where(*same, is_later)).subquery()
    wanted = [table.c.environment == PRODUCTION, table.c.courier == courier]
    wanted += [table.c.file_date == day] if day is not None else []
    wanted += [latest.c.state == "failed"] if refused else []
    found = sa.select(table, latest).outerjoin(latest, latest.c.landed_file_id == table.c.id)
    return found.where(*wanted), latest


def _file(row: RowMapping) -> CourierFile:
    file, state = landed_files.from_row(row), row["state"]
    if state is None:
        return CourierFile(file, "landed")
    return CourierFile(file, OUTCOMES[state], row["feed"], row["rows_loaded"], row["rows_rejected"], row["error"])
