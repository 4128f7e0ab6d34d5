"""`cdp up` for real, on a tenant of one table: plan and apply in it, sandboxes that come and go, and what survives."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from cdp_assets.defs.running import running
from cdp_assets.environments.runs import current_publication
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.address import server_address
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import environments
from cdp_assets.state.database import State
from tests.integration.up.platform_process import PlatformProcess
from tests.integration.up.shop import drop_products, edit, make_tenant
from tests.ports import free_port
from tests.unit.cli.processes import alive, descendants, eventually

READY_S, RUN_S = 180, 240
SPARK_BACK_S = 60
SANDBOX = "sandbox__s"
CATEGORIES = TableName("database__shop", "categories")
LOCATIONS = """{ workspaceOrError { ... on Workspace { locationEntries { name versionKey locationOrLoadError {
    ... on RepositoryLocation { repositories {
      schedules { name scheduleState { status } } sensors { name sensorState { status } } } } } } } } }"""
LAUNCH = """
mutation Launch($location: String!, $job: String!, $config: RunConfigData!) {
  launchRun(executionParams: {runConfigData: $config, selector: {
    repositoryLocationName: $location, repositoryName: "__repository__", jobName: $job}}) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on RunConfigValidationInvalid { errors { message } }
    ... on PythonError { message }
  }
}"""
RUNS = "{ runsOrError { ... on Runs { results { runId jobName status tags { key value } } } } }"
SHOWN = """
query Shown($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events { __typename
  ... on MessageEvent { message }
  ... on ExecutionStepOutputEvent { metadataEntries { label
    ... on TextMetadataEntry { text } ... on IntMetadataEntry { intValue } ... on MarkdownMetadataEntry { mdStr } } }
} } } }"""
Start = Callable[..., PlatformProcess]


class Operator:
    """Somebody at the UI, of which GraphQL is the other side."""

    def __init__(self, platform: PlatformProcess) -> None:
        self.platform, self.state = platform, State.open(platform.home.state)

    def locations(self) -> dict[str, Any]:
        """Give the code locations by name."""
        entries = self.platform.ask(LOCATIONS)["workspaceOrError"]["locationEntries"]
        return {entry["name"]: entry for entry in entries}

    def switches(self, location: str) -> dict[str, str]:
        """Give whether each schedule and sensor of a location runs."""
        (repository,) = self.locations()[location]["locationOrLoadError"]["repositories"]
        found = {one["name"]: one["scheduleState"]["status"] for one in repository["schedules"]}
        return found | {one["name"]: one["sensorState"]["status"] for one in repository["sensors"]}

    def launch(self, location: str, job: str, **config: Any) -> str:
        """Launch a run; give its id."""
        answer = self.platform.ask(LAUNCH, location=location, job=job, config=config)["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return str(answer["run"]["runId"])

    def runs(self) -> dict[str, Any]:
        """Give every run by its id."""
        results = self.platform.ask(RUNS)["runsOrError"]["results"]
        return {one["runId"]: one | {"tags": {tag["key"]: tag["value"] for tag in one["tags"]}} for one in results}

    def ended(self, run: str) -> dict[str, Any]:
        """Wait for a run's success; give what its steps show, by label."""
        assert eventually(lambda: self.runs()[run]["status"] in ("SUCCESS", "FAILURE", "CANCELED"), RUN_S), self.runs()
        events = self.platform.ask(SHOWN, run=run)["logsForRun"]["events"]
        assert self.runs()[run]["status"] == "SUCCESS", [event.get("message") for event in events]
        entries = [entry for event in events for entry in event.get("metadataEntries", ())]
        return {one["label"]: next((one[key] for key in one if key != "label"), None) for one in entries}

    def columns(self, environment: str) -> list[str]:
        """Give the columns of the one table as readers of an environment see it."""
        entry = current_publication(self.state, environment).entry(CATEGORIES)
        return list(delta.schema(str(self.platform.home.lake / entry.path), entry.version).names)

    def serial(self) -> int:
        """Give how often production was applied."""
        with self.state.read() as conn:
            found = environments.get(conn, PRODUCTION)
        assert found is not None
        return found.serial


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """A running platform whose first run has published everything."""
    root = tmp_path_factory.mktemp("up")
    tenant = make_tenant(root / "tenant_config")
    drop_products(root / "home" / "drop" / PRODUCTION)
    platform = PlatformProcess(root / "home", "--port", str(free_port()), tenant=tenant)
    try:
        platform.wait_for("Ready", READY_S)
        made = Operator(platform)
        made.ended(made.launch(PRODUCTION, "full"))
        yield made
    finally:
        left = platform.end(signal.SIGTERM)
    assert left == []


def test_it_says_where_it_is_and_a_second_one_is_refused(operator: Operator) -> None:
    platform = operator.platform
    found = running(platform.home)
    assert found is not None
    assert found.pid == platform.process.pid
    assert found.url in platform.text
    assert "Deprecat" not in platform.text
    assert operator.switches(PRODUCTION) == {"group_daily": "RUNNING", "new_files": "RUNNING"}
    second = platform.cdp("up")
    assert second.returncode == 5
    assert f"process {found.pid}, {found.url}" in second.stderr


