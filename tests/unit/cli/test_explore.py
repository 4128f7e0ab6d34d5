"""`cdp explore` as somebody uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from cdp_assets.home import Home
from tests.unit.environments.published import PEOPLE, published


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A home where people are published."""
    monkeypatch.delenv("CDP_STATE_URL", raising=False)
    home = Home(tmp_path / "home")
    published(home.state, home.lake)
    return {"CDP_HOME": str(home.root), "CDP_USER": "ann"}


def run(env: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(cdp, ["explore", *arguments], env=env)


def test_one_goes_from_databases_to_a_columns_values(env: dict[str, str]) -> None:
    assert run(env).stdout.split() == ["customer_360", "1", "tables"]
    assert "3 rows" in run(env, "customer_360").stdout
    assert "Xxx@xxxx.xxx (1)" in run(env, "customer_360", "customer_360").stdout
    shown = run(env, "customer_360", "customer_360", "email").stdout
    assert "made of  database__customer_360.merged_customers.email" in shown
    assert "Ann@mail.com" not in shown


def test_json_holds_the_same(env: dict[str, str]) -> None:
    assert json.loads(run(env, "--json").stdout) == {"customer_360": ["customer_360"]}
    found = json.loads(run(env, "customer_360", "customer_360", "--json").stdout)
    assert (found["name"], found["rows"], len(found["columns"])) == (str(PEOPLE), 3, 4)
    column = json.loads(run(env, "customer_360", "customer_360", "email", "--json").stdout)
    assert (column["filled"], column["personal"]) == (2, True)


def test_a_page_is_written(env: dict[str, str], tmp_path: Path) -> None:
    assert run(env, "customer_360", "--html", str(tmp_path / "page.html")).exit_code == 0
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["customer"], "No tables of customer are published. Expected customer_360."),
        (["customer_360", "custmer_360"], "has no table custmer_360. Expected customer_360."),
        (["customer_360", "customer_360", "nothing"], "has no column nothing."),
    ],
)
def test_what_is_not_there_is_told_with_what_is(env: dict[str, str], words: list[str], told: str) -> None:
    refused = run(env, *words)
    assert refused.exit_code == 2
    assert told in refused.stderr
