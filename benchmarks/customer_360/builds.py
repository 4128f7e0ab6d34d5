"""Makes every unified table and a database as a run does, and says what each took."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import polars as pl

from benchmarks.customer_360.data import Day
from cdp_assets.config.catalog import STITCH_IDS, Table, build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.step import covering
from cdp_assets.defs.unified import SQL_OF
from cdp_assets.environments.increments import Build, updated_version
from cdp_assets.environments.run_mode import BUSINESS_DATE
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from cdp_assets.sources.parse import table_schema
from cdp_assets.state.publications import Entry

CUSTOMERS, LINES = TableName("domain", "ecom_customers"), TableName("domain", "orders_order_items")


@dataclass
class World:
    """A lake with a tenant's tables, as far as they are made."""

    lake: Lake
    tenant: Tenant
    entries: dict[TableName, Entry] = field(default_factory=dict)

    def receive(self, day: Day) -> None:
        """Bring the domain tables and the ids up to a day: loads upsert, Stitch writes all of its ids."""
        for feed in self.tenant.feeds.values():
            delta.create(self.lake.absolute(str(feed.table)), table_schema(feed))
            self._note(feed.table, 0)
        for name, rows in ((CUSTOMERS, day.customers), (LINES, day.lines)):
            path = self.lake.absolute(str(name))
            load = {"app_id": f"load {day.date}", "key": "_pk", "newest": "_updated"}
            self._note(
                name, delta.merge(path, rows, **load) if delta.count(path) else delta.append(path, rows, "first")
            )
        self._note(STITCH_IDS, delta.overwrite(self.lake.absolute(str(STITCH_IDS)), day.ids, f"ids {day.date}"))

    def _note(self, name: TableName, version: int) -> None:
        self.entries[name] = Entry(name, str(name), version, {})

    def make(self, day: Day, *, into: str = "") -> dict[str, float]:
        """Make every table as of a day and give the seconds of each; `into` a folder of their own, as a whole."""
        seconds = {}
        for table in build_catalog(self.tenant).ordered():
            if table.kind in SQL_OF:
                started = time.monotonic()
                self.entries[table.name] = self._made(table, day, into)
                seconds[str(table.name)] = round(time.monotonic() - started, 2)
        return seconds

    def _made(self, table: Table, day: Day, into: str) -> Entry:
        sql, inputs = SQL_OF[table.kind](self.tenant, table), {one: self.entries[one] for one in table.inputs}
        path, load_id = f"{into}{table.name}", f"{into}{day.date}"
        present = None if into else self.entries.get(table.name)
        parameters = {BUSINESS_DATE: day.date} if ":business_date" in sql else {}
        build = Build(table.name, path, sql, present, inputs, load_id, parameters)
        version = updated_version(self.lake, self.tenant, build)
        if version is None:
            versions = {one: TableVersion(entry.path, entry.version) for one, entry in inputs.items()}
            version = self.lake.sessions.run(
                lambda: self.lake.overwrite(path, self.lake.sql(sql, versions, parameters), load_id=load_id)
            )
        coverage = covering(inputs) | {name: date.isoformat() for name, date in parameters.items()}
        return Entry(table.name, path, version, coverage)

    def files(self, name: TableName) -> list[str]:
        """Give the files of a table as it is."""
        entry = self.entries[name]
        return delta.files(self.lake.absolute(entry.path), entry.version)

    def content(self, name: TableName) -> tuple[int, int]:
        """Give how many rows a table has and the sum of their hashes, file by file."""
        rows = sums = 0
        for file in self.files(name):
            frame = pl.read_parquet(file)
            frame = frame.select(sorted(frame.columns)).with_columns(pl.selectors.datetime().cast(pl.Datetime("us")))
            rows += frame.height
            sums += int(frame.hash_rows(seed=1).sum()) if frame.height else 0
        return rows, sums % 2**64
