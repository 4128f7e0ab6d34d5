"""What changed outside of plan and apply is told: tables, files, sandboxes' folders, applies that were cut off."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from cdp_assets.cli.plan import NO_CHANGES
from cdp_assets.environments.apply import apply_plan
from cdp_assets.environments.plan import Drift
from cdp_assets.environments.projections import projection_drift
from cdp_assets.environments.promotion import edited_by_hand
from cdp_assets.environments.revision import active_tenant
from cdp_assets.environments.sandboxes import delete
from cdp_assets.environments.unchanged import unchanged_plan
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import sandboxes
from tests.integration.environments.shop import NAME, SANDBOX, SQL, Shop
from tests.unit.cli.test_plan_apply import Engineer

TABLE = TableName("database__customer_360", "customer_360")
ROWS = pa.table({"made_by": ["somebody"], "run": ["none"]})


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published production."""
    root = tmp_path_factory.mktemp("drift")
    made = Shop(root, str(root / "state.db"))
    made.set_up()
    made.state.engine.dispose()
    return root


@pytest.fixture
def shop(first: Path, tmp_path: Path) -> Shop:
    """A copy of it."""
    shutil.copytree(first, tmp_path / "shop")
    return Shop(tmp_path / "shop", str(tmp_path / "shop" / "state.db"))


def drift(shop: Shop) -> tuple[Drift, ...]:
    active = active_tenant(shop.state, PRODUCTION)
    assert active is not None
    return unchanged_plan(shop.state, PRODUCTION, active, user="ann", lake=shop.lake).drift


def place(shop: Shop) -> Path:
    path, _ = shop.view().entries[TABLE]
    return shop.lake / path


def test_what_plan_and_apply_left_has_not_drifted(shop: Shop) -> None:
    assert drift(shop) == ()


WAYS: dict[str, tuple[Callable[[Path], object], str]] = {
    "the folder removed": (shutil.rmtree, "version 0, which readers see, is gone"),
    "its log removed": (lambda path: (path / "_delta_log" / f"{0:020d}.json").unlink(), "version 0, which"),
    "a stranger's rows": (
        lambda path: write_deltalake(path, ROWS, mode="append"),
        "written outside of the platform: version 1 is of no run",
    ),
    "a stranger's delete": (lambda path: DeltaTable(path).delete(), "version 1 is of no run"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_table_that_was_touched_outside_is_told(shop: Shop, way: str) -> None:
    touch, told = WAYS[way]
    touch(place(shop))
    (found,) = drift(shop)
    assert (found.kind, found.address) == ("table", str(TABLE))
    assert told in found.message


def test_what_a_run_has_written_and_not_published_is_no_drift(shop: Shop) -> None:
    mark = CommitProperties(app_transactions=[Transaction("run:table", 1)])
    write_deltalake(place(shop), ROWS, mode="append", commit_properties=mark)
    assert drift(shop) == ()


def test_an_apply_that_was_cut_off_is_told_until_it_is_recovered(shop: Shop) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    shop.make_sandbox()
    shop.edit(SQL, "c.gender,", "c.gender,\n  UPPER(c.state) AS region,", sandbox=True)
    shop.apply_sandbox()
    shop.publish(SANDBOX)
    ports = shop.ports()
    ports.projections["files"] = fail  # type: ignore[index]
    with pytest.raises(KeyboardInterrupt):
        apply_plan(shop.state, shop.promotion(), "ann", None, ports)
    (found,) = drift(shop)
    assert (found.kind, found.address) == ("apply", PRODUCTION)
    assert "an apply of ann is swapped" in found.message


def test_files_edited_by_hand_are_told_by_a_promotion(shop: Shop) -> None:
    active = active_tenant(shop.state, PRODUCTION)
    assert edited_by_hand(shop.config, active) == []
    shop.edit("stitch.yaml", "threshold: 3", "threshold: 2")
    (found,) = edited_by_hand(shop.config, active)
    assert (found.kind, found.address) == ("files", "stitch")
    shop.edit("stitch.yaml", "threshold: 2", "treshold: 2")
    (found,) = edited_by_hand(shop.config, active)
    assert found.message.startswith("cannot be read: ")


def test_folders_of_sandboxes_out_of_step_are_told(shop: Shop) -> None:
    assert projection_drift(shop.state, shop.sandboxes) == ()
    shop.make_sandbox()
    assert projection_drift(shop.state, shop.sandboxes) == ()
    shop.folder.rename(shop.folder.with_name("other"))
    told = {one.address: one.message for one in projection_drift(shop.state, shop.sandboxes)}
    assert told == {
        f"sandbox {NAME}": "there is a sandbox, but not its folder",
        "sandbox other": "there is its folder, but no sandbox",
    }
    with shop.state.read() as conn:
        found = sandboxes.get(conn, SANDBOX)
    delete(shop.state, shop.folder, found, user="ann")
    assert [one.address for one in projection_drift(shop.state, shop.sandboxes)] == ["sandbox other"]


def test_refresh_only_says_all_of_it_and_changes_nothing(tmp_path: Path) -> None:
    engineer = Engineer(tmp_path)
    engineer.run("apply", "--yes")
    engineer.run("sandbox", "create", "s")
    clean = engineer.run("plan", "--refresh-only")
    assert (clean.exit_code, "No drift" in clean.output) == (NO_CHANGES, True)
    shutil.rmtree(engineer.config.parent / "sandboxes" / "s")
    engineer.edit("c.gender,", "c.gender,\n  1 AS one,")
    told = engineer.run("plan", "--refresh-only")
    assert told.exit_code == 2
    assert told.output.splitlines() == [
        "  sandbox s: there is a sandbox, but not its folder",
        "  database_table.customer_360.customer_360: its file differs from what production runs",
    ]
    document = json.loads(engineer.run("plan", "--json").output)
    assert [one["address"] for one in document["resource_drift"]] == ["sandbox s"]
