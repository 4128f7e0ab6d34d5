"""An installation whose tables are tiny: real Delta tables that say which definition made them, without Spark."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from cdp_assets.config.catalog import Table, build_catalog
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant_files import texts_of
from cdp_assets.environments import git
from cdp_assets.environments.apply import Options, Ports, apply_plan, plan_of
from cdp_assets.environments.files import refuse_moved, write_files
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.plan import Plan
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.promotion import promotion_plan
from cdp_assets.environments.revision import active_tenant, tenant_of_revision
from cdp_assets.environments.runs import TableRun
from cdp_assets.environments.sandboxes import bindings_of, create
from cdp_assets.environments.sharing import shared_tables
from cdp_assets.environments.staging import Staged
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment
from cdp_assets.state import applies, environments, publications, sandboxes
from cdp_assets.state.applies import Apply
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry

DAY = dt.date(2026, 11, 20)
NAME = "loyalty-v2"
SANDBOX = sandbox_environment(NAME)
SQL = "databases/customer_360/customer_360.sql"
NEW_COLUMN = ("c.gender,", "c.gender,\n  UPPER(c.state) AS region,")
"""An edit of it that breaks nobody."""


@dataclass(frozen=True)
class View:
    """What one look at an environment shows: revision, publication, and each table's place."""

    revision: str | None
    publication: int | None
    entries: Mapping[TableName, tuple[str, int]]


class Shop:
    """A tenant's files, a lake and a state."""

    def __init__(self, root: Path, where: str) -> None:
        self.root = root
        self.config, self.sandboxes, self.lake = root / "tenant_config", root / "sandboxes", root / "lake"
        self.state = State.open(where)

    def set_up(self) -> None:
        """Apply the demo tenant, publish every table, and commit the files to git."""
        shutil.copytree(REPOSITORY / "tenant_config", self.config)
        self.apply_files()
        self.publish(PRODUCTION)

    @property
    def folder(self) -> Path:
        """The sandbox's files."""
        return self.sandboxes / NAME

    def edit(self, name: str, old: str, new: str, *, sandbox: bool = False) -> None:
        """Change a file of production or of the sandbox."""
        path = (self.folder if sandbox else self.config) / name
        text = path.read_text()
        assert old in text, name
        path.write_text(text.replace(old, new, 1))

    def plan_files(self, user: str = "ann") -> Plan:
        """Plan production's files."""
        return make_plan(self.state, load_tenant(self.config), PRODUCTION, user=user)

    def apply_files(self, user: str = "ann") -> None:
        """Plan production's files and apply the plan."""
        plan = self.plan_files(user)
        apply_plan(self.state, plan, user, Options(files=texts_of(self.config)), self.ports())

    def make_sandbox(self) -> None:
        """Make the sandbox of production as it is."""
        create(self.state, self.sandboxes, NAME, user="ann", texts=texts_of(self.config))

    def apply_sandbox(self) -> None:
        """Activate the sandbox's files in it."""
        plan = make_plan(self.state, load_tenant(self.folder), SANDBOX, user="ann")
        options = Options(files=texts_of(self.folder), bindings=bindings_of(self.folder))
        apply_plan(self.state, plan, "ann", options, self.ports())

    def promotion(self) -> Plan:
        """Plan to bring the sandbox's changes to production."""
        with self.state.read() as conn:
            found = sandboxes.get(conn, SANDBOX)
        return promotion_plan(self.state, found, self.folder, self.config, user="ann", lake=self.lake)

    def ports(self) -> Ports:
        """Reach the world as the command line does, without Dagster and Spark."""
        return Ports(
            builder=TinyBuilder(self),
            projections={"files": self._write_files, "git": self._commit},
            before=self._refuse,
        )

    def _refuse(self, plan: Plan) -> None:
        refuse_moved(self.config, plan.files_seen)
        git.refuse_dirty(self.config, plan.files)

    def _write_files(self, found: Apply) -> None:
        write_files(self.config, plan_of(found).files)

    def _commit(self, found: Apply) -> None:
        git.commit(self.config, plan_of(found).files, f"serial {found.serial}")

    def publish(self, environment: str) -> int:
        """Run every table that the environment builds itself, and give the publication."""
        active = active_tenant(self.state, environment)
        assert active is not None
        found = fingerprints(active[1])
        shared = shared_tables(self.state, environment, found)
        tables = [one for one in build_catalog(active[1]).ordered() if one.kind != "query"]
        mine = [one for one in tables if one.name not in shared]
        with self.state.read() as conn:
            before = len(publications.history(conn, environment, 1000))
        run = TableRun.begin(
            self.state,
            run_id=f"run-{environment}-{before}-{active[0][:8]}",
            environment=environment,
            revision_id=active[0],
            business_date=DAY,
            expected=sorted(one.name for one in mine),
            fingerprints=found,
        )
        for table in mine:
            self.write(run, table, found[table.name])
        with self.state.read() as conn:
            current = publications.current(conn, environment)
        assert current is not None
        return current.id

    def write(self, run: TableRun, table: Table, fingerprint: str) -> None:
        """Write a table whose one row says which definition made it."""
        coverage = {str(one): f"{entry.path}@{entry.version}" for one, entry in run.inputs(table.inputs).items()}
        path = self.lake / run.paths[table.name]
        write_deltalake(path, pa.table({"made_by": [fingerprint], "run": [run.run_id]}), mode="overwrite")
        run.record(table.name, fingerprint, DeltaTable(path).version(), coverage)

    def view(self, environment: str = PRODUCTION) -> View:
        """Look once, as a reader does."""
        with self.state.read() as conn:
            now = environments.get(conn, environment)
            published = publications.current(conn, environment)
        entries: Mapping[TableName, Entry] = published.entries if published else {}
        places = {name: (entry.path, entry.version) for name, entry in entries.items()}
        return View(now.revision_id if now else None, published.id if published else None, places)

    def mixed(self, view: View) -> list[str]:
        """Give the tables of a view whose rows another definition made than the one that is active in it."""
        with self.state.read() as conn:
            tenant = tenant_of_revision(conn, view.revision)
        assert tenant is not None
        expected = fingerprints(tenant)
        return [
            str(name)
            for name, (path, version) in view.entries.items()
            if DeltaTable(self.lake / path, version=version).to_pyarrow_table()["made_by"].to_pylist()
            != [expected.get(name)]
        ]


class TinyBuilder:
    """Builds tables as small as the shop's."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def build(self, apply_id: str, staged: Staged) -> None:
        """Build the staged tables, inputs first."""
        with self._shop.state.read() as conn:
            fence = applies.get(conn, apply_id).fence
            tenant = tenant_of_revision(conn, staged.revision_id)
        assert tenant is not None
        run = TableRun.staged(self._shop.state, staged.run_id, fence, staged.paths)
        catalog = build_catalog(tenant)
        for name in staged.tables:
            self._shop.write(run, catalog.tables[name], staged.fingerprints[name])
