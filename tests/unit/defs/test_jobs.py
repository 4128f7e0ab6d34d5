"""What starts a run: schedules and the look at the drop folders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from cdp_assets.cli import demo
from cdp_assets.config.loader import load_tenant
from cdp_assets.defs.environment import environment_definitions
from cdp_assets.defs.platform import BUSINESS_DATE_TAG, Platform
from cdp_assets.environments.apply import apply_plan
from cdp_assets.environments.planning import make_plan
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.names import PRODUCTION
from cdp_assets.security.user import acting_user
from cdp_assets.state.database import State
from tests.homes import applied_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with the demo tenant applied."""
    return applied_home(tmp_path)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster that keeps nothing."""
    with dg.DagsterInstance.ephemeral() as found:
        yield found


class Sensor:
    """The drop sensor, tick by tick."""

    def __init__(self, home: Home, instance: dg.DagsterInstance) -> None:
        self._home, self._instance, self._cursor = home, instance, None

    def tick(self) -> list[dg.RunRequest]:
        """Look once; give the runs that are asked for."""
        definitions = environment_definitions(self._home, PRODUCTION)
        sensor = next(one for one in definitions.sensors or () if one.name == "new_files")
        platform = Platform(home_path=str(self._home.root), environment=PRODUCTION)
        context = dg.build_sensor_context(
            instance=self._instance, cursor=self._cursor, resources={"platform": platform}
        )
        assert isinstance(sensor, dg.SensorDefinition)
        result = sensor.evaluate_tick(context)
        self._cursor = result.cursor
        return list(result.run_requests or [])


def test_a_run_starts_when_two_looks_agree(home: Home, instance: dg.DagsterInstance) -> None:
    """The first look only remembers; the second starts one run, for the files' date."""
    sensor = Sensor(home, instance)
    assert sensor.tick() == []
    demo.drop(demo.DAYS[0], home.drop(PRODUCTION))
    assert sensor.tick() == []
    (request,) = sensor.tick()
    assert request.tags[BUSINESS_DATE_TAG] == "2026-11-20"


def test_a_file_that_grows_is_waited_for(home: Home, instance: dg.DagsterInstance) -> None:
    """As long as one look differs from the one before."""
    sensor = Sensor(home, instance)
    demo.drop(demo.DAYS[0], home.drop(PRODUCTION))
    sensor.tick()
    growing = home.drop(PRODUCTION) / "orders" / "order_items_2026_11_20.csv"
    for _ in range(2):
        with growing.open("a") as file:
            file.write("x\n")
        assert sensor.tick() == []
    assert len(sensor.tick()) == 1


def test_the_same_files_ask_for_one_run(home: Home, instance: dg.DagsterInstance) -> None:
    """Dagster drops a request whose key it has seen."""
    sensor = Sensor(home, instance)
    demo.drop(demo.DAYS[0], home.drop(PRODUCTION))
    sensor.tick()
    assert {request.run_key for request in sensor.tick() + sensor.tick()} == {sensor.tick()[0].run_key}


def test_a_courier_group_runs_on_its_schedule_in_its_time_zone(home: Home) -> None:
    """As its file says."""
    definitions = environment_definitions(home, PRODUCTION)
    schedule = next(one for one in definitions.schedules or () if one.name == "group_daily")
    assert isinstance(schedule, dg.ScheduleDefinition)
    group = load_tenant(REPOSITORY / "tenant_config").courier_groups["daily"]
    assert (schedule.cron_schedule, schedule.execution_timezone) == (group.schedule, group.time_zone)


def test_no_job_sends_what_is_sent_by_hand(tmp_path: Path) -> None:
    """A manual orchestration is an asset of its own page; automatic ones follow a full run."""
    config = tmp_path / "tenant_config"
    shutil.copytree(REPOSITORY / "tenant_config", config)
    with (config / "orchestrations" / "send_lifecycle_summary.yaml").open("a") as file:
        file.write("mode: manual\n")
    home = Home(tmp_path / "home")
    home.make()
    state = State.open(home.state)
    apply_plan(state, make_plan(state, load_tenant(config), PRODUCTION), acting_user())
    definitions = environment_definitions(home, PRODUCTION)
    exports = {
        job: sorted(
            key.path[2]
            for key in definitions.resolve_job_def(job).asset_layer.selected_asset_keys
            if key.path[1] == "export"
        )
        for job in ("full", "group_daily")
    }
    assert exports == {"full": ["send_high_value_customers"], "group_daily": ["send_high_value_customers"]}
    assert "send_lifecycle_summary" in {key.path[2] for key in definitions.resolve_asset_graph().get_all_asset_keys()}


def test_before_the_first_apply_a_job_says_what_to_do(tmp_path: Path) -> None:
    """An empty installation loads."""
    home = Home(tmp_path)
    home.make()
    definitions = environment_definitions(home, PRODUCTION)
    assert [job.name for job in definitions.resolve_all_job_defs() if not job.name.startswith("__")] == [
        "read_me_first"
    ]
