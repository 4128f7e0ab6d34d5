"""From a dropped file to rows of a domain table."""

from __future__ import annotations

import datetime as dt
import gzip
import random
from decimal import Decimal
from pathlib import Path

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION
from cdp_assets.sources.load import load_pending
from cdp_assets.state import deletions, environments, tables
from tests.integration.sources.shop import TABLE, Shop
from tests.many_files import land_many, load_all, statements

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


TWO_KINDS = {
    "files": [
        {"tag": kind, "pattern": f"'{kind}_'yyyy'_'MM'_'dd'.csv'", "format": {"kind": "csv"}, "optional": True}
        for kind in ("full", "changes")
    ],
    "load": [{"feed": "shop_orders", "file": "full"}, {"feed": "shop_orders", "file": "changes"}],
}


def row(key: str, note: str) -> str:
    """Give a file of one row."""
    return f"{HEADER}{key},1,,{note}\n"


def test_what_arrives_later_wins_whatever_its_kind(tmp_path: Path) -> None:
    """Files of several kinds that fill one feed are in one order of arrival."""
    shop = Shop(tmp_path, courier=TWO_KINDS)
    for day in (20, 21, 22):
        shop.drop(f"changes_2026_11_{day}.csv", row("a", f"change {day}"))
        shop.run()
    shop.drop("full_2026_11_23.csv", row("a", "full 23"))
    shop.run()
    assert shop.rows()["note"].to_list() == ["full 23"]


def test_a_late_file_of_an_earlier_day_is_newly_ingested_and_wins(shop: Shop) -> None:
    """Documented: newly ingested beats existing, before file dates are looked at."""
    shop.drop("orders_2026_11_21.csv", row("a", "day 21"))
    shop.run()
    shop.drop("orders_2026_11_20.csv", row("a", "day 20 late"))
    shop.run()
    assert shop.rows()["note"].to_list() == ["day 20 late"]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_snapshot_in_several_files_replaces_the_day_before_whole(tmp_path: Path, at_once: bool) -> None:
    """Two files a day and a truncate: only the newest day's rows, however many runs it took."""
    load = [*TWO_KINDS["load"], {"feed": "shop_orders", "type": "truncate"}]
    shop = Shop(tmp_path, courier=TWO_KINDS | {"load": load})
    for day in (20, 21):
        shop.drop(f"full_2026_11_{day}.csv", row(f"f{day}", ""))
        shop.drop(f"changes_2026_11_{day}.csv", row(f"c{day}", ""))
        if not at_once:
            shop.run()
    shop.run()
    assert shop.rows()["id"].to_list() == ["c21", "f21"]


def test_a_corrected_snapshot_replaces_the_first(tmp_path: Path) -> None:
    """A row that the correction does not hold any more is gone."""
    load = [{"feed": "shop_orders", "type": "truncate"}, {"feed": "shop_orders", "file": "orders"}]
    shop = Shop(tmp_path, courier={"load": load})
    for content in (ONE, row("c", "corrected")):
        shop.drop("orders_2026_11_20.csv", content)
        shop.run()
    assert shop.rows()["id"].to_list() == ["c"]


def test_a_snapshot_asks_the_ledger_of_thousands_of_files_once_a_run(tmp_path: Path) -> None:
    """Not once a file: a table that is made anew takes as many questions as files otherwise."""
    load = [{"feed": "shop_orders", "type": "truncate"}, {"feed": "shop_orders", "file": "orders"}]
    shop = Shop(tmp_path, courier={"load": load})
    land_many(shop.state, "orders", "orders", 2_000)
    load_all(shop.state, "shop_orders", TABLE)
    for day in (20, 21, 22):
        shop.drop(f"orders_2026_11_{day}_1.csv", row(f"a{day}", ""))
        shop.drop(f"orders_2026_11_{day}_2.csv", row(f"b{day}", ""))
    shop.land()
    with statements("FROM landed_file") as asked:
        assert len(shop.load()) == 6
    assert len(asked) == 2, "what is pending, and what the table holds"
    assert shop.rows()["id"].to_list() == ["a22", "b22"]


def test_a_feed_without_files_has_its_table(shop: Shop) -> None:
    """No rows, and the types that files will have."""
    assert shop.load() == []
    schema = delta.schema(shop.lake / TABLE)
    assert delta.count(shop.lake / TABLE) == 0
    assert {field.name: str(field.type) for field in schema} == {
        "id": "string",
        "amount": "decimal128(38, 2)",
        "ordered_on": "date32[day]",
        "note": "string",
        "_pk": "string",
        "_uuid_pk": "string",
        "_updated": "int64",
    }


def test_a_key_of_several_fields_is_their_values_joined(tmp_path: Path) -> None:
    """Rows that differ in one part are two records."""
    shop = Shop(tmp_path, feed={"primary_key": ["id", "ordered_on"]})
    shop.drop("orders_2026_11_20.csv", HEADER + "a,1,2026-11-20,x\na,2,11/21/2026,y\na,3,2026-11-20,z\n")
    shop.run()
    assert shop.rows().select("_pk", "note").rows() == [("a|2026-11-20", "z"), ("a|2026-11-21", "y")]


def test_a_record_without_its_last_updated_is_older_than_any_with_one(tmp_path: Path) -> None:
    """Also than one from before 1970."""
    fields = [{"name": "id"}, {"name": "changed", "type": "datetime"}, {"name": "note"}]
    shop = Shop(tmp_path, feed={"fields": fields, "last_updated": "changed"})
    shop.drop("orders_2026_11_20.csv", "id,changed,note\na,1961-05-05,dated\na,,undated\nb,,alone\n")
    shop.run()
    assert shop.rows()["note"].to_list() == ["dated", "alone"]


