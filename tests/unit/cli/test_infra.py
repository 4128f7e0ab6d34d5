"""The files in infra/ name options, variables, folders and settings that exist."""

from __future__ import annotations

import importlib
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdp_assets.cli.main import COMMANDS
from cdp_assets.cli.ports import refuse_others
from cdp_assets.cli.up import up
from cdp_assets.defs.engine import prepare
from cdp_assets.defs.queue import LANE_TAG
from cdp_assets.home import REPOSITORY, Home

INFRA = REPOSITORY / "infra"
READ = set(re.findall(r"CDP_[A-Z_]+", "".join(path.read_text() for path in (REPOSITORY / "cdp_assets").rglob("*.py"))))
"""The variables that the platform reads."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file."""
    loaded: dict[str, Any] = yaml.safe_load((INFRA / "compose.yaml").read_text())
    return loaded


def test_the_container_runs_a_command_that_cdp_takes(compose: dict[str, Any]) -> None:
    program, word, *options = compose["services"]["platform"]["command"]
    assert (program, word) == ("./cdp", "up")
    given = up.make_context("up", list(options)).params
    refuse_others(given["host"], given["open_to_network"])
    published = compose["services"]["platform"]["ports"]
    assert published == [f"127.0.0.1:{given['port']}:{given['port']}"], "the UI has no login: loopback alone"


def test_every_variable_is_one_that_the_platform_reads(compose: dict[str, Any]) -> None:
    given = {name for name in compose["services"]["platform"]["environment"] if name.startswith("CDP_")}
    assert given <= READ | set(re.findall(r"CDP_[A-Z_]+", (INFRA / "dagster.postgres.yaml").read_text()))
    read_by_dagster = set(re.findall(r"env: (\w+)", (INFRA / "dagster.postgres.yaml").read_text()))
    assert read_by_dagster <= given


def test_services_volumes_and_files_exist(compose: dict[str, Any]) -> None:
    services, volumes = compose["services"], set(compose["volumes"])
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert (INFRA / source).exists() if source.startswith(".") else source in volumes
        assert "healthcheck" in service
    used = {volume.split(":")[0] for service in services.values() for volume in service["volumes"]}
    assert volumes <= used


def test_no_password_is_in_a_file() -> None:
    for path in (path for path in INFRA.rglob("*") if path.is_file()):
        for line in path.read_text().splitlines():
            if match := re.search(r"PASSWORD[:=]\s*(\S+)", line):
                assert match[1].startswith(("$", '"$', "…", "{env")), f"{path.name}: {line}"


@pytest.mark.parametrize("host", [None, "postgres"])
def test_dagster_takes_its_settings(host: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster._core.instance.config import dagster_instance_config

    monkeypatch.delenv("CDP_PG_HOST", raising=False)
    if host:
        monkeypatch.setenv("CDP_PG_HOST", host)
    prepare(Home(tmp_path))
    settings, _ = dagster_instance_config(str(tmp_path / "dagster"))
    assert settings["telemetry"] == {"enabled": False}
    assert ("storage" in settings) == (host is not None)


def test_dagster_postgres_takes_its_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster._config import process_config, resolve_to_config_type
    from dagster_postgres import DagsterPostgresStorage
    from dagster_postgres.utils import pg_url_from_config

    for name in ("HOST", "USERNAME", "PASSWORD"):
        monkeypatch.setenv(f"CDP_PG_{name}", f"its_{name.lower()}")
    storage = yaml.safe_load((INFRA / "dagster.postgres.yaml").read_text())["storage"]["postgres"]
    result = process_config(resolve_to_config_type(DagsterPostgresStorage.config_type()), storage)
    assert result.success, result.errors
    url = pg_url_from_config(result.value)
    assert url == "postgresql+psycopg2://its_username:its_password@its_host:5432/dagster"
    assert (INFRA / "postgres.sql").read_text().endswith("CREATE DATABASE dagster;\n")


def test_the_lanes_together_leave_production_its_place() -> None:
    """What the limits do is shown in tests/unit/defs/test_queue.py."""
    concurrency = yaml.safe_load((INFRA / "dagster.yaml").read_text())["concurrency"]
    environment, *lanes = concurrency["runs"]["tag_concurrency_limits"]
    assert environment == {"key": "cdp/env", "limit": 1, "value": {"applyLimitPerUniqueValue": True}}
    assert {lane["key"] for lane in lanes} == {LANE_TAG}
    assert concurrency["runs"]["max_concurrent_runs"] == 1 + sum(lane["limit"] for lane in lanes)
    assert concurrency["pools"] == {"granularity": "run", "default_limit": 1}


def test_pipelines_hold_what_they_call() -> None:
    """Both call the script with its words, and the script calls commands and options that exist."""
    script = (INFRA / "ci" / "cdp.sh").read_text()
    assert subprocess.run(["sh", "-n", str(INFRA / "ci" / "cdp.sh")], check=False).returncode == 0  # noqa: S607
    calls = re.findall(r'"\$here/cdp" (\w+)([^|>\n]*)', script)
    assert [word for word, _ in calls] == ["plan", "apply"]
    for word, rest in calls:
        command = getattr(importlib.import_module(COMMANDS[word]), word)
        options = {text for one in command.params for text in one.opts}
        assert set(re.findall(r"(?<= )--?[a-z-]+", rest)) <= options
    for name in ("github.yaml", "gitlab.yaml"):
        text = (INFRA / "ci" / name).read_text()
        assert set(re.findall(r"infra/ci/cdp.sh (\w+)", text)) == {"plan", "apply"}
        assert {one for one in re.findall(r"CDP_[A-Z_]+", text) if one not in READ} <= {"CDP_NOTES_TOKEN"}


def test_githubs_jobs_have_the_least_that_they_need() -> None:
    """Pinned actions; no right by default; nothing of an event or a secret is pasted into a line of shell."""
    workflow = yaml.safe_load((INFRA / "ci" / "github.yaml").read_text())
    assert workflow["permissions"] == {}
    rights = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    assert rights.pop("comment") == {"contents": "read", "pull-requests": "write"}
    assert set(map(str, rights.values())) == {str({"contents": "read"})}
    for step in (step for job in workflow["jobs"].values() for step in job["steps"]):
        if "uses" in step:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"])
            assert step["with"]["persist-credentials"] is False
        else:
            assert "${{" not in step["run"]
            assert "set -x" not in step["run"]


def test_gitlabs_jobs_are_whole() -> None:
    jobs = yaml.safe_load((INFRA / "ci" / "gitlab.yaml").read_text())
    assert {"comment", "plan", "apply"} <= set(jobs)
    for name in ("comment", "plan", "apply"):
        assert all(isinstance(line, str) for line in jobs[name]["script"]), "a colon has made a mapping of a line"
    assert jobs["apply"]["resource_group"] == "production"
    assert jobs["apply"]["needs"] == ["plan"]
