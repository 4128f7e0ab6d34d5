"""A promotion recomputes nothing that its sandbox has, loads only files that it lacks, and stops at a failed check."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cdp_assets.config.catalog import Table
from cdp_assets.config.feed import Feed
from cdp_assets.defs.applying import ports_of
from cdp_assets.environments.apply import Ports, apply_plan
from cdp_assets.environments.plan_text import render
from cdp_assets.environments.revision import active_tenant
from cdp_assets.environments.runs import TableRun
from cdp_assets.environments.staging import Staged
from cdp_assets.errors import CdpError
from cdp_assets.exchange.locations import open_location
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.sources.landing import land
from cdp_assets.sources.load import load_pending
from cdp_assets.state import applies, loads
from tests.integration.environments.shop import SANDBOX, SQL, Shop, TinyBuilder

NOTES = TableName("domain", "shop_notes")
FEED = "feeds/shop_notes.yaml"
FILES = {
    FEED: "source: shop\nname: notes\nfields:\n  - {name: id, required: true}\n  - {name: text}\nprimary_key: [id]\n",
    "couriers/shop.yaml": """location: {kind: local, path: shop}
files:
  - {tag: notes, pattern: "'notes_'yyyy'_'MM'_'dd'.csv'", format: {kind: csv}}
load:
  - {feed: shop_notes, file: notes}
