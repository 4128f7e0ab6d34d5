"""Every change has a row, and every row its cause."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.stitch.changes import CAUSES, Changes, News, changes_between, with_history

AT = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)


def ids(**people: str) -> pl.DataFrame:
    """Give who is who: each letter of a value is a record."""
    rows = [("d", pk, person) for person, letters in people.items() for pk in letters]
    schema = {"datasource": pl.String, "pk": pl.String, "amperity_id": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def records(letters: str) -> pl.DataFrame:
    """Give the keys of some records."""
    return ids(any=letters).drop("amperity_id")


def news(*, changed: str = "", labelled: str = "", settings: bool = False, relearnt: bool = False) -> News:
    """Give what else differs."""
    return News("run-2", AT, settings, relearnt, records(changed), records(labelled))


def of_records(found: Changes) -> dict[str, tuple[str | None, str | None, str, str]]:
    """Give previous id, id, type and cause by record."""
    columns = ["pk", "amperity_id_prev", "amperity_id", "change_type", "_cdp_cause"]
    return {pk: (prev, now, kind, cause) for pk, prev, now, kind, cause in found.records.select(columns).iter_rows()}


def of_people(found: Changes) -> dict[str, tuple[str, str]]:
    """Give type and cause by person."""
    return {one: (kind, cause) for one, kind, _, _, cause in found.people.iter_rows()}


def test_what_came_went_and_moved_has_a_row_each_and_the_rest_none() -> None:
    """A new record joins X, one leaves Y, one moves from Y to Z; W stays as it was."""
    found = changes_between(ids(X="a", Y="bcd", W="w"), ids(X="an", Y="b", Z="c", W="w"), news())
    assert of_records(found) == {
        "c": ("Y", "Z", "updated", "other records"),
        "d": ("Y", None, "deleted", "record gone"),
        "n": (None, "X", "added", "new record"),
    }
    assert of_people(found) == {
        "X": ("updated", "new record"),
        "Y": ("updated", "record gone"),
        "Z": ("added", "other records"),
    }
    assert found.records["job_id"].unique().to_list() == ["run-2"]
    assert found.people["timestamp"].unique().to_list() == [AT]


@pytest.mark.parametrize(
    ("known", "cause"),
    [
        (news(), "shared values"),
        (news(relearnt=True), "model relearnt"),
        (news(relearnt=True, changed="b"), "other records"),
        (news(relearnt=True, changed="ab"), "record changed"),
        (news(relearnt=True, changed="ab", settings=True), "settings changed"),
        (news(relearnt=True, changed="ab", settings=True, labelled="a"), "label"),
        (news(relearnt=True, labelled="b"), "label"),
        (news(changed="a", labelled="b"), "record changed"),
        (news(changed="z", labelled="z"), "shared values"),
    ],
)
def test_a_move_has_the_nearest_cause(known: News, cause: str) -> None:
    """Of all that could explain it, the most particular is named; a stranger's news explains nothing."""
    found = changes_between(ids(X="a", Y="b", W="z"), ids(Y="ab", W="z"), known)
    assert of_records(found) == {"a": ("X", "Y", "updated", cause)}
    assert of_people(found) == {"X": ("deleted", cause), "Y": ("updated", cause)}


def test_a_run_that_follows_none_and_a_run_without_news_change_nothing() -> None:
    """Their tables are empty, with the same columns."""
    first = changes_between(None, ids(X="ab"), news())
    same = changes_between(ids(X="ab"), ids(X="ab"), news(changed="a", relearnt=True))
    assert (first.records.height, first.people.height, first.jitter_percent) == (0, 0, 0.0)
    assert (same.records.height, same.people.height, same.jitter_percent) == (0, 0, 0.0)
    assert first.records.schema == same.records.schema
    assert first.people.schema == same.people.schema


def test_jitter_counts_the_records_that_nobody_meant_to_move() -> None:
    """Of four records that were there one moved; with other settings none did without being meant to."""
    before, after = ids(X="ab", Y="cd"), ids(X="abn", Y="c", Z="d")
    assert changes_between(before, after, news()).jitter_percent == 25.0
    assert changes_between(before, after, news(settings=True)).jitter_percent == 0.0
    assert changes_between(before, after, news(labelled="d")).jitter_percent == 0.0


def test_history_is_kept_for_as_many_days_as_the_settings_say() -> None:
    """What is older goes; what is kept stands before what is new, so that a table only grows at its end."""
    found = changes_between(ids(X="a"), ids(Y="a"), news()).records
    older = [found.with_columns(timestamp=pl.lit(AT - dt.timedelta(days=days))) for days in (40, 30, 29)]
    kept = with_history(found, pl.concat(older), AT, 30)
    assert kept["timestamp"].to_list() == [AT - dt.timedelta(days=29), AT]


LABELS = st.lists(st.integers(-1, 3), min_size=7, max_size=7)


def held(labels: list[int]) -> dict[str, str]:
    """Give the person of each record that is there."""
    return {f"r{at}": f"p{label}" for at, label in enumerate(labels) if label >= 0}


def as_ids(people: dict[str, str]) -> pl.DataFrame:
    """Give who is who as a table."""
    schema = {"datasource": pl.String, "pk": pl.String, "amperity_id": pl.String}
    return pl.DataFrame([("d", pk, one) for pk, one in people.items()], schema=schema, orient="row")


@given(LABELS, LABELS, st.sets(st.integers(0, 6)))
def test_applied_to_the_run_before_the_changes_give_the_run_after(
    first: list[int], second: list[int], touched: set[int]
) -> None:
    """Rows are neither missing nor too many, and people's types follow from their records."""
    before, after = held(first), held(second)
    changed = as_ids({f"r{at}": "" for at in touched}).drop("amperity_id")
    found = changes_between(as_ids(before), as_ids(after), News("r", AT, False, True, changed, changed.clear()))
    followed = dict(before)
    for pk, (_, now, kind, cause) in of_records(found).items():
        assert cause in CAUSES
        assert kind == ("deleted" if now is None else "updated" if pk in before else "added")
        followed = {one: person for one, person in followed.items() if one != pk} | ({pk: now} if now else {})
    assert followed == after
    expected = {}
    for person in {*before.values(), *after.values()}:
        was, now_ = ({pk for pk, one in side.items() if one == person} for side in (before, after))
        if was != now_:
            expected[person] = "added" if not was else "deleted" if not now_ else "updated"
    assert {person: kind for person, (kind, _) in of_people(found).items()} == expected
