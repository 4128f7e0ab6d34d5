"""From a dropped file to rows of a domain table."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.names import PRODUCTION
from cdp_assets.state import deletions
from tests.integration.sources.shop import Shop

HEADER = "id,amount,ordered_on,note\n"
ONE = HEADER + "a,1.50,2026-11-20,first\nb,2,11/21/2026,\n"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop without files."""
    return Shop(tmp_path)


def test_values_get_their_types_and_empty_text_is_null(shop: Shop) -> None:
    """Decimals, dates in several formats, and nothing where there is nothing."""
    shop.drop("orders_2026_11_20.csv", ONE)
    assert [result.rows_loaded for result in shop.run()] == [2]
    rows = shop.rows().select("id", "amount", "ordered_on", "note").rows()
    assert rows == [
        ("a", Decimal("1.50"), dt.date(2026, 11, 20), "first"),
        ("b", Decimal("2.00"), dt.date(2026, 11, 21), None),
    ]


def test_other_content_under_the_same_name_is_a_new_version(shop: Shop) -> None:
    """A corrected file lands beside the first and its rows win."""
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.run()
    shop.drop("orders_2026_11_20.csv", HEADER + "a,9.99,2026-11-20,corrected\n")
    shop.run()
    assert shop.landed() == 2
    assert shop.rows().select("id", "note").rows() == [("a", "corrected"), ("b", None)]


def test_days_one_by_one_give_the_table_of_days_at_once(tmp_path: Path) -> None:
    """Order of arrival, not the number of runs, decides which row of a key wins."""
    days = {
        "orders_2026_11_20.csv": ONE,
        "orders_2026_11_21.csv": HEADER + "a,3,2026-11-21,second\nc,1,,\nc,2,,last row of a key wins\n",
        "orders_2026_11_22.csv": HEADER + "b,7,2026-11-22,third\n",
    }
    slowly, at_once = Shop(tmp_path / "slowly"), Shop(tmp_path / "at_once")
    for name, content in days.items():
        slowly.drop(name, content)
        slowly.run()
    for name, content in reversed(days.items()):
        at_once.drop(name, content)
    at_once.run()
    assert slowly.rows().equals(at_once.rows())
    assert slowly.rows().filter(id="c")["note"].to_list() == ["last row of a key wins"]


def test_the_newest_last_updated_wins_whatever_arrives_last(tmp_path: Path) -> None:
    """A feed with a last-updated field keeps the newest record, also against a later file."""
    fields = [{"name": "id"}, {"name": "changed", "type": "datetime"}, {"name": "note"}]
    shop = Shop(tmp_path, feed={"fields": fields, "last_updated": "changed"})
    shop.drop("orders_2026_11_20.csv", "id,changed,note\na,2026-11-20 10:00:00,new\n")
    shop.run()
    shop.drop("orders_2026_11_21.csv", "id,changed,note\na,2026-11-19 10:00:00,old\na,,undated\n")
    shop.run()
    assert shop.rows()["note"].to_list() == ["new"]
    assert shop.rows()["_updated"].to_list() == [int(dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC).timestamp() * 1e6)]


def test_rejected_rows_are_kept_with_file_row_and_column(tmp_path: Path) -> None:
    """Below the threshold the good rows load, and each bad one is told without its value."""
    shop = Shop(tmp_path, feed={"error_threshold_percent": 80})
    shop.drop("orders_2026_11_20.csv", HEADER + "a,x1x,2026-11-20,\n,1,2026-11-20,\nc,1,2026-11-20,\nd,1\n")
    (result,) = shop.run()
    assert (result.rows_read, result.rows_loaded, result.rows_rejected) == (4, 1, 3)
    found = {(reject.row, reject.column) for reject in shop.rejects()}
    assert found == {(1, "amount"), (2, "id"), (4, None)}
    assert not any("x1x" in reject.reason for reject in shop.rejects())


def test_above_the_threshold_nothing_is_loaded(shop: Shop) -> None:
    """The error names file, row and column; the table stays; the rejects are kept; it fails again next time."""
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.run()
    before = (shop.version(), shop.rows())
    shop.drop("orders_2026_11_21.csv", HEADER + "c,1,2026-11-20,\nd,many,2026-11-20,\n")
    for _ in range(2):
        with pytest.raises(SourceError, match=r"orders_2026_11_21\.csv, row 2: 1 of 2 rows are bad.*`amount`") as error:
            shop.run()
        assert "many" not in str(error.value)
    assert shop.version() == before[0]
    assert shop.rows().equals(before[1])
    assert [(load["state"], load["rows_rejected"]) for load in shop.ledger()] == [("committed", 0), ("failed", 1)]


def test_a_corrected_file_takes_the_place_of_one_that_failed(shop: Shop) -> None:
    """A failed version stops nothing any more once a newer version of it has landed."""
    shop.drop("orders_2026_11_20.csv", HEADER + "a,bad,,\n")
    with pytest.raises(SourceError):
        shop.run()
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.run()
    assert shop.run() == []
    assert shop.rows()["id"].to_list() == ["a", "b"]


def test_deleted_records_do_not_come_back(shop: Shop) -> None:
    """A deletion holds against a file that is sent again."""
    with shop.state.write() as conn:
        deletions.add(conn, environment=PRODUCTION, datasource="shop:orders", pk="a", why="asked", requested_by="ann")
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.run()
    assert shop.rows()["id"].to_list() == ["b"]


def test_truncate_and_load_keeps_only_the_newest_day(tmp_path: Path) -> None:
    """Where the courier truncates, a day's files replace the table and add to each other."""
    load = [{"feed": "shop_orders", "type": "truncate"}, {"feed": "shop_orders", "file": "orders"}]
    shop = Shop(tmp_path, courier={"load": load})
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.run()
    shop.drop("orders_2026_11_21_1.csv", HEADER + "c,1,,\n")
    shop.drop("orders_2026_11_21_2.csv", HEADER + "d,1,,\n")
    shop.run()
    assert shop.rows()["id"].to_list() == ["c", "d"]


def test_gzip_needs_no_word(shop: Shop) -> None:
    """Compression is seen, not declared."""
    shop.drop("orders_2026_11_20.csv.gz", gzip.compress(ONE.encode()))
    shop.run()
    assert shop.rows().height == 2
