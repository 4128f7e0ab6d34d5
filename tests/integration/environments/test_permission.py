"""Policies hold at every command: what a user may not do ends with exit code 6 and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.test_plan_apply import Engineer

USERS = {
    "ann": "policies: [DataGrid Administrator]\noptions: [Allow sandbox administration]\n",
    "bob": "policies: [DataGrid Operator]\n",
    "cat": "policies: [DataGrid Operator]\n",
    "eve": "policies: [DataGrid Operator (read-only)]\n",
}
DENIED = 6


def set_up(root: Path, monkeypatch: pytest.MonkeyPatch) -> Engineer:
    """Make a tenant whose first users Ann has applied; Bob, who acts now, has a sandbox `b`."""
    made = Engineer(root)
    (made.config / "users").mkdir()
    for name, text in USERS.items():
        (made.config / "users" / f"{name}.yaml").write_text(f"full_name: {name.title()}\n{text}")
    monkeypatch.setenv("CDP_USER", "ann")
    assert made.run("apply", "--yes").exit_code == 0
    made.edit("c.gender,", "c.gender, UPPER(c.state) AS region,")
    assert made.run("apply", "--yes").exit_code == 0
    monkeypatch.setenv("CDP_USER", "bob")
    assert made.run("sandbox", "create", "b").exit_code == 0
    return made


@pytest.fixture
def engineer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engineer:
    """A tenant of one test's own."""
    return set_up(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engineer]:
    """A tenant in which nothing is allowed to happen."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield set_up(tmp_path_factory.mktemp("untouched"), monkeypatch)


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("cat", ("sandbox", "show", "b")),
        ("cat", ("plan", "--sandbox", "b")),
        ("cat", ("plan", "--promote", "b")),
        ("cat", ("history", "--sandbox", "b")),
        ("cat", ("query", "run", "high_value_customers", "--sandbox", "b")),
        ("cat", ("explore", "--sandbox", "b")),
        ("cat", ("sandbox", "delete", "b", "--confirm", "b")),
        ("bob", ("rollback", "--yes")),
        ("bob", ("gc", "--apply")),
        ("bob", ("audit",)),
        ("bob", ("state", "unlock", "apply:production")),
        ("eve", ("apply", "--recover")),
        ("eve", ("sandbox", "create", "e")),
        ("stranger", ("plan",)),
    ],
)
def test_what_nobody_has_granted_is_denied(
    untouched: Engineer, monkeypatch: pytest.MonkeyPatch, user: str, words: tuple[str, ...]
) -> None:
    """An operator works in their own sandbox only; what is the administrator's stays theirs; strangers do nothing."""
    before = untouched.rows("audit")
    monkeypatch.setenv("CDP_USER", user)
    found = untouched.run(*words)
    assert found.exit_code == DENIED, found.output
    assert "may not" in found.output
    assert untouched.rows("audit") == before


def test_an_operator_is_administrator_of_their_own_sandbox_and_does_not_promote_it(engineer: Engineer) -> None:
    """Its configuration is theirs to change, production's is not."""
    stitch = engineer.config.parent / "sandboxes" / "b" / "stitch.yaml"
    stitch.write_text(stitch.read_text().replace("threshold: 3", "threshold: 2"))
    assert engineer.run("apply", "--sandbox", "b", "--yes").exit_code == 0
    saved = engineer.config.parent / "p.json"
    assert engineer.run("plan", "--promote", "b", "-o", str(saved)).exit_code == 2
    assert engineer.run("apply", str(saved)).exit_code == DENIED


def test_nobody_grants_themselves_anything_in_a_sandbox(engineer: Engineer) -> None:
    """Rights are production's: a sandbox whose files make Bob an administrator leaves him an operator."""
    user = engineer.config.parent / "sandboxes" / "b" / "users" / "bob.yaml"
    user.write_text(f"full_name: Bob\n{USERS['ann']}")
    assert engineer.run("apply", "--sandbox", "b", "--yes").exit_code == 0
    assert engineer.run("audit").exit_code == DENIED
    assert engineer.run("rollback", "--yes").exit_code == DENIED


def test_who_administers_sandboxes_opens_promotes_and_deletes_anybodys(
    engineer: Engineer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option `Allow sandbox administration`."""
    stitch = engineer.config.parent / "sandboxes" / "b" / "stitch.yaml"
    stitch.write_text(stitch.read_text().replace("threshold: 3", "threshold: 2"))
    assert engineer.run("apply", "--sandbox", "b", "--yes").exit_code == 0
    monkeypatch.setenv("CDP_USER", "ann")
    saved = engineer.config.parent / "p.json"
    assert engineer.run("plan", "--promote", "b", "-o", str(saved)).exit_code == 2
    assert engineer.run("apply", str(saved), "--delete-sandbox").exit_code == 0
    assert not stitch.exists()
