"""Orchestration groups: jobs of their own, schedules in their time zones, and what follows a courier group."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import dagster as dg
import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.defs.environment import environment_definitions
from cdp_assets.defs.platform import BUSINESS_DATE_TAG
from cdp_assets.environments.apply import apply_plan
from cdp_assets.environments.planning import make_plan
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.names import PRODUCTION
from cdp_assets.security.user import acting_user
from cdp_assets.state.database import State

FILES = {
    "data_exports/people.yaml": "database: customer_360\ntables: [customer_360, customer_attributes]\n",
    "data_templates/folder.yaml": "destination: warehouse_folder\nformat: {kind: csv}\nfilename: '{{list_name}}'\n",
    "orchestrations/send_people.yaml": "data_export: people\ndata_template: folder\n",
    "orchestration_groups/weekly.yaml": (
        "orchestrations: [send_people, send_lifecycle_summary]\nschedule: '0 6,18 * * 1'\ntime_zone: Asia/Tokyo\n"
    ),
    "orchestration_groups/later.yaml": (
        "orchestrations: [send_loyal]\nafter: daily\nschedule: '0 9 * * *'\noffset: 2 hours\n"
    ),
    "orchestrations/send_loyal.yaml": "data_export: people\ndata_template: folder\n",
    "orchestration_groups/nightly.yaml": "orchestrations: [send_high_value_customers]\nafter: daily\n",
}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """Acme with two groups."""
    root = tmp_path_factory.mktemp("groups")
    config, home = root / "tenant_config", Home(root / "home")
    shutil.copytree(REPOSITORY / "tenant_config", config)
    for name, text in FILES.items():
        (config / name).parent.mkdir(exist_ok=True)
        (config / name).write_text(text)
    home.make()
    state = State.open(home.state)
    apply_plan(state, make_plan(state, load_tenant(config), PRODUCTION), acting_user())
    return environment_definitions(home, PRODUCTION)


def assets(definitions: dg.Definitions, job: str, *layers: str) -> list[str]:
    keys = definitions.resolve_job_def(job).asset_layer.selected_asset_keys
    return sorted("/".join(key.path[1:]) for key in keys if not layers or key.path[1] in layers)


def test_a_groups_job_answers_its_queries_and_sends(definitions: dg.Definitions) -> None:
    """And builds nothing: it sends what is published."""
    assert assets(definitions, "send_weekly") == [
        "export/send_lifecycle_summary",
        "export/send_people",
        "query/lifecycle_summary",
    ]


def test_a_group_follows_its_courier_group_and_no_other_run_sends_it(definitions: dg.Definitions) -> None:
    """Each is sent by one kind of run, its own job aside."""
    assert assets(definitions, "group_daily", "export") == ["export/send_high_value_customers"]
    assert assets(definitions, "full", "export") == []
    assert assets(definitions, "send_nightly", "export") == ["export/send_high_value_customers"]


def test_a_data_exports_asset_comes_after_its_tables(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    found = graph.get(dg.AssetKey([PRODUCTION, "export", "send_people"])).parent_keys
    layer = [PRODUCTION, "database__customer_360"]
    assert found == {dg.AssetKey([*layer, "customer_360"]), dg.AssetKey([*layer, "customer_attributes"])}


def schedule_named(definitions: dg.Definitions, name: str) -> dg.ScheduleDefinition:
    (schedule,) = (one for one in definitions.schedules or () if one.name == name)
    assert isinstance(schedule, dg.ScheduleDefinition)
    return schedule


@pytest.mark.parametrize(
    ("job", "environment", "status", "sent"),
    [
        ("group_daily", PRODUCTION, dg.DagsterRunStatus.SUCCESS, True),
        ("group_daily", PRODUCTION, dg.DagsterRunStatus.FAILURE, False),
        ("group_daily", "sandbox__b", dg.DagsterRunStatus.SUCCESS, False),
        ("full", PRODUCTION, dg.DagsterRunStatus.SUCCESS, False),
    ],
)
def test_a_group_that_comes_after_another_is_sent_only_where_that_has_run(
    definitions: dg.Definitions, job: str, environment: str, status: dg.DagsterRunStatus, sent: bool, tmp_path: Path
) -> None:
    """Not with its run: at its own time, so many hours later at most."""
    schedule, now = schedule_named(definitions, "send_later"), dt.datetime.now(dt.UTC)
    assert assets(definitions, "group_daily", "export") == ["export/send_high_value_customers"]
    (tmp_path / "dagster.yaml").touch()
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        instance.add_run(dg.DagsterRun(job_name=job, run_id="r", status=status, tags={"cdp/env": environment}))
        for hours, in_time in ((0, True), (1, True), (3, False)):
            due = now + dt.timedelta(hours=hours)
            with dg.build_schedule_context(instance=instance, scheduled_execution_time=due) as context:
                tick = schedule.evaluate_tick(context)
            assert bool(tick.run_requests) == (sent and in_time)
            assert tick.run_requests or tick.skip_message == "No run of daily has ended in the 2 hours before."


def test_a_group_is_sent_at_each_of_its_times(definitions: dg.Definitions) -> None:
    """Twice a day is two runs, of the day in its time zone."""
    schedule = schedule_named(definitions, "send_weekly")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 6,18 * * 1", "Asia/Tokyo")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    keys = set()
    with dg.DagsterInstance.ephemeral() as instance:
        for moment in (dt.datetime(2026, 11, 22, 21, tzinfo=dt.UTC), dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)):
            context = dg.build_schedule_context(instance=instance, scheduled_execution_time=moment)
            (request,) = schedule.evaluate_tick(context).run_requests or []
            assert request.tags[BUSINESS_DATE_TAG] == "2026-11-23"
            keys.add(request.run_key)
    assert len(keys) == 2
