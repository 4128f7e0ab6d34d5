"""What became of people, against brute force over plain sets."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.stitch.identity_changes import DESCRIPTIONS, change_counts, people_changes

Ids = dict[str, str | None]
SCHEMA = {"datasource": pl.String, "pk": pl.String, "amperity_id": pl.String}
ASSIGNED = st.dictionaries(st.sampled_from("123456"), st.sampled_from(["p", "q", "r", "s", None]))


def frame(ids: Ids) -> pl.DataFrame:
    """Make the table of ids of one source."""
    return pl.DataFrame([("shop", pk, person) for pk, person in ids.items()], schema=SCHEMA, orient="row")


def groups(ids: Ids) -> dict[str, set[str]]:
    """Give each person's records."""
    people = {person for person in ids.values() if person}
    return {person: {pk for pk, owner in ids.items() if owner == person} for person in people}


def kinds(before: Ids, after: Ids) -> dict[str, str]:
    """Give what became of each person, `-` before the ids of those who are gone."""
    found = people_changes(frame(before), frame(after))
    return {("-" if kind == "deleted" else "") + person: kind for person, kind in found[:, :2].iter_rows()}


def expected(before: Ids, after: Ids) -> dict[str, str]:
    """Say the same from the definitions."""
    old, new = groups(before), groups(after)
    found = {
        f"-{person}": "deleted" for person, records in old.items() if not records & {pk for pk in after if after[pk]}
    }
    for person, records in new.items():
        origins = [name for name, others in old.items() if records & others]
        torn = any(sum(bool(old[name] & others) for others in new.values()) > 1 for name in origins)
        known = {pk for name in origins for pk in old[name]}
        if not origins:
            found[person] = "added"
        elif len(origins) > 1:
            found[person] = "split + merged" if torn else "merged"
        elif torn:
            found[person] = "split"
        elif origins != [person]:
            found[person] = "renamed"
        else:
            found[person] = "recognized" if records - known else "unchanged"
    return found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({}, {"1": "p"}, {"p": "added"}),
        ({"1": "p"}, {}, {"-p": "deleted"}),
        ({"1": "p", "2": "q"}, {"1": "p", "2": "p"}, {"p": "merged"}),
        ({"1": "p"}, {"1": "p", "2": "p"}, {"p": "recognized"}),
        ({"1": "p", "2": "p"}, {"1": "p", "2": "q"}, {"p": "split", "q": "split"}),
        ({"1": "p", "2": "p", "3": "q"}, {"1": "p", "2": "q", "3": "q"}, {"p": "split", "q": "split + merged"}),
        ({"1": "p", "2": "p"}, {"1": "p"}, {"p": "unchanged"}),
        ({"1": "p"}, {"1": "q"}, {"q": "renamed"}),
    ],
)
def test_every_kind_has_its_case(before: Ids, after: Ids, found: dict[str, str]) -> None:
    """The documented seven, and the one that stable ids leave empty."""
    assert kinds(before, after) == found


@given(ASSIGNED, ASSIGNED)
def test_everybody_became_one_thing(before: Ids, after: Ids) -> None:
    """The same as from the definitions, and nobody is missing."""
    assert kinds(before, after) == expected(before, after)


@given(ASSIGNED, ASSIGNED)
def test_counts_add_up_to_everybody(before: Ids, after: Ids) -> None:
    """Each living person is counted once, with all records; who is gone is counted before."""
    counts = change_counts(frame(before), frame(after))
    assert counts["kind"].to_list() == list(DESCRIPTIONS)
    assert counts["people_after"].sum() == len(groups(after))
    gone = counts.filter(pl.col("kind") == "deleted")
    assert counts["records"].sum() - gone["records"].item() == sum(map(len, groups(after).values()))
    said = Counter(expected(before, after).values())
    assert gone["people_before"].item() == said["deleted"]
    assert {kind: number for kind, number in counts["kind", "people_after"].rows() if number} == said - Counter(
        deleted=said["deleted"]
    )


def test_people_of_before_count_once_for_each_kind_they_became_part_of() -> None:
    """Of three, two came together and one of these is also elsewhere."""
    before = {"1": "p", "2": "p", "3": "q", "4": "r"}
    counts = change_counts(frame(before), frame({"1": "p", "2": "q", "3": "q", "4": "r"}))
    rows = {kind: tuple(more) for kind, *more in counts.iter_rows() if any(more)}
    assert rows == {"split": (1, 1, 1), "split + merged": (2, 1, 2), "unchanged": (1, 1, 1)}
