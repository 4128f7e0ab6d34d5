"""A table about orders that was brought up to date equals one that was made as a whole."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.config.catalog import ITEMIZED, TRANSACTIONS, build_catalog
from cdp_assets.config.people_tables import COALESCED
from cdp_assets.environments.increments import Build, updated_version
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from cdp_assets.state.publications import Entry
from cdp_assets.unified.tables import unified_sql
from tests.oracles.orders import Row
from tests.spark.unified.test_orders import ALL_PEOPLE, LINE, PERSON, TILL, WEB, line, person, tenant

WEB_LINES, TILL_LINES = TableName("domain", "web_lines"), TableName("domain", "till_lines")
RECORD = pa.schema([*PERSON, ("datasource", pa.string()), ("pk", pa.string())])
SETTINGS = tenant().model_copy(
    update={"transactions": tenant().transactions.model_copy(update={"fiscal_calendar": None})}
)
CATALOG = build_catalog(SETTINGS)


def keyed(rows: list[Row]) -> dict[str, Row]:
    """Give lines by their key, made for those that have none."""
    return {
        row["_pk"] or f"made{place}": {**row, "_pk": row["_pk"] or f"made{place}"} for place, row in enumerate(rows)
    }


@dataclass
class World:
    """The lines and the people's records of a day, and the tables that hold them."""

    lake: Lake
    web: dict[str, Row] = field(default_factory=lambda: keyed(WEB))
    till: dict[str, Row] = field(default_factory=lambda: keyed(TILL))
    people: list[Row] = field(default_factory=lambda: [dict(row) for row in ALL_PEOPLE])
    entries: dict[TableName, Entry] = field(default_factory=dict)
    day: int = 0

    def write(self) -> None:
        """Write the inputs as they are on a new day."""
        self.day += 1
        people = [row | {"datasource": "web:people", "pk": str(place)} for place, row in enumerate(self.people)]
        self._write(WEB_LINES, pa.Table.from_pylist(list(self.web.values()), LINE))
        till = pa.Table.from_pylist(list(self.till.values()), LINE).drop_columns(["customer", "colour"])
        self._write(TILL_LINES, till)
        self._write(COALESCED, pa.Table.from_pylist(people, RECORD))

    def _write(self, name: TableName, rows: pa.Table) -> None:
        version = self.lake.overwrite(str(name), rows, load_id=f"day{self.day}")
        self.entries[name] = Entry(name, str(name), version, {})

    def make(self, name: TableName, *, anew: bool = False) -> None:
        """Make a table as a run does: by its changes where it can, or `anew`, in a place of its own, as a whole."""
        inputs = {one: self.entries[one] for one in CATALOG.tables[name].inputs}
        sql, load_id = unified_sql(SETTINGS, name), f"day{self.day}"
        build = Build(name, sql, None if anew else self.entries.get(name), inputs, load_id)
        path = f"whole/{name}/{self.day}" if anew else str(name)
        version = updated_version(self.lake, SETTINGS, build)
        if version is None:
            versions = {one: TableVersion(entry.path, entry.version) for one, entry in inputs.items()}
            rows = self.lake.sessions.run(lambda: self.lake.sql(sql, versions, {}).toArrow())
            version = delta.overwrite(self.lake.absolute(path), rows, load_id)
        coverage: dict[str, Any] = {str(one): f"{entry.path}@{entry.version}" for one, entry in inputs.items()}
        self.entries[name] = Entry(name, path, version, coverage)

    def rows(self, name: TableName) -> list[str]:
        """Give a table's rows, in one order."""
        entry = self.entries[name]
        return sorted(map(str, delta.read(self.lake.absolute(entry.path), entry.version).to_pylist()))


def some_lines_change(world: World, chance: random.Random) -> None:
    """New lines of old and new orders, changed amounts, customers and orders, and lines that are deleted."""
    known = sorted(world.web)
    for pk in chance.sample(known, 4):
        world.web[pk] = world.web[pk] | {"item_revenue": Decimal(chance.randrange(100)), "customer": "C12"}
    world.web[known[5]] = world.web[known[5]] | {"order_id": "renamed"}
    for pk in chance.sample(sorted(world.till), 3):
        del world.till[pk]
    for number in range(4):
        pk, order = f"new{world.day}.{number}", chance.choice(["r1", "r2", f"new{world.day}"])
        world.till[pk] = line(order, member=f"M{chance.randrange(40)}", _pk=pk, is_return=chance.random() < 0.5)


def somebody_is_somebody_else(world: World, _: random.Random) -> None:
    """Two people are one, one record is somebody's of their own, and a key is nobody's any more."""
    for row in world.people:
        row["amperity_id"] = "P03" if row["amperity_id"] == "P04" else row["amperity_id"]
    world.people[-1]["amperity_id"] = "alone"
    world.people[3] = person("cid", None, None, None)


def records_are_newer(world: World, chance: random.Random) -> None:
    """Nobody is anybody else, but of an order's people another is the last updated."""
    for row in chance.sample(world.people, 2):
        row["update_dt"] = person("", day=chance.randrange(10, 28))["update_dt"]


def a_line_without_order_comes(world: World, _: random.Random) -> None:
    """It belongs to no order, and its row is made all the same."""
    world.web["orderless"] = line(None, revenue="4", _pk="orderless")


DAYS = [[some_lines_change, a_line_without_order_comes], [somebody_is_somebody_else], [records_are_newer]]


def test_days_of_change_equal_whole_builds(lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    """Lines change, then people, then the dates of their records: never made as a whole, and a log line says so.

    What is wrong after one day stays wrong: the last day is held against a whole build.
    """
    caplog.set_level(logging.INFO, "cdp_assets")
    world, chance = World(lake), random.Random(5)
    world.write()
    for name in (ITEMIZED, TRANSACTIONS):
        world.make(name)
    assert [record.getMessage().rpartition(", ")[2] for record in caplog.records] == ["there is none yet"] * 2
    caplog.clear()
    for changes in DAYS:
        for change in changes:
            change(world, chance)
        world.write()
        for name in (ITEMIZED, TRANSACTIONS):
            world.make(name)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2 * len(DAYS)
    assert all("made anew for" in message for message in told)
    whole = replace(world, entries=dict(world.entries))
    for name in (ITEMIZED, TRANSACTIONS):
        whole.make(name, anew=True)
        assert world.rows(name) == whole.rows(name), name
