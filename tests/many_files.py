"""A ledger with many landed files, and which statements reach a state: work is counted, not timed."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine, RowMapping

from cdp_assets.names import PRODUCTION
from cdp_assets.state import landed_files, tables
from cdp_assets.state.database import State, now

FIRST_DAY = dt.date(2020, 1, 1)


def land_many(state: State, courier: str, tag: str, count: int) -> None:
    """Note files of a courier as landed, one a day."""
    rows = [
        {
            "environment": PRODUCTION,
            "courier": courier,
            "tag": tag,
            "name": f"{tag}_{number}.csv",
            "file_date": FIRST_DAY + dt.timedelta(days=number),
            "sequence": number + 1,
            "size_bytes": 1,
            "modified_at": now(),
            "sha256": f"{number:064}",
            "path": f"landing/{number}",
            "landed_at": now(),
        }
        for number in range(count)
    ]
    with state.write() as conn:
        conn.execute(sa.insert(tables.landed_file), rows)


def load_all(state: State, feed: str, table_path: str) -> None:
    """Note every landed file as loaded into a table."""
    with state.write() as conn:
        files = conn.execute(sa.select(tables.landed_file.c.id)).scalars().all()
        common = {"environment": PRODUCTION, "table_path": table_path, "feed": feed, "state": "committed"}
        common |= {"rows_read": 1, "rows_loaded": 1, "rows_rejected": 0}
        rows = [common | {"id": str(file), "landed_file_id": file, "started_at": now()} for file in files]
        conn.execute(sa.insert(tables.load), rows)


@contextlib.contextmanager
def rows_of_files() -> Iterator[list[object]]:
    """Give the rows that are made landed files of in the block."""
    found: list[object] = []
    make = landed_files.from_row

    def noting(row: RowMapping) -> landed_files.LandedFile:
        found.append(row["id"])
        return make(row)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(landed_files, "from_row", noting)
        yield found


@contextlib.contextmanager
def statements(about: str) -> Iterator[list[str]]:
    """Give the statements that name a table and are executed in the block, in any state of this process."""
    found: list[str] = []

    def note(*arguments: Any) -> None:
        if about in arguments[2]:
            found.append(arguments[2])

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)
