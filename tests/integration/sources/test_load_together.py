"""Many small files become one commit: each is accounted for as if it had come alone."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.lakehouse import delta
from cdp_assets.sources import load, together
from tests.integration.sources.shop import TABLE, Shop
from tests.integration.sources.test_crash import child
from tests.many_files import statements

HEADER = "id,amount,ordered_on,note\n"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop that forgives half of a file's rows."""
    return Shop(tmp_path, feed={"error_threshold_percent": 50})


def drop(shop: Shop, count: int, day: int = 20) -> None:
    """Let files of two rows arrive: one of the file's own, and one that all of them have."""
    for number in range(count):
        shop.drop(f"orders_2026_11_{day}_{number:03}.csv", f"{HEADER}{day}-{number},1,,\nsame,1,,{day}-{number}\n")


def states(shop: Shop) -> list[tuple[object, ...]]:
    """Give what the ledger says of each file, in the order of arrival."""
    columns = ("state", "rows_read", "rows_loaded", "rows_rejected")
    loads = sorted(shop.ledger(), key=lambda load: int(str(load["landed_file_id"])))
    return [tuple(load[column] for column in columns) for load in loads]


def test_many_files_are_one_commit_and_each_has_its_own_row(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """Of the record that all of them have the last one stays; one line tells of them all."""
    drop(shop, 200)
    with caplog.at_level(logging.INFO):
        results = shop.run()
    first, last = "orders_2026_11_20_000.csv", "orders_2026_11_20_199.csv"
    assert caplog.messages == [
        f"domain.shop_orders: 200 files from {first} to {last}: 400 rows read, 400 loaded, 0 rejected"
    ]
    assert [result.rows_loaded for result in results] == [2] * 200
    assert delta.version(shop.lake / TABLE) == 1
    assert states(shop) == [("committed", 2, 2, 0)] * 200
    assert shop.rows().filter(_pk="same")["note"].to_list() == ["20-199"]
    assert shop.rows().height == 201


def test_the_work_in_the_ledger_does_not_grow_with_the_files(shop: Shop) -> None:
    """A statement each took most of the time that a small file took."""
    drop(shop, 5)
    shop.run()
    drop(shop, 90, day=21)
    with statements("landed_file") as landing:
        shop.land()
    with statements("load") as loading:
        shop.load()
    assert len(landing) < 10
    assert len(loading) < 20


def test_those_before_a_bad_file_are_in_and_those_behind_it_wait(shop: Shop) -> None:
    """It is told by its own name and row; corrected, it lets the others in."""
    drop(shop, 6)
    bad = "orders_2026_11_20_003.csv"
    shop.drop(bad, f"{HEADER}x,one,,\ny,two,,\nz,1,,\n")
    for _ in range(2):
        with pytest.raises(SourceError, match=rf"{bad}, row 1: 2 of 3 rows are bad"):
            shop.run()
        assert sorted(shop.rows()["id"]) == ["20-0", "20-1", "20-2", "same"]
        told = [("started", None, None, None)] * 2
        assert states(shop) == [("committed", 2, 2, 0)] * 3 + [("failed", 3, 1, 2)] + told
    assert {(one.file, one.row) for one in shop.rejects()} == {(bad, 1), (bad, 2)}
    shop.drop(bad, f"{HEADER}x,1,,\n")
    assert [result.file for result in shop.run()][-1] == bad
    assert sorted(shop.rows()["id"]) == ["20-0", "20-1", "20-2", "20-4", "20-5", "same", "x"]


def test_rejects_are_kept_with_the_file_that_they_are_of(shop: Shop) -> None:
    """Below the threshold; what is good of each is loaded."""
    for number in range(3):
        shop.drop(f"orders_2026_11_20_{number}.csv", f"{HEADER}a{number},1,,\nb{number},many,,\n")
    assert [(one.rows_loaded, one.rows_rejected) for one in shop.run()] == [(1, 1)] * 3
    assert [(one.file, one.row) for one in shop.rejects()] == [(f"orders_2026_11_20_{one}.csv", 2) for one in range(3)]


def test_of_a_flood_of_rejects_in_many_files_the_first_are_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are in memory until the commit is noted; every one of them counts."""
    monkeypatch.setattr(load, "MOST_REJECTS_TOGETHER", 3)
    for number in range(3):
        bad = "".join(f"b{row},many,,\n" for row in range(2))
        shop.drop(f"orders_2026_11_20_{number}.csv", f"{HEADER}a{number},1,,\nc{number},1,,\n{bad}")
    assert [result.rows_rejected for result in shop.run()] == [2, 2, 2]
    first, second = "orders_2026_11_20_0.csv", "orders_2026_11_20_1.csv"
    assert [(one.file, one.row) for one in shop.rejects()] == [(first, 3), (first, 4), (second, 3)]


def test_a_snapshot_of_many_files_replaces_the_day_before_at_once(tmp_path: Path) -> None:
    """A commit for each day, whose first file begins the table anew."""
    operations = [{"feed": "shop_orders", "type": "truncate"}, {"feed": "shop_orders", "file": "orders"}]
    shop = Shop(tmp_path, courier={"load": operations})
    drop(shop, 5, day=20)
    drop(shop, 4, day=21)
    shop.run()
    assert shop.version() == 2
    assert sorted(shop.rows()["id"]) == ["21-0", "21-1", "21-2", "21-3", "same"]


@pytest.mark.parametrize("point", ["between parse and Delta commit", "after the Delta commit, before the ledger"])
def test_files_that_come_after_a_crash_go_in_behind_those_that_were_on_their_way(point: str, shop: Shop) -> None:
    """The commit that nobody noted is noted; those that come now have another one."""
    drop(shop, 5)
    assert child(shop.root, point).wait(60) < 0
    is_in = shop.version() == 1
    assert is_in == (point != "between parse and Delta commit")
    shop.drop("orders_2026_11_19.csv", f"{HEADER}late,1,,\n")
    shop.run()
    assert shop.version() == (2 if is_in else 1)
    assert states(shop) == [("committed", 2, 2, 0)] * 5 + [("committed", 1, 1, 0)]
    assert sorted(shop.rows()["id"]) == [*(f"20-{number}" for number in range(5)), "late", "same"]
    assert shop.run() == []


def test_more_files_than_go_together_make_several_commits(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same rows."""
    monkeypatch.setattr(together, "MOST_FILES", 4)
    drop(shop, 10)
    shop.run()
    assert shop.version() == 3
    assert shop.rows().filter(_pk="same")["note"].to_list() == ["20-9"]
