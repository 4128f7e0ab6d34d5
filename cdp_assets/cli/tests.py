"""`cdp tests`: every check and test in one command, the same on a laptop and in CI."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from cdp_assets.home import REPOSITORY

BIN = Path(sys.executable).parent
CHECKS = {
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "types": [str(BIN / "mypy")],
    "layers": [str(BIN / "lint-imports")],
    "examples in docstrings": [
        *(sys.executable, "-m", "pytest", "-q", "--doctest-modules", "cdp_assets"),
        "--ignore=cdp_assets/state/migrations",
    ],
}
UNIT = ["tests/unit"]
REST = ["tests/journey", "tests/spark", "tests/integration", "tests/behaviour", "tests/graph"]
"""What takes long and cannot be split comes first."""
SIDE_BY_SIDE = ["-n", "2", "--no-loadscope-reorder"]
"""Two tests at a time; those that share a server or an installation keep to one process (tests/conftest.py)."""


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
    skipped = Path(tempfile.mkdtemp()) / "skipped"
    failed = [name for name, command in CHECKS.items() if _run(name, command) != 0]
    parts = {"unit tests": UNIT} if unit else {"unit tests": UNIT, "tests": REST}
    for name, folders in parts.items():
        present = [folder for folder in folders if (REPOSITORY / folder).is_dir()]
        marks = [] if long_ else ["-m", "not long"]
        if (
            _run(
                name,
                [sys.executable, "-m", "pytest", "-q", *SIDE_BY_SIDE, *marks, *present],
                CDP_SKIP_REPORT=str(skipped),
            )
            != 0
        ):
            failed.append(name)
    names = skipped.read_text().split() if skipped.exists() else []
    click.echo(f"{'failed: ' + ', '.join(failed) if failed else 'all passed'}; {len(names)} tests skipped", err=True)
    sys.exit(1 if failed else 0)


def _run(name: str, command: list[str], **more: str) -> int:
    click.echo(f"── {name}", err=True)
    started = time.monotonic()
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)} | more
    code = subprocess.run(command, check=False, cwd=REPOSITORY, env=environment).returncode
    click.echo(f"── {name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.0f} s)", err=True)
    return code