def test_a_file_without_the_last_updated_column_is_refused(tmp_path: Path) -> None:
    """Without it no record would be newer than another."""
    fields = [{"name": "id"}, {"name": "changed", "type": "datetime"}, {"name": "note"}]
    shop = Shop(tmp_path, feed={"fields": fields, "last_updated": "changed"})
    shop.drop("orders_2026_11_20.csv", "id,note\na,x\n")
    with pytest.raises(SourceError, match=r"orders_2026_11_20\.csv: has no column `changed`"):
        shop.run()


def test_a_column_that_no_file_need_have_is_null(shop: Shop) -> None:
    """Columns match whatever their case; further ones of the file are left."""
    shop.drop("orders_2026_11_20.csv", "ID,Extra,Amount\na,?,1\n")
    shop.run()
    assert shop.rows().select("id", "amount", "note").rows() == [("a", Decimal("1.00"), None)]


def test_a_flood_of_rejects_is_counted_and_its_beginning_kept(tmp_path: Path) -> None:
    """Ten thousand rows are told; the error names the first, though a later one was met before it."""
    shop = Shop(tmp_path)
    rows = [f"k{n},bad,,\n" for n in range(30_000)]
    rows[100] = "too,few\n"
    shop.drop("orders_2026_11_20.csv", HEADER + "k,1,,\n" + "".join(rows))
    with pytest.raises(SourceError, match=r"csv, row 2: 30,000 of 30,001 rows are bad"):
        shop.run()
    assert [load["rows_rejected"] for load in shop.ledger()] == [30_000]
    kept = {reject.row for reject in shop.rejects()}
    assert len(kept) == 10_000
    assert {2, 102} <= kept


def test_a_row_is_rejected_once_for_its_first_wrong_column(tmp_path: Path) -> None:
    """The threshold counts rows."""
    shop = Shop(tmp_path, feed={"error_threshold_percent": 50})
    shop.drop("orders_2026_11_20.csv", HEADER + "a,x,y,\nb,1,2026-11-20,\n")
    shop.run()
    assert [(one.row, one.column, one.reason) for one in shop.rejects()] == [
        (1, "amount", "is not a number with at most 2 digits after the point")
    ]


def test_a_deletion_holds_where_the_files_landed_and_where_they_load(tmp_path: Path) -> None:
    """A sandbox that loads production's landing does not bring production's deleted records back."""
    shop = Shop(tmp_path)
    with shop.state.write() as conn:
        environments.get_or_create(conn, "sandbox")
        for environment, key in ((PRODUCTION, "a"), ("sandbox", "b")):
            deletions.add(
                conn, environment=environment, datasource="shop:orders", pk=key, why="asked", requested_by="ann"
            )
    shop.drop("orders_2026_11_20.csv", ONE + "c,1,,\n")
    shop.land()
    load_pending(
        shop.the_feed,
        shop.the_courier,
        state=shop.state,
        lake_root=shop.lake,
        environment="sandbox",
        landing_environment=PRODUCTION,
        table_path="sandbox/domain/shop_orders/f1",
    )
    assert delta.read(shop.lake / "sandbox/domain/shop_orders/f1").column("id").to_pylist() == ["c"]
    shop.load()
    assert shop.rows()["id"].to_list() == ["b", "c"]


def test_a_load_that_is_in_stays_in_when_the_threshold_is_lowered(tmp_path: Path) -> None:
    """A crash after the commit, then a stricter feed: the ledger follows the table."""
    shop = Shop(tmp_path, feed={"error_threshold_percent": 50})
    shop.drop("orders_2026_11_20.csv", HEADER + "a,x,,\nb,1,,\n")
    shop.run()
    version = shop.version()
    with shop.state.write() as conn:
        conn.execute(tables.load.update().values(state="started", delta_version=None))
    shop.the_feed = shop.the_feed.model_copy(update={"error_threshold_percent": 1})
    (result,) = shop.run()
    assert (result.version, shop.version()) == (version, version)
    assert [load["state"] for load in shop.ledger()] == ["committed"]


@pytest.mark.parametrize("last_updated", [None, "changed"])
@pytest.mark.parametrize("seed", range(3))
def test_any_split_into_runs_gives_the_records_that_a_dictionary_keeps(
    tmp_path: Path, seed: int, last_updated: str | None
) -> None:
    """Random keys, repeats and times over six days: a plain dictionary is the oracle."""
    draw = random.Random(seed)
    fields = [{"name": "id"}, {"name": "changed", "type": "integer"}, {"name": "note"}]
    shop = Shop(tmp_path, feed={"fields": fields, "last_updated": last_updated})
    kept: dict[str, tuple[int, str]] = {}
    for day in range(20, 26):
        lines = [(f"k{draw.randrange(40)}", draw.randrange(9), f"{day}-{n}") for n in range(60)]
        for key, changed, note in lines:
            if key not in kept or last_updated is None or changed >= kept[key][0]:
                kept[key] = (changed, note)
        shop.drop(f"orders_2026_11_{day}.csv", "id,changed,note\n" + "".join(f"{k},{c},{n}\n" for k, c, n in lines))
        if draw.random() < 0.5:
            shop.run()
    shop.run()
    assert {key: (changed, note) for key, changed, note in shop.rows().select("id", "changed", "note").rows()} == kept
