"""Ids stay with whom they were given to."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_assets.stitch.assign_ids import Assigned, assign_ids

KEY = b"s" * 32


def clusters(**members: str) -> pl.DataFrame:
    """Give records by cluster: each letter of a value is a record."""
    rows = [("d", pk, number) for number, letters in enumerate(members.values()) for pk in letters]
    return pl.DataFrame(rows, schema={"datasource": pl.String, "pk": pl.String, "cluster": pl.Int64}, orient="row")


def ids(members: pl.DataFrame, before: Assigned | None = None) -> Assigned:
    """Name clusters, after an earlier run or not."""
    return assign_ids(
        members, previous=before.ids if before else None, origins=before.origins if before else None, key=KEY
    )


def of(found: Assigned, pk: str) -> str:
    """Give a record's id."""
    return str(found.ids.filter(pk=pk)["amperity_id"][0])


def test_a_merge_keeps_the_id_of_the_larger_part() -> None:
    """The other id retires and is not given again."""
    first = ids(clusters(a="ab", b="c"))
    second = ids(clusters(a="abc"), first)
    assert of(second, "c") == of(first, "a")
    retired = second.origins.filter(retired=True)["amperity_id"].to_list()
    assert retired == [of(first, "c")]


def test_a_split_keeps_the_id_with_the_larger_part_and_makes_a_new_one() -> None:
    """The new id is made from the smallest record that made no id yet."""
    first = ids(clusters(a="abc"))
    second = ids(clusters(a="ab", b="c"), first)
    assert of(second, "a") == of(first, "a")
    assert of(second, "c") != of(first, "a")


def test_what_was_split_and_merged_again_has_its_old_id() -> None:
    """Un-merging and merging is no one-way street."""
    first = ids(clusters(a="abc"))
    third = ids(clusters(a="abc"), ids(clusters(a="ab", b="c"), first))
    assert of(third, "a") == of(first, "a")


def test_a_retired_id_is_never_made_again() -> None:
    """A record whose id retired in a merge gets another one when it stands alone again."""
    first = ids(clusters(a="ab", b="c"))
    merged = ids(clusters(a="abc"), first)
    apart = ids(clusters(a="ab", b="c"), merged)
    assert of(apart, "c") not in set(first.ids["amperity_id"])


def test_the_same_key_gives_the_same_ids_in_every_environment() -> None:
    """A new id depends on the tenant's key and the records alone."""
    assert ids(clusters(a="ab", b="c")).ids.equals(ids(clusters(b="c", a="ab")).ids)
    other = assign_ids(clusters(a="ab", b="c"), previous=None, origins=None, key=b"t" * 32)
    assert not other.ids.equals(ids(clusters(a="ab", b="c")).ids)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), min_size=8, max_size=8), min_size=2, max_size=5))
def test_over_any_history_ids_are_one_to_one_with_clusters(history: list[list[int]]) -> None:
    """However clusters change, each has one id, no two share one, and every id has one origin."""
    found: Assigned | None = None
    for labels in history:
        rows = [("d", f"r{at}", label) for at, label in enumerate(labels)]
        schema = {"datasource": pl.String, "pk": pl.String, "cluster": pl.Int64}
        members = pl.DataFrame(rows, schema=schema, orient="row")
        found = ids(members, found)
        joined = members.join(found.ids, on=["datasource", "pk"])
        pairs = joined.select("cluster", "amperity_id").unique()
        assert pairs["cluster"].is_unique().all()
        assert pairs["amperity_id"].is_unique().all()
        assert found.origins["amperity_id"].is_unique().all()
        living = set(found.origins.filter(retired=False)["amperity_id"])
        assert living == set(found.ids["amperity_id"])
