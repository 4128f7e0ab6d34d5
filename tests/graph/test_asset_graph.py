"""The whole graph of the demo tenant as one text: a change of structure shows in review, never by surprise.

`CDP_UPDATE_SNAPSHOT=1 ./cdp tests tests/graph` writes the text anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from cdp_assets.defs.environment import environment_definitions
from cdp_assets.names import PRODUCTION
from tests.homes import applied_home

SNAPSHOT = Path(__file__).with_name("acme.txt")


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """Acme's production code location, from a state that knows nothing else."""
    home = applied_home(tmp_path_factory.mktemp("home"))
    return environment_definitions(home, PRODUCTION)


def lines(definitions: dg.Definitions) -> Iterator[str]:
    """Spell the graph: assets with group, kinds, checks and dependencies; jobs; schedules; sensors."""
    graph = definitions.resolve_asset_graph()
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        checks = sorted(check.name for check in node.check_keys)
        yield f"{key.to_user_string()}  [{node.group_name}; {', '.join(sorted(node.kinds))}; {', '.join(checks)}]"
        yield from (f"    <- {parent.to_user_string()}" for parent in sorted(node.parent_keys))
    for job in sorted(definitions.resolve_all_job_defs(), key=lambda job: job.name):
        if job.name.startswith("__"):
            continue
        keys = sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
        yield f"job {job.name}: {len(keys)} assets"
        yield from (f"    {key}" for key in keys)
    for schedule in definitions.schedules or ():
        yield f"schedule {schedule.name}: {schedule.cron_schedule} {schedule.execution_timezone}"  # type: ignore[union-attr] # ours are all ScheduleDefinition
    for sensor in definitions.sensors or ():
        yield f"sensor {sensor.name}"


def test_the_graph_is_the_reviewed_one(definitions: dg.Definitions) -> None:
    """Every asset, dependency, check, job, schedule and sensor stands in the snapshot."""
    text = "\n".join(lines(definitions)) + "\n"
    if os.environ.get("CDP_UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(text)
    assert text == SNAPSHOT.read_text()


def test_every_asset_says_what_it_is(definitions: dg.Definitions) -> None:
    """No asset stands in the UI without a description and a group."""
    graph = definitions.resolve_asset_graph()
    bare = [key.to_user_string() for key in graph.get_all_asset_keys() if not graph.get(key).description]
    assert bare == []


def test_run_types_take_exactly_their_stages(definitions: dg.Definitions) -> None:
    """source ends at custom domain tables, refresh at the databases and segments, full at the exports."""
    layers = {
        job: {key.path[1].split("__")[0] for key in definitions.resolve_job_def(job).asset_layer.selected_asset_keys}
        for job in ("source", "refresh", "full")
    }
    assert layers["source"] == {"landing", "domain", "custom"}
    assert layers["refresh"] == layers["source"] | {"stitch", "unified", "database", "segment"}
    assert layers["full"] == layers["refresh"] | {"query", "export"}
