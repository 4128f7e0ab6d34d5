"""An installation of the big tenant whose tables are there without Spark: each is written as its owner would have."""

from __future__ import annotations

import datetime as dt
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import numpy as np
import pyarrow as pa

from benchmarks.big_tenant import USER, write_tenant
from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.courier import Courier
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.engine import prepare
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.revision import active_tenant
from cdp_assets.environments.runs import TableRun
from cdp_assets.environments.sharing import shared_tables
from cdp_assets.exchange.locations import open_location
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.sources.landing import land
from cdp_assets.sources.load import load_pending
from cdp_assets.state import loads
from cdp_assets.state.database import State

DAY = dt.date(2026, 11, 20)
LANDED = TableName("domain", "s49_f392")
"""A feed of CSV files that nothing reads: what it takes to load it needs no Spark."""
HEADER = "customer_id,updated_at"


@dataclass(frozen=True)
class Ran:
    """What one process did."""

    seconds: float
    cpu_s: float
    """Of the process and of those that it started: what a busy machine does not change."""
    code: int
    text: str


class Installation:
    """Files, a lake and a state below one folder."""

    def __init__(self, root: Path) -> None:
        self.root, self.config, self.sandboxes = root, root / "tenant_config", root / "sandboxes"
        self.home = Home(root / "home")
        self._days = 0

    def set_up(self, rows: int) -> int:
        """Write the tenant's files into a git repository, apply them, publish every table; give how many resources.

        Dagster's storage is there as well, as it is wherever Dagster has run once.
        """
        counts = write_tenant(self.config)
        git = ["git", "-C", str(self.root), "-c", "user.name=ann", "-c", "user.email=ann@localhost"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "Everything"]):
            subprocess.run([*git, *command], check=True)
        applied = self.cdp("apply", "--yes")
        assert applied.code == 0, applied.text
        prepare(self.home)
        dg.DagsterInstance.from_config(str(self.home.dagster)).dispose()
        self.next_day()
        self.publish(PRODUCTION, rows)
        return sum(counts.values())

    @property
    def state(self) -> State:
        """The store."""
        return State.open(self.home.state)

    def cdp(self, *arguments: str) -> Ran:
        """Run a command in a process of its own, as somebody in a terminal does."""
        names = {"CDP_HOME": str(self.home.root), "CDP_TENANT_CONFIG": str(self.config), "CDP_USER": USER}
        environment = os.environ | names | {"PYTHONPATH": str(REPOSITORY)}
        command = [sys.executable, "-m", "cdp_assets.cli.main", *arguments]
        started, used = time.monotonic(), _cpu_s()
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=self.root)
        return Ran(time.monotonic() - started, _cpu_s() - used, done.returncode, done.stdout + done.stderr)

    def forget_caches(self) -> None:
        """Remove everything that may be made again."""
        shutil.rmtree(self.home.cache, ignore_errors=True)

    def most_read(self) -> str:
        """Give the file of the database table that most tables read, directly or through others."""
        catalog = build_catalog(self._active(PRODUCTION)[1])
        readers: dict[TableName, set[TableName]] = {name: set() for name in catalog.tables}
        for table in reversed(catalog.ordered()):
            for name in table.inputs:
                readers[name] |= {table.name, *readers[table.name]}
        found = max((name for name in readers if name.layer == "database__db_0"), key=lambda name: len(readers[name]))
        return f"databases/db_0/{found.name}.sql"

    def edit(self, name: str, old: str, new: str, *, sandbox: str | None = None) -> str:
        """Change a file of production or of a sandbox; give the text that it had."""
        path = (self.sandboxes / sandbox if sandbox else self.config) / name
        text = path.read_text()
        assert old in text, name
        path.write_text(text.replace(old, new, 1))
        return text

    def publish(self, environment: str, rows: int, *, only: TableName | None = None) -> int:
        """Build the tables that are the environment's own, or one of them, and publish; give how many were built."""
        state = self.state
        revision_id, tenant = self._active(environment)
        catalog, found = build_catalog(tenant), fingerprints(tenant)
        shared = shared_tables(state, environment, found)
        tables = [one for one in catalog.ordered() if one.kind != "query" and one.name not in shared]
        tables = [one for one in tables if only in (None, one.name)]
        run = TableRun.begin(
            state,
            run_id=f"{environment}-{time.monotonic_ns()}",
            environment=environment,
            revision_id=revision_id,
            business_date=DAY,
            expected=sorted(one.name for one in tables),
            fingerprints=found,
        )
        places: dict[TableName, str] = {}
        for table in tables:
            path = self.home.lake / run.paths[table.name]
            version = self._load(run) if table.name == LANDED else delta.overwrite(path, _rows(rows), run.run_id)
            coverage = {str(name): places.get(name) or _place(run, name) for name in table.inputs}
            places[table.name] = f"{run.paths[table.name]}@{version}"
            run.record(table.name, found[table.name], version, coverage | _day(table.sql))
            run.measured(run.paths[table.name], rows, delta.size_bytes(path), 1.0)
        return len(tables)

    def next_day(self) -> None:
        """Let a file of the next day arrive and land."""
        _, tenant = self._active(PRODUCTION)
        courier = _courier(tenant)
        folder, location = self.home.drop(PRODUCTION), courier.location
        date = DAY + dt.timedelta(days=self._days)
        rows = "".join(f"c{self._days}-{number},{date}T00:00:00Z\n" for number in range(1000))
        (folder / location.path).mkdir(parents=True, exist_ok=True)
        (folder / location.path / f"{LANDED.name}_{date:%Y_%m_%d}.csv").write_text(f"{HEADER}\n{rows}")
        there = open_location(location, folder)
        land(courier, there, state=self.state, lake_root=self.home.lake, environment=PRODUCTION)
        self._days += 1

    def files_loaded(self) -> dict[str, int]:
        """Give how many files each table of the feed has loaded, by path."""
        with self.state.read() as conn:
            return {path: len(files) for path, files in loads.committed_files(conn, LANDED.name).items()}

    def _active(self, environment: str) -> tuple[str, Tenant]:
        found = active_tenant(self.state, environment)
        assert found is not None
        return found

    def _load(self, run: TableRun) -> int:
        """Load the feed that has files, by the code that always does; give the table's version."""
        _, tenant = self._active(run.environment)
        path = run.paths[LANDED]
        load_pending(
            tenant.feeds[LANDED.name],
            _courier(tenant),
            state=self.state,
            lake_root=self.home.lake,
            environment=run.environment,
            landing_environment=PRODUCTION,
            table_path=path,
        )
        version = delta.version(self.home.lake / path)
        assert version is not None
        return version


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _courier(tenant: Tenant) -> Courier:
    return next(one for one in tenant.couriers.values() if any(load.feed == LANDED.name for load in one.load))


def _rows(rows: int) -> pa.Table:
    """Give rows that do not compress away."""
    return pa.table({"customer_id": np.random.default_rng(7).integers(0, 1 << 62, rows)})


def _place(run: TableRun, name: TableName) -> str:
    entry = run.entry(name)
    assert entry is not None, name
    return f"{entry.path}@{entry.version}"


def _day(sql: str | None) -> dict[str, str]:
    return {"business_date": DAY.isoformat()} if ":business_date" in (sql or "") else {}
