"""Runs the kernel in a process of its own, so that its memory goes back to the system when it is done.

The parent gives `python -m cdp_assets.stitch.child FOLDER` the records as an Arrow file in a private folder and the
tenant's key through a pipe, never on the command line. The child reads the tables of the run before and makes them
ready, while the parent still reads the records, and brings those of its own run to their rows itself: what holds
millions of rows is never copied from one process to the other. It ends when the pipe closes: it never outlives its
parent.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from cdp_assets.config.stitch import Stitch
from cdp_assets.errors import CdpError
from cdp_assets.lakehouse.keep import Change, Stored, Target, held, keep_all
from cdp_assets.stitch.before import Before, before_of
from cdp_assets.stitch.clock import Clock
from cdp_assets.stitch.estimate import MEGABYTE, memory_limit
from cdp_assets.stitch.figures.run import NEEDED, Examples, Figures, figures_of
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, stitch
from cdp_assets.stitch.labelled import LABELLED, nobody_labelled
from cdp_assets.stitch.limits import limited
from cdp_assets.stitch.report import Report

GIVEN = ("labels", "bad_values", "nicknames", "erased")
"""What `Given` holds as tables, beside those of the previous run."""
RECORDS, SETTINGS, RUN, TABLES = "records.arrow", "settings.json", "run.json", "tables.json"
OUTCOME, FIGURES = "outcome.json", "figures"
READ, READY, WRITE = "read", "ready", "write"
AROUND = (READ, READY, WRITE, FIGURES)
"""Stages of the process around those of the kernel."""
NO_THREAD = "can't start new thread"
"""What Python says where there is no memory for the stack of one."""
NO_THREAD_DATA = 127
"""How the C library ends a process where there is no memory for what a thread keeps of its own."""
REFUSED = "refused.txt"
"""Why the kernel refused its input, in words of ours, which hold no value of a record."""


Records = Callable[[], pl.DataFrame]
"""Reads them."""


class StitchError(CdpError):
    """Stitch's process ended before it was done, or refused what it was given."""


@dataclass(frozen=True)
class Tables:
    """Tables of Stitch by name: those of the run before, which are read, and those that a run brings to its rows."""

    before: Mapping[str, Stored]
    after: Mapping[str, Target]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run left: the version of each table, and what it was like.

    figures: Nothing where the run compared nobody, as in one-to-one mode. labelled: Its table stitch_labelled.
    """

    versions: Mapping[str, int]
    report: Report
    figures: Figures | None
    labelled: pl.DataFrame


def stitch_in_child(records: Records, settings: Stitch, given: Given, tables: Tables) -> Outcome:
    """Resolve as `kernel.stitch` does, and bring `tables.after` to what it gives.

    `given` comes without the tables of the run before: these are read from `tables.before`. `records` is called once.
    Raises StitchError when the process dies, or saying what it refuses.
    """
    with tempfile.TemporaryDirectory(prefix="stitch_") as name:
        folder = Path(name)
        (folder / SETTINGS).write_text(settings.model_dump_json())
        (folder / TABLES).write_text(json.dumps(dataclasses.asdict(tables), default=str))
        _write_given(folder, given)
        _run(folder, given.key, records)
        return _outcome(folder)


def _write_given(folder: Path, given: Given) -> None:
    run = {"run_id": given.run_id, "at": given.at.isoformat(), "settings_changed": given.settings_changed}
    run["pace"] = given.pace
    (folder / RUN).write_text(json.dumps(run))
    for name in GIVEN:
        if (frame := getattr(given, name)) is not None:
            frame.write_ipc(folder / f"{name}.arrow")


def _given(folder: Path, key: bytes, previous: Mapping[str, pl.DataFrame]) -> Given:
    run: dict[str, Any] = json.loads((folder / RUN).read_text())
    frames: dict[str, Any] = {name: _read(folder / f"{name}.arrow") for name in GIVEN}
    run["at"] = dt.datetime.fromisoformat(run["at"])
    return Given(key=key, previous=previous, **run, **frames)


def _tables(folder: Path) -> Tables:
    said: dict[str, dict[str, Any]] = json.loads((folder / TABLES).read_text())
    before = {name: Stored(Path(one["path"]), one["version"]) for name, one in said["before"].items()}
    return Tables(before, {name: Target(**one | {"path": Path(one["path"])}) for name, one in said["after"].items()})


def _read(path: Path) -> pl.DataFrame | None:
    return pl.read_ipc(path) if path.exists() else None


def _write_outcome(folder: Path, outcome: Outcome) -> None:
    """Leave what the parent is told; what says that it is all there comes last."""
    outcome.labelled.write_ipc(folder / f"{LABELLED}.arrow")
    said = {"versions": dict(outcome.versions), "report": dataclasses.asdict(outcome.report)}
    if outcome.figures is not None:
        (folder / FIGURES).mkdir()
        for name, frame in outcome.figures.frames.items():
            frame.write_ipc(folder / FIGURES / f"{name}.arrow")
        counts = dataclasses.asdict(dataclasses.replace(outcome.figures, frames={}))
        said |= {"figures": counts | {"frames": list(outcome.figures.frames)}}
    (folder / OUTCOME).write_text(json.dumps(said))


def _outcome(folder: Path) -> Outcome:
    said: dict[str, Any] = json.loads((folder / OUTCOME).read_text())
    figures: dict[str, Any] | None = said.get("figures")
    if figures is not None:
        figures["frames"] = {name: pl.read_ipc(folder / FIGURES / f"{name}.arrow") for name in figures["frames"]}
    labelled = pl.read_ipc(folder / f"{LABELLED}.arrow")
    return Outcome(said["versions"], Report(**said["report"]), Figures(**figures) if figures else None, labelled)


def _run(folder: Path, key: bytes, records: Records) -> None:
    command = [sys.executable, "-m", "cdp_assets.stitch.child", str(folder)]
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = os.environ | {"PYTHONPATH": paths}
    with subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0, env=environment) as child:
        _tell(child, key.hex())
        records().write_ipc(folder / RECORDS)
        _tell(child, "the records are there")
        code = child.wait()
    if (folder / REFUSED).exists():
        raise StitchError((folder / REFUSED).read_text())
    if code != 0:
        raise StitchError(_ended(code))


def _tell(child: subprocess.Popen[bytes], line: str) -> None:
    """Say something to the process, unless it has ended already: then its code says how."""
    assert child.stdin is not None  # noqa: S101 - asked for a pipe
    with suppress(BrokenPipeError):
        child.stdin.write(f"{line}\n".encode())


def _ended(code: int) -> str:
    """Say how the process ended before it was done.

    >>> "memory_limit_mb" in _ended(-6), "memory_limit_mb" in _ended(127), "memory_limit_mb" in _ended(1)
    (True, True, False)
    """
    how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    is_out = code < 0 or code == NO_THREAD_DATA
    memory = " A library that gets no memory ends so: see memory_limit_mb." if is_out else ""
    return f"stitch: its process {how}. Expected it to end with 0; see the run's own log for why.{memory}"


def main() -> None:
    """Read the folder's input, resolve identities, write the tables and what became of them."""
    folder = Path(sys.argv[1])
    key = bytes.fromhex(sys.stdin.readline().strip())
    settings = Stitch.model_validate_json((folder / SETTINGS).read_text())
    limit = memory_limit(0, settings)
    try:
        tables, clock = _tables(folder), Clock()
        given = _given(folder, key, {name: held(stored) for name, stored in tables.before.items()})
        clock.lap(READ)
        before = before_of(settings, given)
        clock.lap(READY)
        records = _records(folder)
        limit = limited(memory_limit(records.height, settings))
        clock.lap(READ)
        _write_outcome(folder, _resolved(records, settings, given, before, tables, clock))
    except CdpError as error:
        (folder / REFUSED).write_text(str(error))
        sys.exit(str(error))
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001 - what a library, or a panic of Rust's, says may quote a record
        if isinstance(error, MemoryError) or NO_THREAD in str(error):
            (folder / REFUSED).write_text(_too_much(limit))
        sys.exit("".join(traceback.format_tb(error.__traceback__)) + f"stitch: {type(error).__name__}")


