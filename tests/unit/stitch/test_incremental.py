"""A day's news give what a whole run with the same model gives, row for row."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import block, touched, within
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, stitch
from cdp_assets.stitch.labels import LABEL_SCHEMA, LabelError
from tests.unit.stitch.people import people

KEYS = ["datasource", "pk"]
START = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
PERSON = pl.col("person")
PEOPLE = (
    people(160, seed=5)
    .with_columns(
        fk_card=pl.when(PERSON % 3 == 0).then(pl.format("c{}", PERSON)),
        birthdate=pl.when(PERSON % 4 > 0).then(pl.format("19{}-0{}-17", PERSON % 60 + 20, PERSON % 9 + 1)),
        generational_suffix=pl.when(PERSON % 17 == 0).then(pl.lit("Jr")),
    )
    .with_columns(fk_card=pl.when(pl.col("datasource") == "mail:list").then(None).otherwise("fk_card"))
    .drop("person")
)
EVERYBODY = pl.concat([PEOPLE, PEOPLE.head(60).with_columns(pl.col("pk") + "-copy")])
"""Some records say exactly what another says."""
ALWAYS = {
    "incremental_above_records": 0,
    "relearn_when_changed_percent": 1000.0,
    "relearn_when_weights_move_bits": 1000.0,
}
LAST_WHOLE = {
    "detailed_examples",
    "stitch_model",
    "stitch_shares",
    "stitch_runs",
}
"""Tables that are about all records at once, as the last whole run found them."""


def run(
    records: pl.DataFrame,
    before: StitchResult | None,
    pace: str,
    day: int,
    labels: pl.DataFrame | None = None,
    **settings: object,
) -> StitchResult:
    """Resolve a day's records."""
    previous = before.frames if before else {}
    at = START + dt.timedelta(days=day)
    given = Given(key=b"k" * 32, run_id=f"run-{day}", at=at, pace=pace, previous=previous, labels=labels)
    return stitch(records, Stitch.model_validate({**ALWAYS, **settings}), given)


def assert_equal(one: StitchResult, other: StitchResult) -> None:
    """Every table holds the same rows, in any order."""
    assert one.frames.keys() == other.frames.keys()
    for name in one.frames.keys() - LAST_WHOLE:
        rows = [frame.select(sorted(frame.columns)) for frame in (one.frames[name], other.frames[name])]
        first, second = (frame.sort(frame.columns) for frame in rows)
        assert first.equals(second), name


def assert_told(found: StitchResult, before: StitchResult) -> None:
    """What a day says that has changed is what differs from the tables of the day before."""
    assert {"stitch_ids", "stitch_scores", "stitch_spelled", "stitch_blocking_keys"} <= found.since.keys()
    for name, one in found.since.items():
        assert one.rows is found.frames[name]
        columns = sorted(one.rows.columns)
        was, rows = before.frames[name].select(columns).cast(one.rows.select(columns).schema), one.rows.select(columns)
        gone, came = (some.select(columns).cast(rows.schema) for some in (one.gone, one.came))
        assert pl.concat([was, came]).sort(columns).equals(pl.concat([rows, gone]).sort(columns)), name


def news(records: pl.DataFrame, draw: np.random.Generator) -> pl.DataFrame:
    """Give the next day's records: some are gone, some take another's value, some are new."""
    there = records.height
    kept = records.filter(pl.Series(draw.random(there) > 0.03))
    others = kept[draw.permutation(kept.height)]
    for column in ("email", "phone", "surname", "address", "given_name", "fk_card", "birthdate"):
        taken = pl.Series(draw.random(kept.height) < 0.02)
        kept = kept.with_columns(pl.when(taken).then(others[column]).otherwise(pl.col(column)).alias(column))
    fresh = EVERYBODY.join(kept, on=KEYS, how="anti")
    return pl.concat([kept, fresh.filter(pl.Series(draw.random(fresh.height) < 0.3))])


def assert_days_equal(
    days: int, draw: np.random.Generator, labels: pl.DataFrame | None = None, **settings: object
) -> None:
    """Days of random news, their records in random orders, are what whole runs with the same model make of them."""
    records = EVERYBODY.filter(pl.Series(draw.random(EVERYBODY.height) > 0.2))
    before = run(records, None, "learn", 0, labels, **settings)
    for day in range(1, days + 1):
        records = news(records, draw)
        shuffled = records.sample(fraction=1.0, shuffle=True, seed=day)
        found = run(shuffled, before, "auto", day, labels, **settings)
        assert found.report.pace == "news"
        assert_equal(found, run(records, before, "whole", day, labels, **settings))
        assert_told(found, before)
        before = found