""",
}
COLUMN = ("fields:\n", "fields:\n  - {name: author}\n")
REGION = ("c.gender,", "c.gender,\n  UPPER(c.state) AS region,")


class Received(Shop):
    """A shop that receives notes as files, a file a day, and loads them by the code that always does."""

    def arrive(self, day: int) -> None:
        """Let a day's file land."""
        active = active_tenant(self.state, PRODUCTION)
        assert active is not None
        folder = self.root / "drop" / PRODUCTION
        (folder / "shop").mkdir(parents=True, exist_ok=True)
        (folder / "shop" / f"notes_2026_11_{day:02d}.csv").write_text(
            f"id,text,author\n{day}a,hello,me\n{day}b,bye,me\n"
        )
        courier = active[1].couriers["shop"]
        there = open_location(courier.location, folder)
        land(courier, there, state=self.state, lake_root=self.lake, environment=PRODUCTION)

    def write(self, run: TableRun, table: Table, fingerprint: str) -> None:
        """Load the notes; every other table is a tiny one."""
        if table.name != NOTES:
            super().write(run, table, fingerprint)
            return
        active = active_tenant(self.state, PRODUCTION)
        assert active is not None
        assert isinstance(table.definition, Feed)
        load_pending(
            table.definition,
            active[1].couriers["shop"],
            state=self.state,
            lake_root=self.lake,
            environment=run.environment,
            landing_environment=PRODUCTION,
            table_path=run.paths[NOTES],
        )
        version = delta.version(self.lake / run.paths[NOTES])
        assert version is not None
        run.record(NOTES, fingerprint, version, {"loads": version})

    def loaded(self, path: str) -> list[dict[str, Any]]:
        with self.state.read() as conn:
            return loads.of_table(conn, path)

    def everything_in_the_lake(self) -> Mapping[str, str]:
        files = (path for path in sorted(self.lake.rglob("*")) if path.is_file())
        return {str(path.relative_to(self.lake)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class Builder(TinyBuilder):
    """A builder that says what it was asked for, and may be told to fail."""

    def __init__(self, shop: Shop, problem: str = "") -> None:
        super().__init__(shop)
        self.built: list[TableName] = []
        self._problem = problem

    def build(self, apply_id: str, staged: Staged) -> None:
        super().build(apply_id, staged)
        self.built += staged.tables
        if self._problem:
            raise CdpError(self._problem)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Production has a day of notes; so has a sandbox, whose notes have a column more."""
    root = tmp_path_factory.mktemp("promotion")
    made = Received(root, str(root / "state.db"))
    shutil.copytree(REPOSITORY / "tenant_config", made.config)
    for name, text in FILES.items():
        (made.config / name).write_text(text)
    made.apply_files()
    made.arrive(1)
    made.publish(PRODUCTION)
    made.make_sandbox()
    made.edit(FEED, *COLUMN, sandbox=True)
    made.apply_sandbox()
    made.publish(SANDBOX)
    made.state.engine.dispose()
    return root


@pytest.fixture
def shop(first: Path, tmp_path: Path) -> Received:
    """A copy of it."""
    shutil.copytree(first, tmp_path / "shop")
    return Received(tmp_path / "shop", str(tmp_path / "shop" / "state.db"))


def with_builder(shop: Shop, problem: str = "") -> tuple[Builder, Ports]:
    builder = Builder(shop, problem)
    return builder, replace(shop.ports(), builder=builder)


def test_a_sandbox_that_has_what_production_has_is_promoted_without_a_byte_written(shop: Received) -> None:
    plan = shop.promotion()
    assert [(one.table, one.action) for one in plan.tables] == [(str(NOTES), "reuse")]
    production, sandbox, lake = shop.view(), shop.view(SANDBOX), shop.everything_in_the_lake()
    builder, ports = with_builder(shop)
    apply_plan(shop.state, plan, "ann", None, ports)
    assert builder.built == []
    assert shop.everything_in_the_lake() == lake
    assert shop.view().entries == {**production.entries, NOTES: sandbox.entries[NOTES]}


def test_one_that_lags_by_a_day_of_files_says_so_and_loads_only_those(shop: Received) -> None:
    shop.arrive(2)
    shop.publish(PRODUCTION)
    plan = shop.promotion()
    (told,) = plan.tables
    assert (told.action, told.files, told.reason) == ("catch_up", 1, "1 files behind production")
    assert "Tables to catch up before the swap:" in render(plan)
    path, _ = shop.view(SANDBOX).entries[NOTES]
    before = shop.loaded(path)
    others = {name: entry for name, entry in shop.view().entries.items() if name != NOTES}
    builder, ports = with_builder(shop)
    apply_plan(shop.state, plan, "ann", None, ports)
    assert builder.built == [NOTES]
    after = shop.loaded(path)
    assert [one["state"] for one in after] == ["committed", "committed"]
    assert after[:1] == before
    assert sorted(delta.read(shop.lake / path)["id"].to_pylist()) == ["1a", "1b", "2a", "2b"]
    assert shop.view().entries[NOTES] == (path, after[1]["delta_version"])
    assert {name: entry for name, entry in shop.view().entries.items() if name != NOTES} == others


def test_files_that_land_while_the_plan_waits_are_caught_up_as_well(shop: Received) -> None:
    plan = shop.promotion()
    assert [one.action for one in plan.tables] == ["reuse"]
    shop.arrive(2)
    shop.publish(PRODUCTION)
    builder, ports = with_builder(shop)
    apply_plan(shop.state, plan, "ann", None, ports)
    assert builder.built == [NOTES]
    path, _ = shop.view().entries[NOTES]
    assert len(shop.loaded(path)) == 2


def test_a_failed_check_on_a_staged_table_stops_the_swap(shop: Received) -> None:
    shop.edit(SQL, *REGION, sandbox=True)
    shop.apply_sandbox()
    plan = shop.promotion()
    assert {one.action for one in plan.tables} == {"reuse", "build"}
    before, serial = shop.view(), plan.serial
    failing, ports = with_builder(shop, "a check failed")
    with pytest.raises(CdpError, match="a check failed"):
        apply_plan(shop.state, plan, "ann", None, ports)
    assert failing.built
    assert shop.view() == before
    with shop.state.read() as conn:
        assert applies.find_open(conn, PRODUCTION) is None
    again = shop.promotion()
    assert again.serial == serial
    apply_plan(shop.state, again, "ann", None, shop.ports())
    assert shop.view().revision != before.revision


def test_missing_files_are_loaded_in_a_process_of_its_own_and_without_spark(
    shop: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no Java to be found: a Spark server could not be started."""
    monkeypatch.setenv("CDP_TENANT_CONFIG", str(shop.config))
    monkeypatch.setattr("cdp_assets.defs.applying.spark_server", None)
    shop.arrive(2)
    shop.publish(PRODUCTION)
    lines: list[str] = []
    ports = ports_of(Home(shop.root), shop.state, lines.append)
    apply_plan(shop.state, shop.promotion(), "ann", None, ports)
    assert "Building 1 tables before the swap …" in lines
    path, version = shop.view().entries[NOTES]
    assert path.startswith(SANDBOX)
    assert [one["delta_version"] for one in shop.loaded(path)][-1] == version
    assert delta.count(shop.lake / path) == 4
