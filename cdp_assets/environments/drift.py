"""What changed outside of plan and apply: tables that are gone or were written by somebody else, unfinished applies."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy.engine import Connection

from cdp_assets.environments.plan import Drift
from cdp_assets.state import applies, publications


def drift_of(conn: Connection, environment: str, lake: Path | None = None) -> tuple[Drift, ...]:
    """Give what differs from what state says.

    Args:
        conn: A consistent view of state.
        environment: Which one is looked at.
        lake: The lake's root; without it the tables are not looked at.
    """
    found = []
    unfinished = applies.find_open(conn, environment)
    if unfinished is not None:
        text = (
            f"an apply of {unfinished.began_by} is {unfinished.state}: `cdp apply --recover` finishes or withdraws it"
        )
        found.append(Drift("apply", environment, text))
    present = publications.current(conn, environment)
    if present is not None and lake is not None:
        for table, entry in sorted(present.entries.items()):
            if drift := _table_drift(str(table), f"{lake}/{entry.path}/_delta_log", entry.version):
                found.append(drift)
    return tuple(found)


def _table_drift(table: str, log: str, published: int) -> Drift | None:
    """Say what is wrong with a table's files; only a table with newer versions has any of them read.

    Paths are text, since a plan looks at every table: as `Path` they would cost more than the look.
    """
    before = {"version": published}
    if not os.path.exists(_commit(log, published)) and not any(Path(log).glob(f"{published:020d}.checkpoint*.parquet")):
        return Drift("table", table, f"version {published}, which readers see, is gone", "delete", before)
    version = published + 1
    while os.path.exists(commit := _commit(log, version)):
        text = Path(commit).read_text()
        if '"txn"' not in text and '"VACUUM' not in text:
            problem = f"written outside of the platform: version {version} is of no run"
            return Drift("table", table, problem, "update", before, {"version": version})
        version += 1
    return None


def _commit(log: str, version: int) -> str:
    return f"{log}/{version:020d}.json"