@pytest.mark.parametrize("seed", range(3))
def test_random_days_equal_whole_runs_with_the_same_model(seed: int) -> None:
    """Over four days in which records come, go, change, join and part."""
    assert_days_equal(3, np.random.default_rng(seed))


@pytest.mark.parametrize("strategies", [["name"], ["fk"], ["dnf4", "email"], []])
def test_days_of_records_that_few_keys_bring_together(strategies: list[str]) -> None:
    """Two names in whichever order they stand, no key at all, a few, or a tenant's choice of none."""
    assert_days_equal(2, np.random.default_rng(6), blocking_strategies=strategies, wider_blocking=False)


def test_days_of_records_that_are_taken_as_one_in_spite_of_what_differs() -> None:
    """Phones do not tell them apart, one phone and one surname are bad, and each day some say otherwise."""
    settings = {
        "soft_trivial_dupe_semantic_exclusions": ["phone"],
        "soft_trivial_dupe_size_threshold": 1,
        "bad_values": [
            {"semantic": "phone", "value": EVERYBODY["phone"].drop_nulls()[0]},
            {"semantic": "surname", "value": EVERYBODY["surname"].drop_nulls()[1], "datasource": "mail:list"},
        ],
    }
    draw = np.random.default_rng(4)
    records = EVERYBODY.filter(pl.Series(draw.random(EVERYBODY.height) > 0.2))
    before = run(records, None, "learn", 0, **settings)
    assert before.frames["stitch_records"].filter("has_blv").height
    for day in range(1, 4):
        records = news(records, draw)
        found = run(records.reverse(), before, "auto", day, **settings)
        assert found.report.pace == "news"
        assert_equal(found, run(records, before, "whole", day, **settings))
        assert_told(found, before)
        before = found


