"""Where today's records stand among those of the day before."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.stitch.spelled import HASH, NOBODY, Known, Told, alike, hashes, in_order, rows_of

RECORDS = pl.DataFrame({"datasource": ["d"] * 100, "pk": [f"{at:03}" for at in range(100)], "email": ["a@b.c"] * 100})


def told(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Give records with hashes of one's choice."""
    return pl.DataFrame(rows, schema={"datasource": pl.String, "pk": pl.String, HASH: pl.Int64}, orient="row")


def test_new_changed_and_gone_records_are_news() -> None:
    """Each counts once, and each of today's knows its row of before."""
    said = pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("new@b.c")).otherwise(pl.col("email"))
    fresh = pl.DataFrame({"datasource": ["d"], "pk": ["new"], "email": ["n@b.c"]})
    after = pl.concat([fresh, RECORDS.with_columns(email=said).filter(pl.col("pk") != "099").reverse()])
    found = alike(Known.of(hashes(RECORDS)), Told.of(hashes(after)))
    assert found.news == 5
    assert found.gone.tolist() == [99]
    assert dict(zip(after["pk"][found.fresh], found.was.tolist(), strict=True)) == {
        "new": NOBODY, "002": 2, "001": 1, "000": 0,
    }  # fmt: skip
    assert found.same.tolist() == [NOBODY, *range(98, 2, -1), NOBODY, NOBODY, NOBODY]


@pytest.mark.parametrize(
    ("before", "after", "same", "gone"),
    [
        ([("d", "1", 7), ("d", "2", 7)], [("d", "1", 7), ("d", "2", 7)], [0, 1], []),
        ([("d", "1", 7)], [("d", "2", 7)], [NOBODY], [0]),
        ([("d", "1", 7), ("d", "2", 8)], [("d", "3", 7), ("d", "2", 8)], [NOBODY, 1], [0]),
        ([("d", "1", 7), ("e", "1", 7)], [("e", "1", 7)], [1], [0]),
        ([], [("d", "1", 7)], [NOBODY], []),
        ([("d", "1", 7)], [], [], [0]),
    ],
)
def test_records_of_one_hash_are_told_by_their_keys(
    before: list[tuple[str, str, int]], after: list[tuple[str, str, int]], same: list[int], gone: list[int]
) -> None:
    """Two on one day, and one that goes as another comes: none is lost, repeated, or taken for the other."""
    found = alike(Known.of(told(*before)), Told.of(told(*after)))
    assert found.same.tolist() == same
    assert found.gone.tolist() == gone


def test_the_order_of_rows_and_columns_changes_no_hash() -> None:
    """A feed may bring them as it likes."""
    other = RECORDS.reverse().select("email", "pk", "datasource")
    assert hashes(other).sort("pk").equals(hashes(RECORDS))


def test_records_in_order_are_left_as_they_are_and_others_sorted() -> None:
    """By datasource first; the same key twice is no disorder."""
    keys = pl.DataFrame({"datasource": ["a", "a", "b"], "pk": ["2", "2", "1"]})
    assert in_order(keys) is keys
    assert in_order(keys[[2, 0, 1]]).equals(keys)
    assert in_order(keys.clear()).is_empty()


def test_a_few_records_are_found_among_all() -> None:
    """By both parts of the key."""
    some = pl.DataFrame({"datasource": ["d", "e"], "pk": ["042", "042"]})
    assert rows_of(some, RECORDS).tolist() == [42, NOBODY]
