"""Pitfalls of other systems, where plans grow stale, locks stay and applies are cut off: ours falls into none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cdp_assets.environments.apply import lease_name, recover
from cdp_assets.environments.staging import Staged
from cdp_assets.errors import LockedError, StalePlanError
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION
from cdp_assets.state import applies, environments, leases, physical_tables, sqlite
from cdp_assets.state.database import State, connect
from cdp_assets.state.leases import lease
from tests.integration.environments.pitfalls import apply, files_plan, serial, watched
from tests.integration.environments.shop import NEW_COLUMN, SQL, Shop
from tests.swapping import swapped


def test_pitfall_01_staleness_is_found_before_the_work_and_inside_the_swap(shop: Shop) -> None:
    """SQLMesh/sqlmesh#3866: looked for only after the backfill, which was done twice."""
    shop.edit(SQL, *NEW_COLUMN)
    old = files_plan(shop)
    builder, ports = watched(shop)
    shop.edit("stitch.yaml", "threshold: 3", "threshold: 4")
    apply(shop, files_plan(shop))
    with pytest.raises(StalePlanError):
        apply(shop, old, ports)
    assert builder.calls == 0

    def somebody_applies(_apply_id: str, _staged: Staged) -> None:
        with shop.state.write() as conn:
            now = environments.get_or_create(conn, PRODUCTION)
            same = {"publication_before": now.publication_id, "publication_after": now.publication_id}
            swapped(conn, now.revision_id or "", plan_id="another", applied_by="ben", **same)

    shop.edit(SQL, "AS region", "AS area")
    view = shop.view()
    builder, ports = watched(shop, somebody_applies)
    with pytest.raises(StalePlanError):
        apply(shop, files_plan(shop), ports)
    assert builder.calls == 1
    assert shop.view() == view


def test_pitfall_02_the_very_first_plan_carries_lineage_and_serial(tmp_path: Path) -> None:
    """databricks/cli#6221, hashicorp/terraform#27721 and #28703: without a lineage a create was replayed."""
    empty = Shop(tmp_path, str(tmp_path / "state.db"))
    shutil.copytree(REPOSITORY / "tenant_config", empty.config)
    plan = files_plan(empty)
    assert plan.lineage
    assert plan.serial == 0
    apply(empty, plan)
    with pytest.raises(StalePlanError):
        apply(empty, plan)
    assert serial(empty) == 1


def test_pitfall_03_a_refused_stale_plan_leaves_no_lock(shop: Shop) -> None:
    """hashicorp/terraform#28693: the refusal forgot to unlock."""
    shop.edit("stitch.yaml", "threshold: 3", "threshold: 4")
    stale = files_plan(shop)
    apply(shop, files_plan(shop))
    with pytest.raises(StalePlanError):
        apply(shop, stale)
    with shop.state.read() as conn:
        assert leases.held(conn) == []
        assert applies.find_open(conn, PRODUCTION) is None
    shop.edit("stitch.yaml", "threshold: 4", "threshold: 3")
    apply(shop, files_plan(shop))


def test_pitfall_04_neither_an_empty_apply_nor_a_run_makes_a_plan_stale(shop: Shop) -> None:
    """hashicorp/terraform#27827, app-sre/qontract-reconcile#1840: applies without a change raised the serial."""
    shop.edit("feeds/pos_shoppers.yaml", "description: ", "description: now ")
    plan, before = files_plan(shop), serial(shop)
    shutil.copytree(shop.config, shop.root / "kept")
    shop.edit("feeds/pos_shoppers.yaml", "description: now ", "description: ")
    apply(shop, files_plan(shop))
    shop.publish(PRODUCTION)
    assert serial(shop) == before
    shutil.copytree(shop.root / "kept", shop.config, dirs_exist_ok=True)
    apply(shop, plan)
    assert serial(shop) == before + 1


def test_pitfall_06_what_is_made_is_written_down_before_it_is_made(shop: Shop) -> None:
    """databricks/cli#4090, #893, #5480: a cut-off deploy left what no state knew of."""
    seen: list[bool] = []

    def look(apply_id: str, staged: Staged) -> None:
        with shop.state.read() as conn:
            known = {one.path for one in physical_tables.all_tables(conn)}
            assert applies.get(conn, apply_id).state == "building"
        seen.append(all(staged.paths[table] in known for table in staged.tables))
        raise KeyboardInterrupt

    shop.edit(SQL, *NEW_COLUMN)
    view = shop.view()
    _, ports = watched(shop, look)
    with pytest.raises(KeyboardInterrupt):
        apply(shop, files_plan(shop), ports)
    assert seen == [True]
    assert shop.view() == view
    with shop.state.read() as conn:
        assert applies.find_open(conn, PRODUCTION) is None


def test_pitfall_07_what_follows_a_swap_may_fail_and_nobody_sees_a_half(shop: Shop) -> None:
    """SQLMesh/sqlmesh#764, #5643, #2130: the state said promoted while the views were half updated."""
    shop.edit(SQL, *NEW_COLUMN)
    plan = files_plan(shop)

    def fails(_: object) -> None:
        raise ConnectionResetError

    ports = replace(shop.ports(), projections={"events": fails})
    with pytest.raises(ConnectionResetError):
        apply(shop, plan, ports)
    assert not shop.mixed(shop.view())
    assert files_plan(shop).is_empty
    assert [one.kind for one in files_plan(shop).drift] == ["apply"]
    assert recover(shop.state, PRODUCTION, "ben", shop.ports()) == "finished"
    assert files_plan(shop).drift == ()


def test_pitfall_16_a_lock_says_who_holds_it_since_when_and_when_it_ends(shop: Shop) -> None:
    """databricks/cli#478, #2381: a cryptic message, then a forced lock that was not held at its end."""
    shop.edit("stitch.yaml", "threshold: 3", "threshold: 4")
    plan = files_plan(shop)
    with lease(shop.state, lease_name(PRODUCTION), holder="ben, process 7 on till-2"):
        with pytest.raises(LockedError) as refused:
            apply(shop, plan)
        for part in ("apply:production", "ben, process 7 on till-2", "since 20", "frees itself 60 s after"):
            assert part in str(refused.value)
        with shop.state.write() as conn:
            assert leases.break_(conn, lease_name(PRODUCTION))
        apply(shop, plan)
    with shop.state.read() as conn:
        assert leases.held(conn) == []


def test_pitfall_19_a_migration_waits_for_whoever_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLMesh/sqlmesh#1383: a migration beside an apply corrupted the state. Every step of an apply and every
    migration is one transaction under the one writer's lock."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 100)
    where = tmp_path / "state.db"
    with State(connect(where)).write(), pytest.raises(LockedError, match="has been writing"):
        State.open(where)
    assert State.open(where).engine.dialect.name == "sqlite"