def test_days_of_people_too_large_for_all_of_their_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who grows has fewer pairs, and all of them again who shrinks."""
    monkeypatch.setattr(within, "MOST_PAIRED", 2)
    assert_days_equal(3, np.random.default_rng(8))


def test_what_a_record_says_in_a_column_with_an_ordinal_is_news() -> None:
    """And is compared as the column without one would be."""
    records = EVERYBODY.rename({"email": "email_1"}).with_columns(email=pl.lit(None, pl.String))
    plain, before = run(EVERYBODY, None, "learn", 0), run(records, None, "learn", 0)
    assert before.frames["stitch_ids"].equals(plain.frames["stitch_ids"])
    mailboxes = EVERYBODY["email"].drop_nulls()
    another = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(mailboxes[-1])).otherwise("email_1")
    records = records.with_columns(another.alias("email_1"))
    found = run(records, before, "auto", 1)
    assert (found.report.pace, found.report.news) == ("news", 1)
    assert_equal(found, run(records, before, "whole", 1))
    assert_told(found, before)


def label(name: str, semantic: str, *partitions: list[str]) -> pl.DataFrame:
    """Give the rows of a label: the values of one partition, or of two."""
    rows = [
        ("by hand", name, str(number), "*", semantic, value)
        for number, values in enumerate(partitions, 1)
        for value in values
    ]
    return pl.DataFrame(rows, schema=LABEL_SCHEMA, orient="row")


@pytest.mark.parametrize("seed", range(4))
def test_days_with_labels_equal_whole_runs(seed: int) -> None:
    """Some join strangers and some part records that say the same; some are about mailboxes that records come to have.

    A mailbox and a name that several labels name join what these are about, as long as a record holds both.
    """
    draw = np.random.default_rng(seed)
    pks = PEOPLE["pk"].unique().sort().sample(fraction=1.0, shuffle=True, seed=seed).to_list()
    twins = [pk.removesuffix("-copy") for pk in EVERYBODY["pk"] if pk.endswith("-copy")]
    mailboxes = EVERYBODY["email"].drop_nulls().unique().sort().sample(6, seed=seed).to_list()
    labels = pl.concat(
        [
            *(
                label(f"join {place}", "pk", [one, other])
                for place, (one, other) in enumerate(zip(pks[:12], pks[12:24], strict=True))
            ),
            *(label(f"part {pk}", "pk", [pk], [f"{pk}-copy"]) for pk in twins[:8]),
            label("mailboxes", "email", mailboxes[:1], mailboxes[1:2]),
            label("a mailbox", "email", mailboxes[2:4]),
            label(
                "a name", "surname", EVERYBODY["surname"].drop_nulls().unique().sort().sample(1, seed=seed).to_list()
            ),
            label("nobody", "pk", ["not there"]),
        ]
    )
    records = EVERYBODY.filter(pl.Series(draw.random(EVERYBODY.height) > 0.2))
    before = run(records, None, "learn", 0, labels)
    assert before.frames["stitch_labelled"].height > 20
    for day in range(1, 5):
        records = news(records, draw)
        found = run(records.sample(fraction=1.0, shuffle=True, seed=day), before, "auto", day, labels)
        assert found.report.pace == "news"
        assert_equal(found, run(records, before, "whole", day, labels))
        before = found


def test_a_record_that_comes_or_goes_joins_and_parts_those_whom_labels_name_with_it() -> None:
    """Two strangers, and two records that say the same; nothing else has the four to do with it."""
    one, other, twin, stranger = EVERYBODY["pk"][3], EVERYBODY["pk"][40], EVERYBODY["pk"][7], "label-stranger"
    assert f"{twin}-copy" in EVERYBODY["pk"]
    between = pl.DataFrame({"datasource": ["mail:list"], "pk": [stranger], "email": ["nobody.else@stranger.example"]})
    pks = (one, other, twin, f"{twin}-copy")
    labels = pl.concat([label(f"with {pk}", "pk", [pk, stranger]) for pk in pks])
    before, both = run(EVERYBODY, None, "learn", 0, labels), pl.concat([EVERYBODY, between], how="diagonal")
    for day, records in enumerate((both, EVERYBODY, both), 1):
        found = run(records, before, "auto", day, labels)
        assert found.report.pace == "news"
        assert_equal(found, run(records, before, "whole", day, labels))
        people = found.frames["stitch_ids"].filter(pl.col("pk").is_in(pks))["amperity_id"].n_unique()
        assert people == (1 if records is both else 3)
        before = found


def test_whom_labels_join_and_part_is_parted_into_the_same_sides_on_a_day_of_news() -> None:
    """The sides are found in the order of the records: the four here are two sides, in another order three."""
    named = EVERYBODY.filter(pl.col("surname").is_not_null() & pl.col("email").is_not_null()).unique(
        "email", keep="first"
    )
    pks = [pk for pk in named.sort(KEYS)["pk"] if f"{pk}-copy" in EVERYBODY["pk"]][:4]
    one, two, three, four = pks
    labels = pl.concat(
        [
            label("joined", "pk", [f"{pk}-copy" for pk in pks]),
            label("one from two", "pk", [one], [two]),
            label("one from three", "pk", [one], [three]),
            label("two from four", "pk", [two], [four]),
        ]
    )
    before = run(EVERYBODY, None, "learn", 0, labels)
    for day in range(1, 4):
        gone = (pl.int_range(pl.len()) % 50 == day) & ~pl.col("pk").str.strip_suffix("-copy").is_in(pks)
        records = EVERYBODY.filter(~gone).sample(fraction=1.0, shuffle=True, seed=day)
        found = run(records, before, "auto", day, labels)
        assert_equal(found, run(records, before, "whole", day, labels))
        assert found.frames["stitch_ids"].filter(pl.col("pk").is_in(pks))["amperity_id"].n_unique() == 2
        before = found


def test_news_that_labels_contradict_each_other_about_are_refused_as_in_a_whole_run() -> None:
    """A record comes that one label names with either of two records which another parts."""
    ann, bob, cleo = (f"label-{name}" for name in ("ann", "bob", "cleo"))
    three = EVERYBODY.head(3).with_columns(pk=pl.Series([ann, bob, cleo]))
    labels = pl.concat(
        [label("part", "pk", [ann], [bob]), label("one", "pk", [ann, cleo]), label("other", "pk", [bob, cleo])]
    )
    before = run(pl.concat([EVERYBODY, three.head(2)]), None, "learn", 0, labels)
    for pace in ("auto", "whole"):
        with pytest.raises(LabelError, match=r"part parts records that one, other(, part)? joined"):
            run(pl.concat([EVERYBODY, three]), before, pace, 1, labels)


def test_records_of_a_new_source_stand_in_their_place() -> None:
    """Before, between and after those that were there, in tables whose rows are in order."""
    before = run(EVERYBODY, None, "learn", 0)
    sources = ("a:first", "mail:list", "z:last")
    fresh = pl.concat(
        EVERYBODY.head(9).with_columns(datasource=pl.lit(name), pk=pl.format("new-{}-{}", "datasource", "pk"))
        for name in sources
    )
    records = pl.concat([fresh, EVERYBODY])
    found = run(records, before, "auto", 1)
    assert_equal(found, run(records, before, "whole", 1))
    for name in ("stitch_ids", "stitch_records", "stitch_spelled"):
        assert found.frames[name].select(KEYS).equals(records.select(KEYS).sort(KEYS)), name


def test_blocks_that_outgrow_what_is_compared_are_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With blocks of four at most, most of them grow beyond it and come back below from day to day."""
    for module in (block, touched):
        monkeypatch.setattr(module, "MOST_PER_BLOCK", 4)
    assert_days_equal(3, np.random.default_rng(7))


