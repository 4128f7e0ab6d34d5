"""What became of each file that a courier has landed: loaded, on its way, or refused and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cdp_assets.names import PRODUCTION
from cdp_assets.state import landed_files, loads
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


def courier_files(state: State, courier: str) -> list[CourierFile]:
    """Give every file of production's landing of a courier, newest file date first, once per feed that loads it."""
    with state.read() as conn:
        files = landed_files.of_courier(conn, PRODUCTION, courier)
        latest = loads.latest(conn, PRODUCTION, courier)
    ordered = sorted(files, key=lambda file: (file.file_date, file.sequence), reverse=True)
    return [one for file in ordered for one in _ways(file, latest.get(file.id, []))]


def _ways(file: LandedFile, found: list[dict[str, object]]) -> Iterator[CourierFile]:
    if not found:
        yield CourierFile(file, "landed")
    for load in found:
        numbers = [load[name] for name in ("rows_loaded", "rows_rejected")]
        loaded, rejected = (one if isinstance(one, int) else None for one in numbers)
        problem = str(load["error"]) if load["error"] is not None else None
        yield CourierFile(file, OUTCOMES[load["state"]], str(load["feed"]), loaded, rejected, problem)
