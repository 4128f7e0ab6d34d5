"""What stops an ingest query before Spark is asked: its files, which are unpacked and told apart without it."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.lakehouse.session import SparkSessions
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
