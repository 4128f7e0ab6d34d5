"""`cdp doctor`: what is missing or wrong, and what to do about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict

import click

from cdp_assets.cli import installation, machine
from cdp_assets.cli.finding import Finding, Level, wrong
from cdp_assets.errors import CdpError
from cdp_assets.home import Home

CHECKS: tuple[Callable[[Home], Finding], ...] = (
    machine.python_version,
    machine.packages,
    machine.java,
    machine.disk,
    machine.memory,
    machine.ports,
    installation.home_folder,
    installation.jars,
    installation.state,
    installation.active_revision,
    installation.spark,
    installation.secret_files,
    installation.locks,
    machine.tools,
)
COLOURS: dict[Level, str] = {"ok": "green", "warning": "yellow", "wrong": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Look at the machine and the home, and change nothing. Exit code 1 when something is wrong.

    \b
    Example:
      ./cdp doctor
    """
    home = Home.locate()
    findings = [examine(check, home) for check in CHECKS]
    healthy = all(finding.level != "wrong" for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": healthy, "findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        click.echo(as_text(findings))
    sys.exit(0 if healthy else 1)


def examine(check: Callable[[Home], Finding], home: Home) -> Finding:
    """Give a check's finding; a check that fails is one too, and the others go on."""
    try:
        return check(home)
    except CdpError as error:
        return wrong(check.__name__, str(error), "")
    except Exception as error:  # noqa: BLE001 - what is broken may break in any way, and its name is the finding
        return wrong(check.__name__, f"cannot be looked at: {type(error).__name__}", "Look at the lines above first.")


def as_text(findings: Sequence[Finding]) -> str:
    """Give one line for each finding, with what to do below it, and a last one that sums up."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        level = click.style(f"{finding.level:<7}", fg=COLOURS[finding.level])
        lines.append(f"{level}  {finding.name:<{width}}  {finding.text}")
        if finding.advice:
            lines.append(" " * (width + 11) + f"→ {finding.advice}")
    count = sum(finding.level == "wrong" for finding in findings)
    lines.append(f"{count} wrong" if count else "Nothing is wrong.")
    return "\n".join(lines)
