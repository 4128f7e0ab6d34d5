"""kill -9 at any point of landing and loading: the next run gives the table that an undisturbed one gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cdp_assets.home import REPOSITORY
from tests.integration.sources.crash_child import POINTS
from tests.integration.sources.shop import TABLE, Shop

HEADER = "id,amount,ordered_on,note\n"
DAY_1 = HEADER + "".join(f"k{n},1.00,2026-11-20,one\n" for n in range(2000))
DAY_2 = HEADER + "".join(f"k{n},2.00,2026-11-21,two\n" for n in range(1000, 60_000))


def undisturbed(root: Path) -> Shop:
    """Give a shop that has loaded both days."""
    shop = Shop(root)
    for name, content in (("orders_2026_11_20.csv", DAY_1), ("orders_2026_11_21.csv", DAY_2)):
        shop.drop(name, content)
        shop.run()
    return shop


def child(root: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a process that lands and loads."""
    command = [sys.executable, "-m", "tests.integration.sources.crash_child", str(root), *arguments]
    return subprocess.Popen(command, cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": str(REPOSITORY)})


def assert_as_undisturbed(shop: Shop, tmp_path: Path) -> None:
    """Run again; rows, ledger and landing must be those of a shop without the crash."""
    shop.run()
    expected = undisturbed(tmp_path / "undisturbed")
    assert shop.rows().equals(expected.rows())
    assert shop.landed() == expected.landed()
    facts = [
        [(load["state"], load["rows_read"], load["rows_loaded"]) for load in one.ledger()] for one in (shop, expected)
    ]
    assert facts[0] == facts[1]
    assert shop.run() == []


@pytest.mark.parametrize("day", [1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_a_crash_loses_and_doubles_nothing(point: str, day: int, tmp_path: Path) -> None:
    """Day 1 fills an empty table by an append, day 2 goes in by an upsert."""
    shop = Shop(tmp_path / "shop")
    shop.drop("orders_2026_11_20.csv", DAY_1)
    if day == 2:
        shop.run()
        shop.drop("orders_2026_11_21.csv", DAY_2)
    process = child(shop.root, point)
    code = process.wait(60)
    reached = not (point == "after an upsert" and day == 1) and not (point == "after an append" and day == 2)
    assert code == (-signal.SIGKILL if reached else 0)
    if day == 1:
        shop.run()
        shop.drop("orders_2026_11_21.csv", DAY_2)
    assert_as_undisturbed(shop, tmp_path)


@pytest.mark.parametrize("point", ["after the bytes landed, before the ledger", "after an append"])
def test_a_crash_in_a_run_for_a_period_is_taken_up_by_the_next(point: str, tmp_path: Path) -> None:
    """Both days in one look: what had landed is not fetched again, what was loaded not loaded again."""
    shop = Shop(tmp_path / "shop")
    shop.drop("orders_2026_11_20.csv", DAY_1)
    shop.drop("orders_2026_11_21.csv", DAY_2)
    assert child(shop.root, point, "2026-11-20", "2026-11-22").wait(60) == -signal.SIGKILL
    assert_as_undisturbed(shop, tmp_path)


def test_a_kill_during_the_upsert_leaves_the_old_version(tmp_path: Path) -> None:
    """Parquet files of an upsert that never committed are no part of the table."""
    shop = Shop(tmp_path / "shop")
    shop.drop("orders_2026_11_20.csv", DAY_1)
    shop.run()
    files = {path.name for path in (shop.lake / TABLE).glob("*.parquet")}
    version = shop.version()
    shop.drop("orders_2026_11_21.csv", DAY_2)
    process = child(shop.root, "after an upsert")
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if {path.name for path in (shop.lake / TABLE).glob("*.parquet")} - files:
            process.kill()
            break
    assert process.wait(60) == -signal.SIGKILL
    assert shop.version() in (version, version + 1 if version is not None else None)
    assert_as_undisturbed(shop, tmp_path)
