"""Sends an export in a process of its own, which ends itself with SIGKILL before or after its nth call of a step."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from cdp_assets.destinations import export
from cdp_assets.exchange.locations import LocalFolder
from cdp_assets.state import deliveries
from tests.unit.destinations.sender import Sender

ROWS = pa.table({"n": list(range(60_000))})
SETTINGS: dict[str, Any] = {"split_rows": 50_000, "filename": "n_{{file_number}}.csv", "done_file": True}
NAMES = ["n_0000001.csv", "n_0000001.csv.DONE", "n_0000002.csv"]
"""What is at the destination in the end; each put is one file."""
OWNERS: dict[str, Any] = {
    "begin": deliveries,
    "begin_part": deliveries,
    "pack": export,
    "put": LocalFolder,
    "replace": os,
    "finish_part": deliveries,
    "end": deliveries,
}
"""Step -> what holds it. `after` one of the ledger's is before its commit, `before` the next step is after it."""
POINTS = [
    ("before", "begin", 1),
    ("after", "begin", 1),
    ("before", "pack", 1),
    ("before", "begin_part", 1),
    ("after", "begin_part", 1),
    ("before", "put", 1),
    ("before", "replace", 1),
    ("after", "put", 1),
    ("after", "finish_part", 1),
    ("before", "begin_part", 2),
    ("before", "replace", 2),
    ("after", "put", 2),
    ("before", "put", 3),
    ("after", "put", 3),
    ("before", "end", 1),
    ("after", "end", 1),
]


def dying(step: Callable[..., Any], when: str, turn: int) -> Callable[..., Any]:
    """Give a function that does its work, and ends this process as `kill -9` does at one of its calls."""
    calls = 0

    def done(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == turn and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = step(*arguments, **named)
        if calls == turn:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return done


if __name__ == "__main__":
    root, when, name, turn = sys.argv[1:]
    sender = Sender(Path(root))
    owner = OWNERS[name]
    setattr(owner, name, dying(getattr(owner, name), when, int(turn)))
    sender.send(1, ROWS, **SETTINGS)
