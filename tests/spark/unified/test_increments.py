"""A table about orders that was brought up to date equals one that was made as a whole."""

from __future__ import annotations

import datetime as dt
import logging
import random
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.config.catalog import ATTRIBUTES, ITEMIZED, TRANSACTIONS, build_catalog
from cdp_assets.config.people_tables import COALESCED
from cdp_assets.environments import increments
from cdp_assets.environments.increments import Build, updated_version
from cdp_assets.environments.run_mode import BUSINESS_DATE
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from cdp_assets.state.publications import Entry
from cdp_assets.unified.tables import unified_sql
from tests.oracles.orders import Row
from tests.spark.unified.test_orders import ALL_PEOPLE, LINE, NOON, PERSON, TILL, TODAY, WEB, line, person, tenant

WEB_LINES, TILL_LINES = TableName("domain", "web_lines"), TableName("domain", "till_lines")
RECORD = pa.schema([*PERSON, ("datasource", pa.string()), ("pk", pa.string())])
TRANSACTION_SETTINGS = tenant().transactions.model_copy(
    update={"fiscal_calendar": None, "attribute_sets": ["returned"]}
)
SETTINGS = tenant().model_copy(update={"transactions": TRANSACTION_SETTINGS})
CATALOG = build_catalog(SETTINGS)
MADE = (ITEMIZED, TRANSACTIONS, ATTRIBUTES)


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
    date: dt.date = TODAY

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
        parameters = {BUSINESS_DATE: self.date} if ":business_date" in sql else {}
        path = f"whole/{name}/{self.day}" if anew else str(name)
        build = Build(name, path, sql, None if anew else self.entries.get(name), inputs, load_id, parameters)
        version = updated_version(self.lake, SETTINGS, build)
        if version is None:
            versions = {one: TableVersion(entry.path, entry.version) for one, entry in inputs.items()}
            rows = self.lake.sessions.run(lambda: self.lake.sql(sql, versions, parameters).toArrow())
            version = delta.overwrite(self.lake.absolute(path), rows, load_id)
        coverage: dict[str, Any] = {str(one): f"{entry.path}@{entry.version}" for one, entry in inputs.items()}
        coverage |= {parameter: date.isoformat() for parameter, date in parameters.items()}
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


def a_buyer_loses_all_orders(world: World, _: random.Random) -> None:
    """Nothing of the buyer's lines is left; whoever bought alike has other deciles."""
    world.till = {pk: row for pk, row in world.till.items() if row["member"] not in ("M12", "M19")}
    world.web = {pk: row for pk, row in world.web.items() if row["customer"] not in ("C11", "C12")}


def orders_come_late(world: World, _: random.Random) -> None:
    """One dated years ago, one of tomorrow, and a return of what was bought before every window but the last."""
    for number, (order, at) in enumerate(
        [("late", dt.datetime(2021, 5, 5, tzinfo=dt.UTC)), ("early", NOON + dt.timedelta(days=60))]
    ):
        world.till[f"late{number}"] = line(order, member="M14", _pk=f"late{number}", order_datetime=at)
    long_ago = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    world.web["late2"] = line("long_ago", customer="C99", _pk="late2", order_datetime=long_ago, is_return=True)


DAYS = [
    (1, [some_lines_change, a_line_without_order_comes, orders_come_late]),
    (31, [somebody_is_somebody_else]),
    (0, [records_are_newer, a_buyer_loses_all_orders]),
]
"""By how many days the business date moves, and what is news."""


def test_days_of_change_equal_whole_builds(
    lake: Lake, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines change, then people, then the dates of their records: never made as a whole, and a log line says so.

    What is wrong after one day stays wrong: the last day is held against a whole build.
    """
    monkeypatch.setattr(increments, "ROWS_PER_CHANGE", 0)  # so few buyers would be made as a whole
    caplog.set_level(logging.INFO, "cdp_assets")
    world, chance = World(lake), random.Random(5)
    world.write()
    for name in MADE:
        world.make(name)
    assert [record.getMessage().rpartition(", ")[2] for record in caplog.records] == ["there is none yet"] * len(MADE)
    caplog.clear()
    for days, changes in DAYS:
        world.date += dt.timedelta(days=days)
        for change in changes:
            change(world, chance)
        world.write()
        for name in MADE:
            world.make(name)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == len(MADE) * len(DAYS)
    assert all("made anew for" in message for message in told)
    whole = replace(world, entries=dict(world.entries))
    for name in MADE:
        whole.make(name, anew=True)
        assert world.rows(name) == whole.rows(name), name
