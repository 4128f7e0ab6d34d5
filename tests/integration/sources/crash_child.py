"""Lands and loads a shop's files in a process of its own, which ends itself with SIGKILL at a chosen point."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cdp_assets.lakehouse import delta
from cdp_assets.sources import alone, landing, load
from cdp_assets.sources.load import LoadJob
from cdp_assets.sources.wanted import NEWS, Period, by_hand
from cdp_assets.state import landed_files
from tests.integration.sources.shop import Shop


def die(*_: Any, **__: Any) -> Any:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function that does its work and then dies."""

    def done(*arguments: Any, **named: Any) -> Any:
        function(*arguments, **named)
        die()

    return done


def put(owner: Any, name: str, function: Callable[..., Any]) -> None:
    """Put a function in the place of another, which has to be there."""
    getattr(owner, name)
    setattr(owner, name, function)


POINTS: dict[str, Callable[[], None]] = {
    "after the bytes landed, before the ledger": lambda: put(landed_files, "insert", die),
    "after the ledger of landing": lambda: put(landing, "refuse_missing", die),
    "between parse and Delta commit": lambda: put(LoadJob, "_commit", die),
    "after the Delta commit, before the ledger": lambda: put(LoadJob, "_note", die),
    "after an append": lambda: put(delta, "append", after(delta.append)),
    "after an upsert": lambda: put(load, "upsert", after(load.upsert)),
}

if __name__ == "__main__":
    alone.LEASE_S = 0.2  # else whoever comes next waits for the dead one
    POINTS[sys.argv[2]]()
    days = [dt.date.fromisoformat(day) for day in sys.argv[3:]]
    Shop(Path(sys.argv[1])).run(by_hand(Period(*days)) if days else NEWS)
