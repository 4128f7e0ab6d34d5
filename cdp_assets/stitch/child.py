"""Runs the kernel in a process of its own, so that its memory goes back to the system when it is done.

The parent gives `python -m cdp_assets.stitch.child FOLDER` its input as Arrow files in a private folder and the
tenant's key through a pipe, never on the command line. The child ends when that pipe closes: it never outlives its
parent.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.errors import CdpError
from cdp_assets.stitch.kernel import StitchResult, stitch
from cdp_assets.stitch.report import Report

INPUTS = ("records", "previous_ids", "origins")
SETTINGS, REPORT, OUTPUT = "settings.json", "report.json", "output"


class StitchError(CdpError):
    """Stitch's process ended before it was done."""


def stitch_in_child(
    records: pl.DataFrame,
    settings: Stitch,
    *,
    previous_ids: pl.DataFrame | None,
    origins: pl.DataFrame | None,
    key: bytes,
) -> StitchResult:
    """Give what `kernel.stitch` gives; raises StitchError when the process dies or runs out of memory."""
    with tempfile.TemporaryDirectory(prefix="stitch_") as name:
        folder = Path(name)
        for part, frame in zip(INPUTS, (records, previous_ids, origins), strict=True):
            if frame is not None:
                frame.write_ipc(folder / f"{part}.arrow")
        (folder / SETTINGS).write_text(settings.model_dump_json())
        _run(folder, key)
        outputs = {path.stem: pl.read_ipc(path) for path in (folder / OUTPUT).glob("*.arrow")}
        report = Report(**json.loads((folder / REPORT).read_text()))
    return StitchResult(outputs, report)


def _run(folder: Path, key: bytes) -> None:
    command = [sys.executable, "-m", "cdp_assets.stitch.child", str(folder)]
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = os.environ | {"PYTHONPATH": paths}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as child:
        assert child.stdin is not None  # noqa: S101 - asked for a pipe just above
        child.stdin.write(key.hex().encode() + b"\n")
        child.stdin.flush()
        code = child.wait()
    if code != 0:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        raise StitchError(f"stitch: its process {how}. Expected it to end with 0; see the run's own log for why.")


def main() -> None:
    """Read the folder's input, resolve identities, write the output."""
    folder = Path(sys.argv[1])
    key = bytes.fromhex(sys.stdin.readline().strip())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = Stitch.model_validate_json((folder / SETTINGS).read_text())
    records, previous_ids, origins = (_input(folder / f"{part}.arrow") for part in INPUTS)
    if records is None:
        sys.exit("stitch: no records were given.")
    try:
        result = stitch(records, settings, previous_ids=previous_ids, origins=origins, key=key)
    except Exception as error:  # noqa: BLE001 - what a library says about a failure may quote a record
        sys.exit("".join(traceback.format_tb(error.__traceback__)) + f"stitch: {type(error).__name__}")
    (folder / OUTPUT).mkdir()
    for name, frame in result.frames.items():
        frame.write_ipc(folder / OUTPUT / f"{name}.arrow")
    (folder / REPORT).write_text(json.dumps(dataclasses.asdict(result.report)))


def _input(path: Path) -> pl.DataFrame | None:
    return pl.read_ipc(path) if path.exists() else None


def _end_with_parent() -> None:
    """Wait until the parent's end of the pipe closes, then end at once."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
