"""`cdp lock`: pin every package, with hashes for Linux and macOS and without a host name."""

from __future__ import annotations

import subprocess
import sys

import click

from cdp_assets.home import REPOSITORY

LOCKS = {
    "requirements.in": [],
    "requirements-dev.in": ["-c", "requirements.lock"],
    "requirements-benchmarks.in": ["-c", "requirements.lock"],
}


@click.command()
@click.option("--upgrade", is_flag=True, help="Take the newest allowed versions instead of keeping the pinned ones.")
def lock(upgrade: bool) -> None:
    """Write the .lock file of each requirements .in file.

    \b
    Example:
      ./cdp lock --upgrade
    """
    for source, constraints in LOCKS.items():
        target = source.replace(".in", ".lock")
        command = [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
            *("--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate", "--no-strip-extras"),
            *constraints,
            *(["--upgrade"] if upgrade and not constraints else []),
            *(source, "-o", target),
        ]
        subprocess.run(command, check=True, cwd=REPOSITORY)
        click.echo(f"{target}: written")
