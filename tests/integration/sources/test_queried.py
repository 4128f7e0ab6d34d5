"""Which files an ingest query is given, and what stops it before Spark is asked: all of that needs no Spark."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from cdp_assets.errors import SourceError
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.sources import spark
from cdp_assets.sources.spark import QueryTable
from cdp_assets.sources.wanted import Wanted
from tests.integration.sources.query_shop import LINES, NESTED, STORES, QueryShop, shop

NOBODY = SparkSessions(lambda: None)
"""There is no server."""


def refused(made: QueryShop, problem: str) -> None:
    """Load; nothing of the day is in, every file of it is refused for that reason, and nothing is left lying about."""
    made.land()
    with pytest.raises(SourceError, match=problem) as error:
        made.load()
    assert {(one["state"], one["error"]) for one in made.ledger()} == {("failed", str(error.value))}
    assert len(made.ledger()) == made.landed()
    assert made.rows().is_empty()
    assert not list((made.lake / ".spool").iterdir())


def test_a_query_waits_for_the_required_files_of_its_day(tmp_path: Path) -> None:
    """A file of another day is no help."""
    made = shop(tmp_path, NOBODY, "SELECT 1", STORES, NESTED)
    made.drop("stores_20261120.csv", "id\n")
    made.drop("nested_20261121.json", "{}\n")
    assert made.run() == []
    assert made.ledger() == []


def test_a_damaged_file_is_refused_by_its_name(tmp_path: Path) -> None:
    """As it is where a feed reads it itself."""
    made = shop(tmp_path, NOBODY, "SELECT 1", LINES)
    made.drop("lines_20261120.dat.gz", gzip.compress(b"a" * 9999)[:-9])
    refused(made, r"lines_20261120\.dat\.gz")


def test_text_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    """Rather than read with other letters."""
    made = shop(tmp_path, NOBODY, "SELECT 1", STORES)
    made.drop("stores_20261120.csv", b"id\n1\nM\xfcller\n")
    refused(made, r"stores_20261120\.csv, row 3: has bytes that are not utf-8")


def test_an_absent_file_needs_its_columns(tmp_path: Path) -> None:
    """An optional one; both files of the day are refused together, and may come again together."""
    made = shop(tmp_path, NOBODY, "SELECT 1", STORES, NESTED | {"optional": True})
    made.drop("stores_20261120.csv", "id\n1\n")
    refused(made, r"ingest query made of 2026-11-20: no file for `nested`\. Expected `columns:` beside `file: nested`")


def test_a_landed_copy_that_is_gone_is_told(tmp_path: Path) -> None:
    """Somebody has touched the lake."""
    made = shop(tmp_path, NOBODY, "SELECT 1", STORES)
    made.drop("stores_20261120.csv", "id\n1\n")
    made.land()
    shutil.rmtree(made.lake / "landing")
    refused(made, r"stores_20261120\.csv: cannot be unpacked for its query \(No such file")


def everything(lake: Lake, text: str, tables: Sequence[QueryTable], target: Path, name: str) -> None:
    """Answer as `SELECT *` over the union of all tables does."""
    target.mkdir()
    files = [file for table in tables for file in sorted(table.folder.iterdir())]
    pl.concat([pl.read_csv(file, separator="~", infer_schema=False) for file in files]).write_parquet(
        target / "part-0.parquet", compression="snappy"
    )


def test_a_new_table_is_read_as_often_as_the_old_one_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of a file that was replaced has left its records: it leaves them in a table that is made anew."""
    monkeypatch.setattr(spark, "answer", everything)
    other = STORES | {"tag": "other", "pattern": "'other_'yyyyMMdd'.csv'"}
    made = shop(tmp_path, NOBODY, "unread", STORES, other)
    made.drop("stores_20261120.csv", "id~note\na~1\nb~1\n")
    assert made.run(Wanted(skip_missing=True)) == []
    made.drop("other_20261120.csv", "id~note\nc~1\n")
    made.drop("stores_20261121.csv", "id~note\nd~1\n")
    assert [one.rows_loaded for one in made.run()] == [3]
    made.drop("stores_20261120.csv", "id~note\nb~2\n")
    made.drop("other_20261121.csv", "id~note\ne~1\n")
    assert [one.rows_loaded for one in made.run()] == [2, 2]
    rows = made.rows().select("id", "note").rows()
    assert rows == [("a", "1"), ("b", "2"), ("c", "1"), ("d", "1"), ("e", "1")]
    assert made.run() == []
    made.table = "production/domain/shop_orders/f2"
    assert [one.rows_loaded for one in made.load()] == [3, 2, 2]
    assert made.rows().select("id", "note").rows() == rows
    assert {one["state"] for one in made.ledger()} == {"committed"}
    assert len(made.ledger()) == made.landed() == 5
