"""From dropped files to delivered exports, a day at a time."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName
from tests.journey.conftest import ThreeDays
from tests.journey.installation import Installation, comparable
from tests.journey.reader import TABLES

HISTORY = {
    TableName("stitch", "stitch_retired_ids"),
    TableName("stitch", "stitch_benchmarks"),
    TableName("stitch", "stitch_runs"),
    TableName("unified", "unified_changes_clusters"),
    TableName("unified", "unified_changes_pks"),
}
"""Whose ids have retired and what changed from run to run depends on the order of arrival; no other table does."""


def test_every_day_is_delivered_as_csv_and_parquet(one_by_one: ThreeDays) -> None:
    """Three runs leave three dated files of each export, with rows in them."""
    files = one_by_one.installation.delivered()
    for day in ("2026_11_20", "2026_11_21", "2026_11_22"):
        kinds = {name.rpartition(".")[2] for name, body in files.items() if day in name and len(body) > 100}
        assert {"csv", "parquet"} <= kinds, day


def test_people_already_known_keep_their_ids(one_by_one: ThreeDays) -> None:
    """Whoever is neither merged nor split by new records has the id of the day before."""
    for before, after in zip(one_by_one.ids, one_by_one.ids[1:], strict=False):
        both = before.join(after, on=["datasource", "pk"], suffix="_after")
        assert both.height == before.height
        pairs = both.select("amperity_id", "amperity_id_after").unique()
        alone = pairs.filter(pl.len().over("amperity_id") == 1, pl.len().over("amperity_id_after") == 1)
        assert (alone["amperity_id"] == alone["amperity_id_after"]).all()
        assert alone.height >= 0.97 * before["amperity_id"].n_unique()


def test_a_run_without_news_changes_nothing_and_sends_nothing(one_by_one: ThreeDays) -> None:
    """The same publication's tables are reused, and its exports are not delivered twice."""
    installation = one_by_one.installation
    before, files = installation.publication(), installation.delivered()
    after = installation.run(before.business_date)
    assert {table: (entry.path, entry.version) for table, entry in after.entries.items()} == {
        table: (entry.path, entry.version) for table, entry in before.entries.items()
    }
    assert installation.delivered() == files


def test_three_days_in_one_go_equal_three_days_one_by_one(one_by_one: ThreeDays, in_one_go: Installation) -> None:
    """Every published table holds the same rows, people named by their smallest record."""
    names = sorted(one_by_one.publications[-1].entries)
    assert names == sorted(in_one_go.publication().entries)
    different = [
        str(name)
        for name in names
        if name not in HISTORY and not comparable(one_by_one.installation, name).equals(comparable(in_one_go, name))
    ]
    assert different == []


def test_a_reader_sees_one_publication_never_a_mixture(one_by_one: ThreeDays) -> None:
    """Each answer during the runs is that of the publication that was current when it was asked."""
    installation, reader = one_by_one.installation, one_by_one.reader
    assert reader.failures == []
    truth = {
        publication.id: {
            table.name: delta.count(str(installation.home.lake / entry.path), entry.version)
            for table in TABLES
            for entry in [publication.entry(table)]
        }
        for publication in one_by_one.publications
    }
    assert len(reader.seen) >= 10
    assert {publication for publication, _ in reader.seen} == set(truth)
    assert [counts for _, counts in reader.seen] == [truth[publication] for publication, _ in reader.seen]


@pytest.mark.parametrize("day", [0, 1, 2])
def test_an_old_publication_stays_readable(one_by_one: ThreeDays, day: int) -> None:
    """What was published stays what it was: as many records as the day had."""
    publication = one_by_one.publications[day]
    people = one_by_one.installation.table(TableName("unified", "unified_coalesced"), publication)
    assert people.height == one_by_one.ids[day].height
