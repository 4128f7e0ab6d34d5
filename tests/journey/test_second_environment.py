"""A sandbox shares what it did not change and builds the rest beside production, of which nothing moves meanwhile."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner

from cdp_assets.cli import demo
from cdp_assets.cli.main import cdp
from cdp_assets.environments.runs import current_publication
from cdp_assets.hashing import sha256_of_file
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import landed_files, tables
from cdp_assets.state.publications import Publication
from tests.journey.conftest import ThreeDays
from tests.journey.installation import DAYS, Installation

NAME, SANDBOX = "lifecycle", "sandbox__lifecycle"
FEED = TableName("domain", "products_products")
CATALOG = TableName("unified", "unified_product_catalog")
CHANGED = TableName("database__customer_360", "customer_360")
DOWNSTREAM = {TableName("database__customer_360", f"customer_{name}") for name in ("attributes", "labels")}
SEGMENT = TableName("segment", "high_value_lapsing")
OWN = {FEED, CATALOG, CHANGED, SEGMENT, *DOWNSTREAM}
EDITS = {
    "databases/customer_360/customer_360.sql": ("c.gender,", "c.gender,\n  UPPER(c.state) AS region,"),
    "feeds/products_products.yaml": ("scale: 2", "scale: 3"),
}
LATE = "products/products_2026_11_24.tsv"
"""A file that production has not looked for yet."""

Rows = dict[str, set[tuple[Any, ...]]]


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Take write permission away from a folder and all below it, and from root too by checking afterwards."""
    paths = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@dataclass(frozen=True)
class Look:
    """Everything of an installation that a sandbox could spoil."""

    files: dict[str, str]
    """Every file of production: its tables, landing, drop folder, outbox; with its hash."""
    rows: Rows
    """Every row of the state, by table."""
    materialised: dict[str, float | None]
    """When Dagster last saw each asset of production made."""


def look(installation: Installation) -> Look:
    """Look at an installation."""
    home = installation.home
    folders = [home.drop(PRODUCTION), home.outbox(PRODUCTION)]
    outside = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    files = {str(path.relative_to(home.root)): sha256_of_file(path) for path in outside}
    with installation.state.read() as conn:
        rows = {
            table.name: {tuple(map(repr, row)) for row in conn.execute(table.select())}
            for table in tables.metadata.sorted_tables
        }
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        keys = [key for key in instance.all_asset_keys() if key.path[0] == PRODUCTION]
        events = {key.to_user_string(): instance.get_latest_materialization_event(key) for key in keys}
    made = {key: event.timestamp if event else None for key, event in events.items()}
    return Look(files | installation.production_files(), rows, made)


@dataclass(frozen=True)
class Tried:
    """A sandbox's publication, and how the installation looked before and after."""

    publication: Publication
    before: Look
    after: Look


@pytest.fixture(scope="module")
def tried(one_by_one: ThreeDays, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """A sandbox with a changed feed and a changed table, made, applied and run as an engineer does."""
    installation, home = one_by_one.installation, one_by_one.installation.home
    config = tmp_path_factory.mktemp("clone") / "tenant_config"
    shutil.copytree(REPOSITORY / "tenant_config", config)
    late = home.drop(PRODUCTION) / LATE
    shutil.copyfile(REPOSITORY / "sample_data" / "acme" / "products" / "products_2026_11_20.tsv", late)
    before = look(installation)

    def run(*words: str) -> None:
        environment = {"CDP_HOME": str(home.root), "CDP_TENANT_CONFIG": str(config)}
        done = CliRunner().invoke(cdp, words, env=environment)
        assert done.exit_code == 0, done.output

    with read_only(home.lake / PRODUCTION), read_only(home.lake / "landing" / PRODUCTION), read_only(late.parent):
        run("sandbox", "create", NAME)
        for name, (old, new) in EDITS.items():
            path = config.parent / "sandboxes" / NAME / name
            assert old in path.read_text()
            path.write_text(path.read_text().replace(old, new))
        run("apply", "--sandbox", NAME, "--yes")
        demo.run_full(home, DAYS[-1], SANDBOX)
    after = look(installation)
    late.unlink()
    return Tried(current_publication(installation.state, SANDBOX), before, after)


def test_unchanged_tables_are_productions_own(one_by_one: ThreeDays, tried: Tried) -> None:
    """Path and version of everything that no change reaches are production's: no copy was made."""
    production = one_by_one.installation.publication()
    shared = {name: entry for name, entry in tried.publication.entries.items() if name not in OWN}
    assert len(shared) > 15
    assert {name: (entry.path, entry.version) for name, entry in shared.items()} == {
        name: (production.entry(name).path, production.entry(name).version) for name in shared
    }


def test_what_changed_and_what_reads_it_is_the_sandboxs_own(one_by_one: ThreeDays, tried: Tried) -> None:
    """They lie under the sandbox's name, and are what the sandbox's configuration says."""
    for name in OWN:
        assert tried.publication.entry(name).path.startswith(f"{SANDBOX}/")
    assert "region" in one_by_one.installation.table(CHANGED, tried.publication).columns
    assert "region" not in one_by_one.installation.table(CHANGED).columns


def test_a_changed_feed_is_loaded_from_productions_landing(one_by_one: ThreeDays, tried: Tried) -> None:
    """Every file that production has landed, and none that it has not."""
    installation = one_by_one.installation
    entry = tried.publication.entry(FEED)
    columns = delta.schema(str(installation.home.lake / entry.path), entry.version)
    assert columns.field("msrp").type.scale == 3
    assert installation.table(FEED, tried.publication).height == installation.table(FEED).height
    with installation.state.read() as conn:
        loads = conn.execute(tables.load.select().where(tables.load.c.environment == SANDBOX)).mappings().all()
        landed = landed_files.of_courier(conn, PRODUCTION, "products")
    assert [(load["table_path"], load["state"]) for load in loads] == [(entry.path, "committed")] * len(landed)


def test_nothing_of_production_is_touched(tried: Tried) -> None:
    """Files, drop folder and outbox byte for byte; ledgers, publications and the rest of the state row for row."""
    assert LATE in "".join(tried.before.files)
    assert tried.after.files == tried.before.files
    assert {name: rows - tried.after.rows[name] for name, rows in tried.before.rows.items() if rows} == {
        name: set() for name, rows in tried.before.rows.items() if rows
    }
    assert tried.after.materialised == tried.before.materialised


def test_every_new_row_is_the_sandboxs(tried: Tried) -> None:
    """Of the tables that say whose a row is."""
    owned = [table for table in tables.metadata.sorted_tables if "environment" in table.c and table.name != "audit"]
    for table in owned:
        column = list(table.c).index(table.c.environment)
        added = tried.after.rows[table.name] - tried.before.rows[table.name]
        assert {row[column] for row in added} <= {repr(SANDBOX)}, table.name
    assert tried.after.rows["delivery"] == tried.before.rows["delivery"], "nothing was sent"


def test_the_sandboxs_destinations_are_muted(one_by_one: ThreeDays, tried: Tried) -> None:
    """It binds none, so nothing is sent, neither to production's nor anywhere."""
    assert not one_by_one.installation.home.outbox(SANDBOX).exists()
