"""Small files share a commit, in their order, and a large one has its own."""

from __future__ import annotations

import dataclasses
import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.names import PRODUCTION
from cdp_assets.sources.together import MOST_BYTES, MOST_FILES, together
from cdp_assets.state.landed_files import LandedFile

DAY = dt.date(2026, 11, 20)
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
FILE = LandedFile(1, PRODUCTION, "orders", "orders", "a.csv", DAY, 1, 10, NOON, "0" * 64, "landing/a.csv")


def files(*sizes: int) -> list[LandedFile]:
    """Give files with the ids 0, 1, 2 …"""
    return [dataclasses.replace(FILE, id=number, size_bytes=size) for number, size in enumerate(sizes)]


def ids(groups: list[tuple[LandedFile, ...]]) -> list[list[int]]:
    """Give the ids of each commit's files."""
    return [[file.id for file in group] for group in groups]


def test_a_large_file_has_its_own_commit() -> None:
    """Also one that is larger than all that goes together."""
    groups = list(together(files(1, MOST_BYTES * 2, 1, 1, MOST_BYTES), ()))
    assert ids(groups) == [[0], [1], [2, 3], [4]]


def test_no_commit_takes_more_files_than_one_transaction_notes() -> None:
    """However small they are."""
    groups = list(together(files(*[0] * (2 * MOST_FILES + 1)), ()))
    assert [len(group) for group in groups] == [MOST_FILES, MOST_FILES, 1]


def test_a_file_that_begins_the_table_anew_begins_a_commit() -> None:
    """What stands before it went into the old table."""
    assert ids(list(together(files(1, 1, 1, 1), {0, 2}))) == [[0, 1], [2, 3]]


def test_what_is_in_the_table_already_is_noted_first_and_by_itself() -> None:
    """As it was committed."""
    all_files = files(1, 1, 1, 1)
    assert ids(list(together(all_files, (), [(all_files[1], all_files[2])]))) == [[1, 2], [0, 3]]


@given(st.lists(st.integers(0, MOST_BYTES), max_size=50), st.sets(st.integers(0, 49)))
def test_every_file_goes_in_once_and_in_its_order(sizes: list[int], anew: set[int]) -> None:
    """Whatever their sizes, and wherever the table begins anew; no commit of several is too large."""
    groups = list(together(files(*sizes), anew))
    assert [file.id for group in groups for file in group] == list(range(len(sizes)))
    assert all(len(group) == 1 or sum(file.size_bytes for file in group) <= MOST_BYTES for group in groups)
    assert {group[0].id for group in groups} >= anew & set(range(len(sizes)))