def _records(folder: Path) -> pl.DataFrame:
    """Give the records once the parent has read them; end with it."""
    if not sys.stdin.readline():
        os._exit(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return pl.read_ipc(folder / RECORDS)


def _resolved(
    records: pl.DataFrame, settings: Stitch, given: Given, before: Before, tables: Tables, clock: Clock
) -> Outcome:
    """Resolve, and bring the tables to their rows."""
    result = stitch(records, settings, given, before)
    clock.lap("stitch")
    versions = keep_all(_rows(result, tables))
    clock.lap(WRITE)
    figures = _figures(result, given)
    clock.lap(FIGURES)
    seconds = {**result.report.seconds, **{name: clock.seconds[name] for name in AROUND}}
    report = dataclasses.replace(result.report, seconds=seconds)
    labelled = result.frames.get(LABELLED, nobody_labelled())
    return Outcome(dict(zip(tables.after, versions, strict=True)), report, figures, labelled)


def _rows(result: StitchResult, tables: Tables) -> list[tuple[Target, pa.Table, Change | None]]:
    """Give the rows that each table is brought to; what has changed, where that is known of the version it has."""
    rows, changes = result.tables(), result.changes()
    known = {(stored.path, stored.version) for stored in tables.before.values()}
    return [
        (target, rows[name], changes.get(name) if (target.path, target.at) in known else None)
        for name, target in tables.after.items()
    ]


def _figures(result: StitchResult, given: Given) -> Figures | None:
    """Give the figures of a run that compared anybody."""
    if any(name not in result.frames for name in NEEDED):
        return None
    return figures_of(result.frames, given.previous.get("stitch_ids"), Examples())


def _too_much(limit: int) -> str:
    return (
        f"stitch: the {limit // MEGABYTE:,} MB that its process may take are used up. "
        "Expected a higher memory_limit_mb in stitch.yaml, on a machine that has as much."
    )


def _end_with_parent() -> None:
    """Wait until the parent's end of the pipe closes, then end at once."""
    sys.stdin.read()
    os._exit(1)


def _silence_libraries() -> None:
    """Keep off the run's log what libraries write by themselves: the line of a Rust panic may quote a record."""
    sys.stderr = os.fdopen(os.dup(2), "w")
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)


if __name__ == "__main__":
    _silence_libraries()
    main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # what a run holds goes back to the system at once, not piece by piece