def test_plan_and_apply_are_jobs_and_outlive_the_reload_of_their_own_code(operator: Operator) -> None:
    """The apply builds a table that production publishes in a child process, swaps, and reloads its own location."""
    edit(operator.platform.tenant, "COUNT(*) AS products", "COUNT(*) AS products,\n  MAX(msrp) AS dearest")
    before, serial = operator.locations()[PRODUCTION]["versionKey"], operator.serial()
    plan = operator.ended(operator.launch(PRODUCTION, "plan"))
    assert plan["to_change"] == 1
    assert "database__shop.categories" in plan["plan"]
    assert "dearest" not in operator.columns(PRODUCTION)
    run = operator.launch(PRODUCTION, "apply", **json.loads(plan["config_for_the_job_apply"]))
    applied = operator.ended(run)
    assert applied["serial"] == operator.serial() == serial + 1
    assert operator.columns(PRODUCTION) == ["product_category", "products", "dearest"]
    assert operator.locations()[PRODUCTION]["versionKey"] != before, "its code location was reloaded"
    runs = operator.runs()
    assert "cdp/env" not in runs[run]["tags"], "it takes no place of production's runs"
    (build,) = [one for one in runs.values() if one["tags"].get("cdp/apply", "").startswith("apply-")]
    assert (build["status"], build["tags"]["cdp/env"]) == ("SUCCESS", PRODUCTION)


def test_a_sandbox_has_a_location_at_once_and_leaves_production_alone(operator: Operator) -> None:
    """Created, changed, applied and run without waiting: the daemon knows it before anybody can start a run."""
    platform, production = operator.platform, operator.locations()[PRODUCTION]
    made = platform.cdp("sandbox", "create", "s")
    assert f"shows it as {SANDBOX}" in made.stdout, made.stderr
    edit(platform.tenant.parent / "sandboxes" / "s", "AS products", "AS products,\n  MIN(msrp) AS cheapest")
    applied = platform.cdp("apply", "--sandbox", "s", "--yes")
    assert applied.returncode == 0, applied.stderr
    operator.ended(operator.launch(SANDBOX, "full"))
    assert "cheapest" in operator.columns(SANDBOX)
    assert "cheapest" not in operator.columns(PRODUCTION)
    assert operator.switches(SANDBOX) == {"group_daily": "STOPPED"}
    assert platform.cdp("sandbox", "delete", "s", "--confirm", "s").returncode == 0
    assert eventually(lambda: set(operator.locations()) == {PRODUCTION}, READY_S)
    assert eventually(lambda: SANDBOX not in _commands(platform), READY_S), "its code server has ended"
    assert operator.locations()[PRODUCTION] == production, "never reloaded: not by its coming, nor by its going"


def _commands(platform: PlatformProcess) -> str:
    found = []
    for pid in platform.pids():
        try:
            found += psutil.Process(pid).cmdline()
        except psutil.NoSuchProcess:
            continue
    return " ".join(found)


def test_a_killed_spark_is_back(operator: Operator) -> None:
    platform = operator.platform
    sessions = SparkSessions.for_home(platform.home.root)
    assert sessions.run(lambda: sessions.session().sql("SELECT 1 AS n").collect())[0].n == 1
    address = server_address(platform.home.root)
    assert address is not None
    os.kill(address.pid, signal.SIGKILL)
    platform.wait_for("spark is back", SPARK_BACK_S)
    assert sessions.run(lambda: sessions.session().sql("SELECT 2 AS n").collect())[0].n == 2


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start platforms, and leave none."""
    started: list[PlatformProcess] = []

    def make(*options: str) -> PlatformProcess:
        tenant = make_tenant(tmp_path / "tenant_config") if not started else tmp_path / "tenant_config"
        started.append(PlatformProcess(tmp_path / "home", "--port", str(free_port()), *options, tenant=tenant))
        return started[-1]

    yield make
    for platform in started:
        if platform.process.poll() is None:
            platform.end(signal.SIGKILL)


def test_runs_end_with_what_ran_them_and_are_tried_again(start: Start) -> None:
    """The code server is killed under a run, then `up` itself: each time the run's process ends and its books close."""
    operator = Operator(platform := start("--module", "tests.integration.up.sleeper"))
    platform.wait_for("Ready", READY_S)
    first = operator.launch(PRODUCTION, "sleep")
    assert eventually(lambda: statuses(operator) == {first: "STARTED"}, RUN_S)

    code_server = next(pid for pid in platform.pids() if "code-server" in " ".join(psutil.Process(pid).cmdline()))
    family = descendants(code_server)
    assert any("multiprocessing" in " ".join(psutil.Process(pid).cmdline()) for pid in family), "the run's process"
    os.kill(code_server, signal.SIGKILL)
    platform.wait_for("Runs that were cut off: 1", RUN_S)
    assert not alive(family)
    assert eventually(lambda: sorted(statuses(operator).values()) == ["FAILURE", "STARTED"], RUN_S), "tried again"
    (second,) = (run for run, status in statuses(operator).items() if status == "STARTED")

    before = platform.pids()
    assert platform.end(signal.SIGKILL) == []
    assert not alive(before)
    again = start("--module", "tests.integration.up.sleeper")
    again.wait_for("Ready", READY_S)
    assert statuses(Operator(again))[second] == "FAILURE"
    _ends_at_ctrl_c(again)


def _ends_at_ctrl_c(platform: PlatformProcess) -> None:
    groups = {os.getpgid(pid) for pid in platform.pids()[1:]}
    assert platform.end(signal.SIGINT) == []
    assert platform.process.returncode == 0
    assert not groups & {os.getpgid(pid) for pid in alive(psutil.pids())}
    assert running(platform.home) is None
    assert not (platform.home.root / "run").exists()


def statuses(operator: Operator) -> dict[str, str]:
    """Give each run's status, as the UI shows it."""
    return {run: found["status"] for run, found in operator.runs().items()}
