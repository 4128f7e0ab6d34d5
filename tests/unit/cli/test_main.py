"""The process's exit code is the command's: what pipelines decide by."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdp_assets.cli.main import EXIT_CODES
from cdp_assets.home import REPOSITORY
from tests.unit.cli.test_plan_apply import Engineer

COMMAND = """
import sys, types
import click
from cdp_assets.cli import main
from cdp_assets.errors import *

@click.command()
def fail():
    {statement}

sys.modules["fail"] = types.SimpleNamespace(fail=fail)
main.COMMANDS["fail"] = "fail"
sys.argv = ["cdp", {words}]
main.main()
"""


def cdp(statement: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `cdp fail`, whose body is a statement, or other words, in a process of its own."""
    text = COMMAND.format(statement=statement, words=", ".join(map(repr, words or ("fail",))))
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)} | more
    return subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("kind", "code"), [*((kind.__name__, code) for kind, code in EXIT_CODES.items()), ("SandboxError", 1)]
)
def test_an_error_is_one_line_and_its_exit_code(kind: str, code: int) -> None:
    done = cdp(f"raise {kind}('feed.x: wrong. Expected y.')")
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "Error: feed.x: wrong. Expected y.\n")


@pytest.mark.parametrize(
    ("statement", "words", "code"),
    [
        ("pass", (), 0),
        ("sys.exit(2)", (), 2),
        ("click.get_current_context().exit(3)", (), 3),
        ("raise click.Abort", (), 130),
        ("pass", ("--help",), 0),
        ("pass", ("plan", "--help"), 0),
    ],
)
def test_other_ends_have_their_codes(statement: str, words: tuple[str, ...], code: int) -> None:
    assert cdp(statement, *words).returncode == code


def test_a_wrong_option_is_no_plan_with_changes() -> None:
    done = cdp("pass", "plan", "--nonsense")
    assert (done.returncode, done.stdout) == (1, "")
    assert "No such option" in done.stderr


def test_a_plans_code_says_whether_there_are_changes(tmp_path: Path) -> None:
    engineer = Engineer(tmp_path)
    here = {"CDP_HOME": str(engineer.home.root), "CDP_TENANT_CONFIG": str(engineer.config)}
    assert cdp("pass", "plan", **here).returncode == 2
    assert cdp("pass", "apply", "--yes", **here).returncode == 0
    assert cdp("pass", "plan", **here).returncode == 0
    (engineer.config / "tenant.yaml").write_text("id: x\nnme: y\n")
    assert cdp("pass", "plan", **here).returncode == 1
