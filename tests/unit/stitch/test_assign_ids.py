"""Ids stay with whom they were given to."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_assets.stitch.assign_ids import Assigned, Beside, assign_ids

KEY = b"s" * 32


def clusters(**members: str) -> pl.DataFrame:
    """Give records by cluster: each letter of a value is a record."""
    rows = [("d", pk, number) for number, letters in enumerate(members.values()) for pk in letters]
    return pl.DataFrame(rows, schema={"datasource": pl.String, "pk": pl.String, "cluster": pl.Int64}, orient="row")


def ids(members: pl.DataFrame, before: Assigned | None = None) -> Assigned:
    """Name clusters, after an earlier run or not."""
    return assign_ids(
        members, previous=before.ids if before else None, retired=before.retired if before else None, key=KEY
    )


def beside(others: pl.DataFrame) -> Beside:
    """Give records that are there and are not named."""
    return Beside(others["amperity_id"], lambda: others)


def of(found: Assigned, pk: str) -> str:
    """Give a record's id."""
    return str(found.ids.filter(pk=pk)["amperity_id"][0])


def test_a_merge_keeps_the_id_of_the_larger_part() -> None:
    """The other id retires; who last held it is kept."""
    first = ids(clusters(a="ab", b="c"))
    second = ids(clusters(a="abc"), first)
    assert of(second, "c") == of(first, "a")
    assert second.retired.rows() == [(of(first, "c"), "d", "c")]


def test_a_split_keeps_the_id_with_the_larger_part_and_makes_a_new_one() -> None:
    """The new id is made from the smallest record that made no id yet."""
    first = ids(clusters(a="abc"))
    second = ids(clusters(a="ab", b="c"), first)
    assert of(second, "a") == of(first, "a")
    assert of(second, "c") != of(first, "a")


@pytest.mark.parametrize("between", ["abcd", "abcde", "bcd"])
def test_who_is_parted_again_has_the_old_id_back(between: str) -> None:
    """Merged and parted, each has their own id, also where both are equally large and while others come and go."""
    first = ids(clusters(a="ab", b="cd"))
    apart = ids(clusters(a="ab", b="cd"), ids(clusters(a=between), first))
    assert apart.ids.equals(first.ids)
    assert apart.retired.filter(pl.col("amperity_id").is_in(first.ids["amperity_id"].implode())).is_empty()


PARTS = st.lists(st.integers(0, 3), min_size=1, max_size=9)
"""By record, which of four clusters it is in."""


def divided(*numbers: Sequence[int]) -> pl.DataFrame:
    """Put records together that have the same numbers."""
    together: dict[tuple[int, ...], str] = {}
    for letter, of_record in zip("abcdefghi", zip(*numbers, strict=True), strict=False):
        together[of_record] = together.get(of_record, "") + letter
    return clusters(**{"-".join(map(str, numbers)): letters for numbers, letters in together.items()})


@settings(max_examples=60)
@given(st.data())
def test_a_setting_that_is_changed_there_and_back_moves_no_id(data: st.DataObject) -> None:
    """Whether it parts people or puts them together in between, also into equal halves."""
    one = data.draw(PARTS)
    other = data.draw(st.lists(st.integers(0, 2), min_size=len(one), max_size=len(one)))
    for there, between in (((one,), (one, other)), ((one, other), (one,))):
        first = ids(divided(*there))
        assert ids(divided(*there), ids(divided(*between), first)).ids.equals(first.ids)


def test_a_source_that_was_gone_comes_back_with_its_ids() -> None:
    """Nobody held them meanwhile; a late file is no other person."""
    first = ids(clusters(a="ab", b="cd", c="ef"))
    without = ids(clusters(a="a", b="cd"), first)
    assert of(without, "a") == of(first, "a")
    assert ids(clusters(a="ab", b="cd", c="ef"), without).ids.equals(first.ids)


def test_a_smaller_part_of_a_retired_id_is_somebody_new() -> None:
    """One of three records that last held an id does not have it back while two live elsewhere."""
    first = ids(clusters(a="abcd", b="efg"))
    merged = ids(clusters(a="abcdefg"), first)
    parted = ids(clusters(a="abcdef", b="g"), merged)
    assert of(parted, "g") not in set(first.ids["amperity_id"])
    two = ids(clusters(a="abcde", b="fg"), merged)
    assert of(two, "g") == of(first, "e")


def test_a_new_id_never_was_an_id() -> None:
    """A record whose own id went on with others gets another, made with a number: a second, and a third."""
    first = ids(clusters(a="a"))
    left = ids(clusters(a="a", b="bc"), ids(clusters(a="abc"), first))
    assert of(left, "b") == of(first, "a")
    assert of(left, "a") != of(first, "a")
    again = ids(clusters(a="a", b="bc", c="de"), ids(clusters(b="bc", c="ade"), left))
    assert of(again, "d") == of(left, "a")
    assert of(again, "a") not in {of(first, "a"), of(left, "a")}


