"""Figures about pairs, sources and doubtful people, against plain Python."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.stitch.changes import CLUSTERS_SCHEMA
from cdp_assets.stitch.figures import deduplication, doubts, history, learnt, matching
from cdp_assets.stitch.model_table import MODEL_SCHEMA
from tests.unit.stitch.figures.tables import ROWS, Row, compared, people_of, scored

IDS = ["datasource", "pk", "amperity_id"]
SCORES = scored(
    ("p", "1", "2", 5.0, "scored"),
    ("p", "1", "3", 4.5, "scored"),
    ("p", "2", "3", 1.0, "scored_transitive"),
    ("q", "4", "5", 5.0, "trivial_duplicate"),
    ("r", "6", "7", 3.1, "scored"),
)


@given(ROWS)
def test_sources_and_what_they_share(rows: list[Row]) -> None:
    """Every source, and every two in both directions."""
    ids, people = compared(rows).select(IDS), people_of(rows)
    found = {name: tuple(more) for name, *more in deduplication.sources(deduplication.by_source(ids)).iter_rows()}
    names = {row["datasource"] for row in rows}
    assert found.keys() == names
    for name in names:
        records = sum(row["datasource"] == name for row in rows)
        here = [who for who, mine in people.items() if any(row["datasource"] == name for row in mine)]
        elsewhere = sum(len({row["datasource"] for row in people[who]}) > 1 for who in here)
        assert found[name] == (records, len(here), 100.0 * (1 - len(here) / records), elsewhere)
    shared = {
        (one, other): count for one, other, count in deduplication.between(deduplication.by_source(ids)).iter_rows()
    }
    for one in names:
        for other in names:
            both = sum(
                sum(row["datasource"] == one for row in mine) > (one == other)
                and any(row["datasource"] == other for row in mine)
                for mine in people.values()
            )
            assert shared.get((one, other), 0) == both


def test_strategies_count_people_for_each_that_they_have() -> None:
    """An exact pair is deterministic however it was found."""
    assert matching.strategies(SCORES).rows() == [
        ("deterministic", 2, 2),
        ("probabilistic", 2, 2),
        ("transitive", 1, 1),
    ]
    assert matching.strategies(SCORES.clear()).rows() == [(name, 0, 0) for name in matching.STRATEGIES]


def test_the_weakest_are_those_whose_worst_record_fits_worst() -> None:
    """The record 3 of p fits somebody with 4.5, however badly it fits 2."""
    found = matching.weakest(SCORES, 2).select("amperity_id", "pk1", "pk2", "score")
    assert found.rows() == [("r", "6", "7", 3.1), ("p", "3", "1", 4.5)]


GRADES = st.sampled_from([0.5, 1.0, 2.5, 4.0, 5.0])
PEOPLE = st.dictionaries(st.sampled_from("pqrstu"), st.lists(GRADES, min_size=3, max_size=3))


@given(PEOPLE, st.integers(1, 4))
def test_the_weakest_people_are_found_among_all(grades: dict[str, list[float]], most: int) -> None:
    """Of three records each, whose pairs have these scores: the record that fits nobody well counts."""
    ends = [("1", "2"), ("1", "3"), ("2", "3")]
    pairs = [
        (who, f"{who}{one}", f"{who}{other}", score, "scored")
        for who, scores in grades.items()
        for (one, other), score in zip(ends, scores, strict=True)
    ]
    worst = {
        who: min(max(score for end, score in zip(ends, scores, strict=True) if pk in end) for pk in "123")
        for who, scores in grades.items()
    }
    found = matching.weakest(scored(*pairs), most)
    assert dict(found["amperity_id", "score"].rows()) == dict(sorted(worst.items(), key=lambda one: one[::-1])[:most])


def test_deciders_are_told_with_their_conflicts() -> None:
    """Pairs that a rule separates and that are one person all the same."""
    rows = [("fk_loyalty", 5.0), ("fk_loyalty", 5.0), (None, 3.0), ("sk_given_name", 0.0), ("sk_given_name", 4.0)]
    found = matching.deciders(pl.DataFrame(rows, schema={"decided_by": pl.String, "score": pl.Float64}, orient="row"))
    assert found.rows() == [("fk_loyalty", 2, 0, 0.0), ("sk_given_name", 2, 1, 50.0)]


@given(ROWS)
def test_values_are_counted_by_the_pairs_that_they_join(rows: list[Row]) -> None:
    """Pairs of records of one person, whatever the order."""
    expected: dict[tuple[str, str, object], int] = {}
    for mine in people_of(rows).values():
        for one, other in combinations(mine, 2):
            for semantic, columns in doubts.CONTACTS.items():
                if one[semantic] and all(one[name] == other[name] for name in columns):
                    key = semantic, one[semantic], one[columns[-1]]
                    expected[key] = expected.get(key, 0) + 1
    found = doubts.joining_values(compared(rows), 99)["pairs"].to_list()
    assert found == sorted(expected.values(), reverse=True)


@given(ROWS)
def test_namesakes_are_names_of_several_people(rows: list[Row]) -> None:
    """Whoever has no surname has no namesake."""
    owners: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row["given_name"] and row["surname"]:
            owners.setdefault((row["given_name"], row["surname"]), set()).add(row["amperity_id"])
    found = doubts.namesakes(compared(rows), 99)
    assert {tuple(row[:2]): row[2] for row in found.iter_rows()} == {
        name: len(people) for name, people in owners.items() if len(people) > 1
    }


def test_suspects_say_why() -> None:
    """More values than usual of several kinds come before more of one; a large component is a reason too."""
    names = [{"amperity_id": "p", "pk": f"p{n}", "given_name": name, "surname": name} for n, name in enumerate("ABCD")]
    dates = [{"amperity_id": "q", "pk": f"q{n}", "birthdate": f"200{n}-01-01"} for n in range(3)]
    rows = [
        row | {"datasource": "shop"}
        for row in (*names, *dates, {"amperity_id": "r", "pk": "r"}, {"amperity_id": "s", "pk": "s"})
    ]
    records = compared(rows).select("datasource", "pk", is_supersized=pl.col("amperity_id") == "r")
    found = doubts.suspects(compared(rows), records, 9).select("amperity_id", "compared", "reasons")
    assert found.rows() == [("p", 4, "given_name, surname"), ("q", 3, "birthdate"), ("r", 1, "supersized")]
    assert doubts.suspects(compared(rows), records, 1).height == 1


def test_weights_are_bits_of_each_level() -> None:
    """What is expected of any pair is no level; chances come as per cent."""
    rows = [("email", 0, 0, "equal", -1.0, -3.0, -9.0), ("email", 0, 1, "different", -1.0, 0.0, -0.5)]
    model = pl.DataFrame([*rows, ("expected", None, None, None, 4.0, 5.0, 6.0)], schema=MODEL_SCHEMA, orient="row")
    assert learnt.weights(model).rows() == [
        ("email", "equal", 50.0, 8.0, 2.0),
        ("email", "different", 50.0, 0.5 - 1, -1.0),
    ]


def test_large_blocks_are_told_by_strategy() -> None:
    """The largest strategy first; one block that was not compared is enough to say so; parts of blocks do not count."""
    rows = [
        ("email", None, "1", 90, True),
        ("email", "postal", "4", 85, False),
        ("given", None, "2", 100, False),
        ("given", None, "3", 200, False),
    ]
    blocks = pl.DataFrame(rows, schema=["strategy", "part", "block", "size", "compared"], orient="row")
    assert learnt.large_blocks(blocks).rows() == [("given", 2, 200, 300, False), ("email", 1, 90, 90, True)]


def changes(*rows: tuple[int, str, str]) -> pl.DataFrame:
    """Make unified_changes_clusters from (day of 2026, change_type, cause)."""
    start = dt.datetime(2025, 12, 31, 6, tzinfo=dt.UTC)
    spelled = [(str(n), kind, "job", start + dt.timedelta(days=day), why) for n, (day, kind, why) in enumerate(rows)]
    return pl.DataFrame(spelled, schema=CLUSTERS_SCHEMA, orient="row")


def test_ninety_days_are_told_with_the_newest() -> None:
    """An older change is left out; without changes there is no day."""
    found = history.by_day(
        changes((1, "added", ""), (10, "added", ""), (99, "deleted", ""), (99, "added", ""), (9, "added", ""))
    )
    assert found.rows() == [(dt.date(2026, 1, 10), 1, 0, 0), (dt.date(2026, 4, 9), 1, 1, 0)]
    assert history.by_day(changes()).is_empty()


def test_causes_are_those_of_the_newest_run() -> None:
    """Most people first."""
    found = history.causes(
        changes(
            (1, "added", "label"), (2, "added", "new record"), (2, "updated", "new record"), (2, "updated", "label")
        )
    )
    assert found.rows() == [("new record", 2), ("label", 1)]
