"""A sandbox's `definitions.py` is an entry point of its own; what Dagster loads from it starts nothing."""

from __future__ import annotations

import runpy
from pathlib import Path

import dagster as dg
import pytest

from cdp_assets.cli.demo import activate
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant_files import texts_of
from cdp_assets.environments.apply import apply_plan
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.sandboxes import create
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.state.database import State

SANDBOX = "sandbox__loyalty-v2"
CHANGED = {"customer_360", "customer_attributes", "customer_labels", "high_value_lapsing"}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """What Dagster gets from the file of a sandbox with one changed table."""
    home, folder = Home(tmp_path_factory.mktemp("home")), tmp_path_factory.mktemp("sandboxes")
    activate(home)
    state = State.open(home.state)
    create(state, folder, "loyalty-v2", user="ann", texts=texts_of(REPOSITORY / "tenant_config"))
    sql = folder / "loyalty-v2" / "databases" / "customer_360" / "customer_360.sql"
    sql.write_text(sql.read_text().replace("c.gender,", "c.gender,\n  UPPER(c.state) AS region,"))
    apply_plan(state, make_plan(state, load_tenant(folder / "loyalty-v2"), SANDBOX), "ann")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CDP_HOME", str(home.root))
        loaded = runpy.run_path(str(Path(folder / "loyalty-v2" / "definitions.py")))["defs"]
    assert isinstance(loaded, dg.Definitions)
    return loaded


def test_dagster_finds_nothing_wrong(definitions: dg.Definitions) -> None:
    """As `dagster definitions validate -f sandboxes/<name>/definitions.py` looks at it."""
    dg.Definitions.validate_loadable(definitions)


def test_it_builds_what_it_changed_and_shows_the_rest_as_productions(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    tables = {key for key in graph.materializable_asset_keys if key.path[1] not in ("query", "export", "campaign")}
    assert {key.path[-1] for key in tables} == CHANGED
    shared = graph.external_asset_keys
    assert len(shared) > 15
    assert {key.path[0] for key in {*graph.materializable_asset_keys, *shared}} == {SANDBOX}
    assert {graph.get(key).tags["cdp/shared_from"] for key in shared} == {"production"}


def test_nothing_of_it_starts_by_itself(definitions: dg.Definitions) -> None:
    schedules = [one for one in definitions.schedules or () if isinstance(one, dg.ScheduleDefinition)]
    assert [one.default_status for one in schedules] == [dg.DefaultScheduleStatus.STOPPED]
    assert not definitions.sensors
