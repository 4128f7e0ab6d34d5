"""A second environment shares what it did not change and builds the rest, beside production."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp_assets.cli import demo
from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.apply import apply_plan
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.runs import current_publication
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.security.user import acting_user
from cdp_assets.state.publications import Publication
from tests.journey.conftest import ThreeDays
from tests.journey.installation import DAYS

SANDBOX = "sandbox__lifecycle"
CHANGED = TableName("database__customer_360", "customer_360")
DOWNSTREAM = TableName("database__customer_360", "customer_attributes")


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


@pytest.fixture(scope="module")
def sandbox(one_by_one: ThreeDays, tmp_path_factory: pytest.TempPathFactory) -> tuple[Publication, bool]:
    """A sandbox's publication with one changed SQL table, and whether production's files stayed as they were."""
    installation = one_by_one.installation
    config = tmp_path_factory.mktemp("sandbox") / "tenant_config"
    shutil.copytree(REPOSITORY / "tenant_config", config)
    sql = config / "databases" / "customer_360" / "customer_360.sql"
    sql.write_text(sql.read_text().replace("c.gender,", "c.gender,\n  UPPER(c.state) AS region,"))
    plan = make_plan(installation.state, load_tenant(config), SANDBOX)
    apply_plan(installation.state, plan, acting_user())
    before = installation.production_files()
    with read_only(installation.home.lake / PRODUCTION), read_only(installation.home.lake / "landing" / PRODUCTION):
        demo.run_full(installation.home, DAYS[-1], SANDBOX)
    return current_publication(installation.state, SANDBOX), installation.production_files() == before


def test_unchanged_tables_are_productions_own(one_by_one: ThreeDays, sandbox: tuple[Publication, bool]) -> None:
    """Path and version of everything upstream of the change are production's: no copy was made."""
    production = one_by_one.installation.publication()
    shared = {name: entry for name, entry in sandbox[0].entries.items() if name not in {CHANGED, DOWNSTREAM}}
    assert len(shared) > 15
    assert {name: (entry.path, entry.version) for name, entry in shared.items()} == {
        name: (production.entry(name).path, production.entry(name).version) for name in shared
    }


def test_the_changed_table_and_what_reads_it_are_forked(
    one_by_one: ThreeDays, sandbox: tuple[Publication, bool]
) -> None:
    """They lie under the sandbox's name, and hold the new column."""
    for name in (CHANGED, DOWNSTREAM):
        assert sandbox[0].entry(name).path.startswith(f"{SANDBOX}/")
    assert "region" in one_by_one.installation.table(CHANGED, sandbox[0]).columns
    assert "region" not in one_by_one.installation.table(CHANGED).columns


def test_productions_files_stay_untouched(sandbox: tuple[Publication, bool]) -> None:
    """Every byte below production is what it was, and nothing was added."""
    assert sandbox[1]


def test_the_sandboxs_destinations_are_muted(one_by_one: ThreeDays, sandbox: tuple[Publication, bool]) -> None:
    """It binds none, so nothing is sent, neither to production's nor anywhere."""
    assert not one_by_one.installation.home.outbox(SANDBOX).exists()
