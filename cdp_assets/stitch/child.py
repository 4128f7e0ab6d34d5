"""Runs the kernel in a process of its own, so that its memory goes back to the system when it is done.

The parent gives `python -m cdp_assets.stitch.child FOLDER` its input as Arrow files in a private folder and the
tenant's key through a pipe, never on the command line. The child ends when that pipe closes: it never outlives its
parent.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.errors import CdpError
from cdp_assets.stitch.estimate import MEGABYTE, memory_limit
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, stitch
from cdp_assets.stitch.report import Report

TABLES = ("labels", "bad_values", "nicknames", "erased")
"""What `Given` holds as tables, beside those of the previous run."""
SETTINGS, RUN, REPORT, PREVIOUS, OUTPUT = "settings.json", "run.json", "report.json", "previous", "output"
NO_THREAD = "can't start new thread"
"""What Python says where there is no memory for the stack of one."""
NO_THREAD_DATA = 127
"""How the C library ends a process where there is no memory for what a thread keeps of its own."""
REFUSED = "refused.txt"
"""Why the kernel refused its input, in words of ours, which hold no value of a record."""


class StitchError(CdpError):
    """Stitch's process ended before it was done, or refused what it was given."""


def stitch_in_child(records: pl.DataFrame, settings: Stitch, given: Given) -> StitchResult:
    """Give what `kernel.stitch` gives; raises StitchError when the process dies, or saying what it refuses."""
    with tempfile.TemporaryDirectory(prefix="stitch_") as name:
        folder = Path(name)
        records.write_ipc(folder / "records.arrow")
        (folder / SETTINGS).write_text(settings.model_dump_json())
        _write_given(folder, given)
        _run(folder, given.key)
        report = Report(**json.loads((folder / REPORT).read_text()))
        return StitchResult(_read_all(folder / OUTPUT), report)


def _write_given(folder: Path, given: Given) -> None:
    run = {"run_id": given.run_id, "at": given.at.isoformat(), "settings_changed": given.settings_changed}
    run["pace"] = given.pace
    (folder / RUN).write_text(json.dumps(run))
    _write_all(folder / PREVIOUS, given.previous)
    for name in TABLES:
        if (frame := getattr(given, name)) is not None:
            frame.write_ipc(folder / f"{name}.arrow")


def _given(folder: Path, key: bytes) -> Given:
    run: dict[str, Any] = json.loads((folder / RUN).read_text())
    tables: dict[str, Any] = {name: _read(folder / f"{name}.arrow") for name in TABLES}
    run["at"] = dt.datetime.fromisoformat(run["at"])
    return Given(key=key, previous=_read_all(folder / PREVIOUS), **run, **tables)


def _write_all(folder: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    folder.mkdir()
    for name, frame in frames.items():
        frame.write_ipc(folder / f"{name}.arrow")


def _read_all(folder: Path) -> dict[str, pl.DataFrame]:
    return {path.stem: pl.read_ipc(path) for path in sorted(folder.glob("*.arrow"))}


def _read(path: Path) -> pl.DataFrame | None:
    return pl.read_ipc(path) if path.exists() else None


def _run(folder: Path, key: bytes) -> None:
    command = [sys.executable, "-m", "cdp_assets.stitch.child", str(folder)]
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = os.environ | {"PYTHONPATH": paths}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as child:
        assert child.stdin is not None  # noqa: S101 - asked for a pipe just above
        child.stdin.write(key.hex().encode() + b"\n")
        child.stdin.flush()
        code = child.wait()
    if (folder / REFUSED).exists():
        raise StitchError((folder / REFUSED).read_text())
    if code != 0:
        raise StitchError(_ended(code))


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
    """Read the folder's input, resolve identities, write the output."""
    folder = Path(sys.argv[1])
    key = bytes.fromhex(sys.stdin.readline().strip())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = Stitch.model_validate_json((folder / SETTINGS).read_text())
    records, given = pl.read_ipc(folder / "records.arrow"), _given(folder, key)
    limit = memory_limit(records.height, settings)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    try:
        result = stitch(records, settings, given)
    except CdpError as error:
        (folder / REFUSED).write_text(str(error))
        sys.exit(str(error))
    except Exception as error:  # noqa: BLE001 - what a library says about a failure may quote a record
        if isinstance(error, MemoryError) or NO_THREAD in str(error):
            (folder / REFUSED).write_text(_too_much(limit))
        sys.exit("".join(traceback.format_tb(error.__traceback__)) + f"stitch: {type(error).__name__}")
    _write_all(folder / OUTPUT, result.frames)
    (folder / REPORT).write_text(json.dumps(dataclasses.asdict(result.report)))


def _too_much(limit: int) -> str:
    return (
        f"stitch: the {limit // MEGABYTE:,} MB that its process may take are used up. "
        "Expected a higher memory_limit_mb in stitch.yaml, on a machine that has as much."
    )


def _end_with_parent() -> None:
    """Wait until the parent's end of the pipe closes, then end at once."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
