"""Benchmarks against plain Python, and their history."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given

from cdp_assets.stitch.figures.benchmarks import (
    BENCHMARKS,
    HISTORY_SCHEMA,
    benchmark_scores,
    benchmark_scores_since,
    result_of,
    with_history,
)
from tests.unit.stitch.figures.tables import ROWS, Row, compared, people_of

FIRST = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def combinations(rows: list[Row], *columns: str) -> tuple[int, int]:
    """Give how many combinations of a name and a value several people have, and how many one has."""
    owners: dict[tuple[object, ...], set[str]] = {}
    for row in rows:
        if row["given_name"] and row["surname"] and row[columns[0]]:
            owners.setdefault(tuple(row[name] for name in ("given_name", "surname", *columns)), set()).add(
                row["amperity_id"]
            )
    several = sum(len(people) > 1 for people in owners.values())
    return several, len(owners) - several


@given(ROWS)
def test_combinations_are_counted_by_their_people(rows: list[Row]) -> None:
    """A name without a value, and a value without a name, are no combination; an address needs no postal code."""
    found = {name: (part, whole) for name, part, whole, *_ in benchmark_scores(compared(rows)).iter_rows()}
    assert found["name_email"] == combinations(rows, "email")
    assert found["name_phone"] == combinations(rows, "phone")
    assert found["name_address"] == combinations(rows, "address", "postal")
    assert found["surnames"] == (0, len(people_of(rows)))


@given(ROWS, ROWS, ROWS)
def test_what_went_and_came_is_enough_to_score_a_day(stayed: list[Row], gone: list[Row], came: list[Row]) -> None:
    """It scores as all of its rows do; so it does where the day before left no scores."""
    before, after = benchmark_scores(compared([*stayed, *gone])), benchmark_scores(compared([*stayed, *came]))
    sides = [compared(rows) for rows in (stayed, gone, came)]
    assert benchmark_scores_since(before, *sides).equals(after)
    assert benchmark_scores_since(before.clear(), *sides).equals(after)


@pytest.mark.parametrize(("names", "people"), [("ABC", 0), ("ABCD", 1), ("ABCDDD", 1), ("AABBCC", 0)])
def test_a_person_with_four_names_looks_like_several(names: str, people: int) -> None:
    """Different ones; three are usual: a nickname, an initial."""
    rows = [{"amperity_id": "p", "pk": str(n), "given_name": name} for n, name in enumerate(names)]
    row = benchmark_scores(compared([*rows, {"amperity_id": "q", "pk": "x"}])).row(0, named=True)
    assert (row["benchmark"], row["part"], row["whole"], row["percent"]) == ("given_names", people, 2, 50.0 * people)
    assert row["result"] == ("High" if people else "Optimal")


def test_no_people_are_optimal() -> None:
    """An empty table has nothing wrong."""
    assert benchmark_scores(compared([]))["result"].to_list() == ["Optimal"] * len(BENCHMARKS)
    assert result_of("name_email", 2.6) == "High"


def scores(part: int) -> pl.DataFrame:
    """Make one benchmark's score."""
    row = ("given_names", part, 100, float(part), result_of("given_names", part))
    return pl.DataFrame([row], schema=dict(list(HISTORY_SCHEMA.items())[2:]), orient="row")


def test_five_runs_are_kept() -> None:
    """The newest; the first has no history."""
    history = None
    for day in range(7):
        history = with_history(scores(day), f"run-{day}", FIRST + dt.timedelta(days=day), history)
    assert history is not None
    assert dict(history.schema) == dict(HISTORY_SCHEMA)
    assert history["run_id"].to_list() == [f"run-{day}" for day in range(2, 7)]


def test_a_run_that_scores_alike_leaves_the_table_as_it_was() -> None:
    """Also when an earlier one scored otherwise."""
    first = with_history(scores(1), "a", FIRST, None)
    second = with_history(scores(2), "b", FIRST + dt.timedelta(days=1), first)
    assert second.height == 2
    assert with_history(scores(2), "c", FIRST + dt.timedelta(days=2), second).equals(second)
    assert with_history(scores(1), "c", FIRST + dt.timedelta(days=2), second).height == 3
