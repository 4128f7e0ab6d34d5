"""`cdp audit` and `cdp audit verify` as somebody uses them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from cdp_assets.environments import permission
from cdp_assets.errors import DeniedError
from cdp_assets.home import Home
from cdp_assets.security.audit import record
from cdp_assets.state.database import State

Env = dict[str, str]


def run(env: Env, *arguments: str) -> Result:
    """Run the command in the test's home."""
    return CliRunner().invoke(cdp, ["audit", *arguments], env=env)


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Env:
    """A home where Ann and Bob have done something."""
    monkeypatch.delenv("CDP_STATE_URL", raising=False)
    home = Home(tmp_path / "home")
    state = State.open(home.state)
    for user, resource in (("ann", "production"), ("bob", 'a, "quoted" name'), ("ann", "production")):
        with state.write() as conn:
            record(conn, user, "environment:apply", resource, serial=3, why="Größe")
    return {"CDP_HOME": str(home.root), "CDP_USER": "ann"}


def tamper(env: Env, statement: str) -> None:
    """Change the file of the state without its guards."""
    with State.open(Home(Path(env["CDP_HOME"])).state).write() as conn:
        for name in ("UPDATE", "DELETE"):
            conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS audit_{name}")
        conn.exec_driver_sql(statement)


def test_rows_are_shown_newest_last(env: Env) -> None:
    """One a line: when, who, what, with its detail; and told when there may be more."""
    lines = run(env).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    assert 'serial=3 why="Größe"' in lines[0]
    limited = run(env, "--user", "ann", "--limit", "1")
    assert [line.split()[0] for line in limited.stdout.splitlines()] == ["3"]
    assert "--limit shows more" in limited.stderr
    assert run(env, "--user", "eve").stdout == "No row fits.\n"


def test_json_and_csv_hold_the_same_rows(env: Env, tmp_path: Path) -> None:
    """The CSV file has dashed headers."""
    found = json.loads(run(env, "--json", "--action", "environment:*").stdout)
    assert [row["acting_user"] for row in found] == ["ann", "bob", "ann"]
    assert run(env, "--csv", str(tmp_path / "a.csv")).exit_code == 0
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "happened-at", "acting-user", "action", "resource", "detail", "hash"]
    assert [(row["resource"], row["happened-at"]) for row in rows] == [
        (row["resource"], row["happened_at"]) for row in found
    ]
    assert json.loads(rows[0]["detail"]) == found[0]["detail"]


def test_since_is_a_date_or_a_moment(env: Env) -> None:
    """Anything else is refused."""
    assert len(json.loads(run(env, "--since", "2020-01-01", "--json").stdout)) == 3
    assert json.loads(run(env, "--since", "2999-01-01T08:30+09:00", "--json").stdout) == []
    refused = run(env, "--since", "yesterday")
    assert (refused.exit_code, "Expected such as" in refused.stderr) == (2, True)


def test_a_whole_log_verifies(env: Env) -> None:
    """With its length and last hash, which can be expected later."""
    first = json.loads(run(env, "verify", "--json").stdout)
    assert (first["whole"], first["rows"], first["broken_at"]) == (True, 3, None)
    result = run(env, "verify", "--expect", first["last_hash"])
    assert result.exit_code == 0
    assert result.stdout == f"Whole: 3 rows, the last hash is {first['last_hash']}; 0 since the expected hash\n"


def test_a_changed_row_is_named(env: Env) -> None:
    """Exit code 1."""
    tamper(env, "UPDATE audit SET acting_user = 'eve' WHERE id = 2")
    result = run(env, "verify")
    assert (result.exit_code, "row 2 does not follow" in result.stdout) == (1, True)


def test_removed_last_rows_show_with_the_expected_hash(env: Env) -> None:
    """And only with it."""
    last = json.loads(run(env, "verify", "--json").stdout)["last_hash"]
    tamper(env, "DELETE FROM audit WHERE id = 3")
    assert run(env, "verify").exit_code == 0
    result = run(env, "verify", "--expect", last)
    assert (result.exit_code, "no row has the expected hash" in result.stdout) == (1, True)
    assert run(env, "verify", "--expect", "5f0c").exit_code == 2


@pytest.mark.parametrize("arguments", [(), ("verify",)])
def test_who_may_not_read_the_log_does_not(
    env: Env, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked before anything is shown."""

    def refuse(user: str, action: str, resource: str, *_: object) -> None:
        raise DeniedError(f"{user} may not {action} {resource}")

    monkeypatch.setattr(permission, "may", refuse)
    result = run(env, *arguments)
    assert (result.exit_code, result.stdout) == (6, "")
    assert "ann may not audit:read production" in result.stderr
