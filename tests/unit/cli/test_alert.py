"""`cdp alert` as somebody uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.alerting import Happening, note, send_due
from cdp_assets.environments.apply import apply_plan
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.revision import applied_tenant
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.state.database import State
from tests.receivers import Posts, web_server


@pytest.fixture
def posts() -> Iterator[Posts]:
    """A web server."""
    with web_server() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, posts: Posts) -> Home:
    """A home where a tenant with one alert is applied."""
    monkeypatch.delenv("CDP_STATE_URL", raising=False)
    config = tmp_path / "tenant_config"
    (config / "alerts").mkdir(parents=True)
    (config / "tenant.yaml").write_text("id: t\nname: T\n")
    (config / "alerts" / "ops.yaml").write_text(f"receiver: {{kind: webhook, url: '{posts.url}'}}\nevents: [failure]\n")
    found = Home(tmp_path / "home")
    state = State.open(found.state)
    apply_plan(state, make_plan(state, load_tenant(config), PRODUCTION), "ann")
    return found


def run(home: Home, *arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(cdp, ["alert", *arguments], env={"CDP_HOME": str(home.root), "CDP_USER": "ann"})


def test_a_receiver_is_tried_out(home: Home, posts: Posts) -> None:
    """It gets one message; nothing is noted."""
    assert run(home, "test", "ops").stdout == "ops: the receiver has taken the message.\n"
    ((_, _, body),) = posts.kept
    assert json.loads(body)["title"] == "A message to try ops out"
    assert run(home, "list").stdout == "Nothing was told yet.\n"


def test_a_receiver_that_refuses_is_told_with_its_reason(home: Home, posts: Posts) -> None:
    """So is a name that is none."""
    posts.answers = [403]
    assert "answers 403. Expected 200." in run(home, "test", "ops").stderr
    assert "opps: no such alert. Expected ops." in run(home, "test", "opps").stderr


def test_what_was_told_is_listed(home: Home, posts: Posts) -> None:
    """With its outcome and the reason of a failure."""
    posts.answers = [200, 410]
    state = State.open(home.state)
    tenant = applied_tenant(state, PRODUCTION)
    for number in (1, 2):
        note(state, PRODUCTION, tenant, Happening("failure", f"Run {number} failed", f"run-{number}"))
        send_due(state, PRODUCTION, tenant, None)
    lines = run(home, "list").stdout.splitlines()
    assert lines[0].split("  ")[1:] == ["ops", "failure", "failed", "Run 2 failed"]
    assert lines[1] == "    127.0.0.1: answers 410. Expected 200."
    found = json.loads(run(home, "list", "--json", "--limit", "9").stdout)
    assert [(one["state"], one["message"]["title"]) for one in found] == [
        ("failed", "Run 2 failed"),
        ("sent", "Run 1 failed"),
    ]