def test_values_that_become_bad_or_good_again_part_and_join_those_who_share_them() -> None:
    """A mailbox shared by more names than its rule allows, and by as many as it allows after one is gone."""
    rule = [{"semantic": "email", "proxy": "given-name", "threshold": 3}]
    names = ["Ann", "Bob", "Cleo", "Dora"]
    shared = pl.DataFrame(
        {
            "datasource": ["mail:list"] * 4,
            "pk": [f"shared-{name}" for name in names],
            "given_name": names,
            "surname": ["Stone"] * 4,
            "email": ["family@stone.example"] * 4,
        }
    )
    three, four = (pl.concat([EVERYBODY, shared.head(count)], how="diagonal") for count in (3, 4))
    before = run(three, None, "learn", 0, badvalues_config=rule)
    for day, records in enumerate((four, three), start=1):
        found = run(records, before, "auto", day, badvalues_config=rule)
        assert_equal(found, run(records, before, "whole", day, badvalues_config=rule))
        flagged = found.frames["stitch_records"].filter("blv_email").height
        assert flagged == (4 if records is four else 0)
        before = found


def test_an_address_that_becomes_bad_is_so_for_its_flat_alone() -> None:
    """And good again where one of those who live there is gone."""
    rule = [{"semantic": "address", "proxy": "given-name", "threshold": 3}]
    names = ["Ann", "Bob", "Cleo", "Dora"] * 2
    flats = ["1 Birch St Apt 7"] * 4 + [f"1 Birch St Apt {flat}" for flat in range(4)]
    house = pl.DataFrame(
        {
            "datasource": ["mail:list"] * 8,
            "pk": [f"house-{number}" for number in range(8)],
            "given_name": names,
            "surname": ["Stone", "Marsh", "Field", "Brook"] * 2,
            "address": flats,
            "postal": ["98101"] * 8,
        }
    )
    everybody = pl.concat([EVERYBODY, house], how="diagonal")
    without = everybody.filter(pl.col("pk") != "house-0")
    before = run(without, None, "learn", 0, badvalues_config=rule)
    for day, records in enumerate((everybody, without), start=1):
        found = run(records, before, "auto", day, badvalues_config=rule)
        assert found.report.pace == "news"
        assert_equal(found, run(records, before, "whole", day, badvalues_config=rule))
        bad = found.frames["stitch_records"].filter("blv_address")["pk"].sort().to_list()
        assert bad == ([f"house-{number}" for number in range(4)] if records is everybody else [])
        before = found


def test_a_day_without_news_gives_what_was_there() -> None:
    """No table has another row."""
    before = run(EVERYBODY, None, "learn", 0)
    found = run(EVERYBODY, before, "auto", 1)
    assert found.report.pace == "news"
    for name, frame in before.frames.items():
        assert found.frames[name].sort(frame.columns).equals(frame.sort(frame.columns)), name


def test_everybody_gone_and_back_again() -> None:
    """An empty day is a day, and whoever comes back has the id of before."""
    before = run(EVERYBODY, None, "learn", 0)
    empty = run(EVERYBODY.clear(), before, "auto", 1)
    assert_equal(empty, run(EVERYBODY.clear(), before, "whole", 1))
    back = run(EVERYBODY, empty, "auto", 2)
    ids = [one.frames["stitch_ids"].sort(KEYS) for one in (before, back)]
    assert ids[0].equals(ids[1])


def test_what_a_record_does_not_say_any_more_is_in_no_table_of_a_days_run() -> None:
    """Its old mailbox was shared, shown as an example and a blocking key."""
    old = "OLD.MAILBOX.9@HOUSE.ORG"
    first = EVERYBODY.with_row_index("row").with_columns(
        pl.when(pl.col("row") < 2).then(pl.lit(old)).otherwise("email").alias("email")
    )
    before = run(first.drop("row"), None, "learn", 0)
    assert _tables_with(before, old)
    found = run(EVERYBODY, before, "auto", 1)
    assert found.report.pace == "news"
    assert not _tables_with(found, old)


def _tables_with(result: StitchResult, text: str) -> list[str]:
    return [
        name
        for name, frame in result.frames.items()
        if any(
            frame[column].str.contains(text, literal=True).any()
            for column in frame.columns
            if frame[column].dtype == pl.String
        )
    ]
