"""`cdp whoami` and `cdp may`, before and after a tenant has users."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from cdp_assets.config.loader import load_tenant
from cdp_assets.environments import revision
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.names import PRODUCTION

Run = dict[str, str]


def run(env: Run, *arguments: str) -> Result:
    """Run a command in the test's home."""
    return CliRunner().invoke(cdp, arguments, env=env)


@pytest.fixture
def empty(tmp_path: Path) -> Run:
    """A home where nothing is applied."""
    Home(tmp_path / "home").make()
    return {"CDP_HOME": str(tmp_path / "home"), "CDP_USER": "ann"}


@pytest.fixture
def closed(empty: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A home whose production has Ann, an operator, and an administrator."""
    folder = tmp_path / "tenant_config"
    shutil.copytree(REPOSITORY / "tenant_config", folder)
    (folder / "users").mkdir()
    (folder / "users" / "ann.yaml").write_text("full_name: Ann Lee\npolicies: [DataGrid Operator]\n")
    (folder / "users" / "root.yaml").write_text("full_name: Root\npolicies: [DataGrid Administrator]\n")
    active = {PRODUCTION: ("revision", load_tenant(folder))}
    monkeypatch.setattr(revision, "active_tenant", lambda state, environment: active[environment])
    return empty


def test_without_users_everybody_may_do_everything(empty: Run) -> None:
    """And whoami says that nobody has proved who they are."""
    said = run(empty, "whoami")
    assert "ann (not authenticated" in said.output
    assert "everybody at this machine may do everything" in said.output
    assert run(empty, "may", "environment:apply", "production").exit_code == 0


def test_whoami_says_policies_and_options(closed: Run) -> None:
    """As text and as JSON; a stranger hears that they are one."""
    said = json.loads(run(closed, "whoami", "--json").output)
    assert said["policies"] == ["DataGrid Operator"]
    assert (said["user"], said["authenticated"], said["open"]) == ("ann", False, False)
    assert "resource groups  all databases" in run(closed, "whoami").output
    assert "Not a user of this tenant" in run(closed | {"CDP_USER": "eve"}, "whoami").output


def test_may_answers_with_the_statement_that_decided(closed: Run) -> None:
    """Exit code 0 for yes; 6 for no, with what would allow it."""
    yes = run(closed, "may", "query:run", "query.buyers")
    assert yes.exit_code == 0
    assert "yes: ann may query:run query.buyers: the policy DataGrid Operator allows it." in yes.output
    no = run(closed, "may", "sandbox:promote", "sandbox__vip", "--owner", "ann")
    assert no.exit_code == 6
    assert "Expected the option Allow sandbox administration" in no.output
    asked = run(closed, "may", "state:unlock", "production", "--user", "root", "--json")
    assert json.loads(asked.output)["statement"]["effect"] == "allow"


def test_may_knows_its_actions(closed: Run) -> None:
    """A slip of the pen is not a no."""
    said = run(closed, "may", "sandbox:promot", "sandbox__vip")
    assert said.exit_code == 2
    assert "Expected sandbox:promote" in said.output
