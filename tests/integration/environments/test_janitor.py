"""The janitor removes what nothing names, after its grace, and nothing else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cdp_assets.environments.apply import Options, apply_plan
from cdp_assets.environments.janitor import Verdict, collect
from cdp_assets.environments.rollback import rollback_plan
from cdp_assets.environments.sandboxes import delete
from cdp_assets.names import PRODUCTION
from cdp_assets.state import landed_files, loads, physical_tables, sandboxes
from cdp_assets.state.database import now
from cdp_assets.state.landed_files import Arrival
from cdp_assets.state.readers import reading
from tests.integration.environments.shop import DAY, SANDBOX, Shop

NOW = dt.timedelta(0)


def fates(shop: Shop, *, grace: dt.timedelta = NOW, dry_run: bool = False) -> dict[str, str]:
    return {one.table.path: one.fate for one in collect(shop.state, shop.lake, "ann", dry_run=dry_run, grace=grace)}


def drop_sandbox(shop: Shop) -> None:
    with shop.state.read() as conn:
        found = sandboxes.get(conn, SANDBOX)
    delete(shop.state, shop.folder, found, user="ann")


def test_what_environments_read_is_kept(shop: Shop) -> None:
    assert fates(shop) == {}


def test_a_deleted_sandboxs_tables_go_in_two_steps(shop: Shop) -> None:
    production = shop.view()
    drop_sandbox(shop)
    shown = fates(shop, dry_run=True)
    assert set(shown.values()) == {"doom"}
    assert all(path.startswith(f"{SANDBOX}/") for path in shown)
    assert fates(shop, dry_run=True) == shown
    assert fates(shop) == shown
    assert set(fates(shop, grace=dt.timedelta(hours=1)).values()) == {"wait"}
    assert all((shop.lake / path).exists() for path in shown)
    assert fates(shop) == dict.fromkeys(shown, "remove")
    assert not any((shop.lake / path).exists() for path in shown)
    assert fates(shop) == {}
    assert shop.view() == production
    assert not shop.mixed(production)


def test_what_production_took_over_outlives_the_sandbox(shop: Shop) -> None:
    """The folder has the sandbox's name; the owner is what counts."""
    apply_plan(shop.state, shop.promotion(), "ann", Options(delete_sandbox=True), shop.ports())
    drop_sandbox(shop)
    assert any(path.startswith(f"{SANDBOX}/") for path, _ in shop.view().entries.values())
    fates(shop)
    fates(shop)
    assert not shop.mixed(shop.view())


def test_what_a_rollback_would_restore_is_kept(shop: Shop) -> None:
    before = shop.view()
    apply_plan(shop.state, shop.promotion(), "ann", Options(), shop.ports())
    fates(shop)
    fates(shop)
    plan = rollback_plan(shop.state, PRODUCTION, shop.config, user="ann")
    assert {one.action for one in plan.tables} == {"reuse"}
    apply_plan(shop.state, plan, "ann", Options(), shop.ports())
    assert shop.view().entries == before.entries


def test_what_somebody_reads_is_kept_while_they_do(shop: Shop) -> None:
    publication = shop.view(SANDBOX).publication
    assert publication is not None
    drop_sandbox(shop)
    with reading(shop.state, publication, "a long query"):
        assert fates(shop) == {}
    assert set(fates(shop).values()) == {"doom"}


def test_a_table_that_is_named_again_is_spared(shop: Shop) -> None:
    publication = shop.view(SANDBOX).publication
    assert publication is not None
    drop_sandbox(shop)
    fates(shop)
    with reading(shop.state, publication, "a long query"):
        assert set(fates(shop).values()) == {"spare"}
    assert set(fates(shop).values()) == {"doom"}


def test_one_that_cannot_be_removed_stops_no_other(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    drop_sandbox(shop)
    paths = sorted(fates(shop))
    stuck = shop.lake / paths[0]
    from cdp_assets.environments import janitor

    remove = janitor.shutil.rmtree

    def refuse(path: Path, **options: object) -> None:
        if path == stuck:
            raise PermissionError(13, "Permission denied")
        remove(path)

    monkeypatch.setattr(janitor.shutil, "rmtree", refuse)
    found: list[Verdict] = collect(shop.state, shop.lake, "ann", dry_run=False, grace=NOW)
    assert [one.problem for one in found] == ["Permission denied", *[""] * (len(paths) - 1)]
    monkeypatch.undo()
    assert fates(shop) == {paths[0]: "remove"}
    assert not stuck.exists()


def test_a_table_that_is_made_anew_holds_nothing_of_before(shop: Shop) -> None:
    """What was loaded into a removed table is loaded again, should its definition come back."""
    with shop.state.write() as conn:
        arrival = Arrival("c", "c.csv", DAY, 1, now(), "0" * 64, "landing/c.csv")
        (landed,) = landed_files.insert(conn, PRODUCTION, "ecom", [arrival])
        for path in ("gone", "there"):
            of = {"environment": PRODUCTION, "table_path": path, "feed": "f", "commit_id": "c"}
            loads.start(conn, landed_file_ids=[landed.id], **of)
            outcome = loads.Outcome(loads.load_id(landed.id, path), 2, 1, 1, [loads.Reject("c.csv", 1, None, "bad")])
            loads.commit(conn, [outcome], version=1)
        physical_tables.forget(conn, "gone")
    with shop.state.read() as conn:
        needed = [len(landed_files.pending(conn, PRODUCTION, "ecom", {"c"}, path)) for path in ("gone", "there")]
        assert needed == [1, 0]
        assert [len(loads.rejects_of(conn, loads.load_id(landed.id, path))) for path in ("gone", "there")] == [0, 1]
