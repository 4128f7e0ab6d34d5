"""`cdp tests`: every check and test in one command, the same on a laptop and in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from cdp_assets.cli.machine import ENOUGH_MEMORY_GB, memory_gb
from cdp_assets.home import REPOSITORY

BIN = Path(sys.executable).parent
CHECKS = {
    "types": [str(BIN / "mypy")],
    "examples in docstrings": [
        *(sys.executable, "-m", "pytest", "-q", "--doctest-modules", "cdp_assets"),
        "--ignore=cdp_assets/state/migrations",
    ],
    "layers": [str(BIN / "lint-imports")],
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
}
"""Run two at a time, what takes longest first."""
UNIT = ["tests/unit"]
REST = ["tests/journey", "tests/spark", "tests/integration", "tests/behaviour", "tests/graph"]
"""What takes long and cannot be split comes first."""
SIDE_BY_SIDE = ["-n", "2", "--no-loadscope-reorder"]
"""Two tests at a time; those that share a server or an installation keep to one process (tests/conftest.py)."""

SHORT_LIVED_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m"
"""For a JVM that ends before its second compiler pays: a quarter less of the processors' time, the same answers.

With one compiler Java keeps 48 MB of compiled code unless told, which Spark fills: it threw a fifth of its time away on
looking for what to throw out.
"""
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, closed to others
ROOM_GB = 4
"""What the files of a whole run may take; about 1 GB is in use at the end."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--unit", is_flag=True, help="Only the checks and the unit tests: no JVM, about a minute.")
@click.option("--long", "long_", is_flag=True, help="Fuzz, crash matrices and model runs too.")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def tests(unit: bool, long_: bool, pytest_arguments: tuple[str, ...]) -> None:
    """Run formatting, lint, types, layers and tests; stop with 1 when any fails.

    \b
    Examples:
      ./cdp tests                      everything
      ./cdp tests --unit               no JVM, about a minute
      ./cdp tests tests/unit/stitch    pytest's own arguments go to pytest alone
    """
    if pytest_arguments:
        sys.exit(_run("pytest", [sys.executable, "-m", "pytest", *pytest_arguments]))
    with tempfile.TemporaryDirectory(prefix="cdp-", dir=_quick_folder()) as folder:
        failed, names = _checked(Path(folder), unit=unit, long_=long_)
    click.echo(f"{'failed: ' + ', '.join(failed) if failed else 'all passed'}; {len(names)} tests skipped", err=True)
    sys.exit(1 if failed else 0)


def _quick_folder() -> Path | None:
    """Give a folder in memory where there is room: a commit of a database takes a fiftieth there of what disks take."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM_GB * 1e9
    return MEMORY if roomy and memory_gb() >= ENOUGH_MEMORY_GB + 2 * ROOM_GB else None


def _checked(folder: Path, *, unit: bool, long_: bool) -> tuple[list[str], list[str]]:
    """Run everything with its temporary files in a folder. Gives what failed and what was skipped."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        failed = [name for name, code in zip(CHECKS, pool.map(_check, CHECKS), strict=True) if code != 0]
    skipped = folder / "skipped"
    settings = {"PYTEST_DEBUG_TEMPROOT": str(folder), "CDP_SKIP_REPORT": str(skipped)}
    settings |= {"JDK_JAVA_OPTIONS": os.environ.get("JDK_JAVA_OPTIONS", SHORT_LIVED_JAVA)}
    parts = {"unit tests": UNIT} if unit else {"unit tests": UNIT, "tests": REST}
    marks = [] if long_ else ["-m", "not long"]
    for name, folders in parts.items():
        present = [one for one in folders if (REPOSITORY / one).is_dir()]
        command = [sys.executable, "-m", "pytest", "-q", *SIDE_BY_SIDE, *marks, *present]
        if _run(name, command, **settings) != 0:
            failed.append(name)
    return failed, skipped.read_text().split() if skipped.exists() else []


def _check(name: str) -> int:
    """Run a check beside another: its output is shown in one piece, at its end."""
    started = time.monotonic()
    ended = subprocess.run(
        CHECKS[name], check=False, cwd=REPOSITORY, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    click.echo(f"── {name}\n{ended.stdout.decode()}{_ending(name, ended.returncode, started)}", err=True)
    return ended.returncode


def _run(name: str, command: list[str], **more: str) -> int:
    click.echo(f"── {name}", err=True)
    started = time.monotonic()
    code = subprocess.run(command, check=False, cwd=REPOSITORY, env=_environment() | more).returncode
    click.echo(_ending(name, code, started), err=True)
    return code


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(REPOSITORY)}


def _ending(name: str, code: int, started: float) -> str:
    return f"── {name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.0f} s)"
