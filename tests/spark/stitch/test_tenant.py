"""A tenant's Stitch step writes by Spark what it writes by one process, into the same tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.lakehouse.server import SparkServer
from tests.spark.stitch.installation import Installation
from tests.spark.stitch.test_day import SETTINGS as OF_DAYS
from tests.spark.stitch.test_day import day

SETTINGS = OF_DAYS.model_dump(mode="json", exclude_unset=True)


@pytest.fixture
def shop(tmp_path: Path, spark_server: SparkServer) -> Installation:
    """A tenant whose first day has been resolved by one process."""
    found = Installation(tmp_path, spark_server)
    found.load(day(1), "first")
    assert found.stitch("one process", **SETTINGS)["engine"].value == "one process"
    return found


@pytest.mark.long
def test_spark_leaves_the_version_of_every_table_that_one_process_wrote(shop: Installation) -> None:
    """Since it finds the same rows; the page and the figures are made anew."""
    before = shop.entries()
    told = shop.stitch("spark", force_run=True, **SETTINGS)
    assert (told["engine"].value, told["resolved"].value) == ("spark", "learn: a forced run")
    assert {name: entry.version for name, entry in shop.entries().items()} == dict.fromkeys(before, 0)


@pytest.mark.long
def test_a_days_news_are_resolved_alone_and_written_as_one_process_writes_them(shop: Installation) -> None:
    """A new version of each table with other rows; the model's tables stay as they were."""
    shop.load(day(2), "second")
    loaded = shop.published()
    told = shop.stitch("spark", **SETTINGS)
    assert (told["engine"].value, told["resolved"].value) == ("spark", "news: little has changed")
    versions, found = {name: entry.version for name, entry in shop.entries().items()}, shop.tables()
    assert (versions["stitch_ids"], versions["stitch_model"], versions["stitch_shares"]) == (1, 0, 0)
    shop.go_back(loaded)
    assert shop.stitch("one process", **SETTINGS)["resolved"].value == told["resolved"].value
    expected = shop.tables()
    assert [name for name, rows in expected.items() if not rows.equals(found[name])] == []