def test_an_id_of_people_elsewhere_is_not_made_again() -> None:
    """Where a part of all people is named, the ids of the others are taken."""
    both = ids(clusters(a="ab"))
    other = both.ids.filter(pk="b")
    alone = assign_ids(clusters(a="a"), previous=None, retired=None, key=KEY, beside=beside(other))
    assert of(alone, "a") != of(both, "a")


def test_a_retired_id_stays_retired_where_most_who_held_it_are_elsewhere() -> None:
    """Of three who held it one alone is named, and the other two are still there."""
    first = ids(clusters(a="abc"))
    retired = first.ids.select("amperity_id", "datasource", "pk")
    alone = assign_ids(clusters(a="a"), previous=None, retired=retired, key=KEY)
    assert of(alone, "a") == of(first, "a")
    there = clusters(b="bc").select("datasource", "pk", amperity_id=pl.lit("theirs"))
    again = assign_ids(clusters(a="a"), previous=None, retired=retired, key=KEY, beside=beside(there))
    assert of(again, "a") != of(first, "a")


def test_the_same_key_gives_the_same_ids_in_every_environment() -> None:
    """A new id depends on the tenant's key and the records alone."""
    assert ids(clusters(a="ab", b="c")).ids.equals(ids(clusters(b="c", a="ab")).ids)
    other = assign_ids(clusters(a="ab", b="c"), previous=None, retired=None, key=b"t" * 32)
    assert not other.ids.equals(ids(clusters(a="ab", b="c")).ids)


def held(frame: pl.DataFrame) -> dict[str, set[str]]:
    """Give the records of each id."""
    found: dict[str, set[str]] = {}
    for amperity_id, pk in frame.select("amperity_id", "pk").iter_rows():
        found.setdefault(amperity_id, set()).add(pk)
    return found


def histories(runs: int) -> st.SearchStrategy[list[list[int]]]:
    """Give runs over ten records: the cluster of each, or -1 where the record is not there."""
    return st.lists(st.lists(st.integers(-1, 3), min_size=10, max_size=10), min_size=2, max_size=runs)


def as_members(labels: list[int]) -> pl.DataFrame:
    """Give records by cluster."""
    rows = [("d", f"r{at}", label) for at, label in enumerate(labels) if label >= 0]
    return pl.DataFrame(rows, schema={"datasource": pl.String, "pk": pl.String, "cluster": pl.Int64}, orient="row")


@settings(max_examples=150, deadline=None)
@given(histories(6))
def test_no_id_goes_past_a_better_claim(history: list[list[int]]) -> None:
    """Whoever claims an id and has not got it, has one it claims as strongly, or the holder claims it as strongly.

    Checked without the algorithm: from who held each id before and who holds it now.
    """
    before = ids(as_members(history[0]))
    for labels in history[1:]:
        now = ids(as_members(labels), before)
        was, has, gone = held(before.ids), held(now.ids), held(before.retired)
        for mine, records in has.items():
            own = len(records & was.get(mine, set()))
            for wanted, last in was.items():
                claim = len(records & last)
                holder = len(has.get(wanted, set()) & last)
                assert wanted == mine or claim <= max(own, holder)
            if own == 0:
                there = {pk for others in has.values() for pk in others}
                back = [len(records & last) for last in gone.values() if 2 * len(records & last) > len(last & there)]
                assert len(records & gone.get(mine, set())) >= max(back, default=0)
                assert mine not in was
        before = now


@settings(max_examples=60, deadline=None)
@given(histories(6))
def test_over_any_history_ids_are_one_to_one_with_clusters(history: list[list[int]]) -> None:
    """However clusters change, each has one id, no two share one, and no id is both held and retired."""
    found: Assigned | None = None
    ever: dict[str, set[str]] = {}
    for labels in history:
        members = as_members(labels)
        found = ids(members, found)
        joined = members.join(found.ids, on=["datasource", "pk"])
        pairs = joined.select("cluster", "amperity_id").unique()
        assert joined.height == members.height
        assert pairs["cluster"].is_unique().all()
        assert pairs["amperity_id"].is_unique().all()
        ever |= held(found.ids)
        living = set(found.ids["amperity_id"])
        assert {one: records for one, records in ever.items() if one not in living} == held(found.retired)


@settings(max_examples=30, deadline=None)
@given(histories(4), st.integers(2, 5))
def test_the_number_of_partitions_changes_no_id(history: list[list[int]], partitions: int) -> None:
    """It is a matter of memory alone."""
    before: Assigned | None = None
    for labels in history:
        previous, retired = (before.ids, before.retired) if before else (None, None)
        whole, parted = (
            assign_ids(as_members(labels), previous=previous, retired=retired, key=KEY, partitions=count)
            for count in (1, partitions)
        )
        assert parted.ids.equals(whole.ids)
        assert parted.retired.equals(whole.retired)
        before = whole
