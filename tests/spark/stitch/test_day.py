"""A day's news that Spark resolves alone leave every table as one process does, and as a run over all records does."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest

from cdp_assets.config.stitch import BadValue, BadValueRule, Stitch
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.stages import Stages, stages_of
from cdp_assets.stitch import drift, kernel
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from cdp_assets.stitch.outputs.tables import OUTPUTS
from cdp_assets.stitch.report import Report
from cdp_assets.stitch.spark import day as day_in_spark
from cdp_assets.stitch.spark.day import resolved_day
from cdp_assets.stitch.spark.near import TooManyError, few
from cdp_assets.stitch.spark.news import Known
from tests.spark.stitch.test_run import DAYS, Frames, in_order, in_spark
from tests.unit.stitch.people import people
from tests.unit.stitch.test_incremental import ALWAYS, LAST_WHOLE, label

KEY = b"k" * 32
RULE = BadValueRule(semantic="email", proxy="given-name", threshold=3)
NAMES = ("Ann", "Bob", "Cleo", "Dora", "Eve")
PEOPLE = people(260, seed=5).drop("person")
DESK, TILL = "(206) 555-0101", "(206) 555-0102"
"""Phones that too many share to be compared whole: one of them every day, the other on the last one."""
NUMBER = pl.col("pk").str.extract(r"(\d+)").cast(pl.Int64)


HERMITS = pl.DataFrame(
    {
        "datasource": ["shop:customers"] * 2,
        "pk": ["hermit-a", "hermit-b"],
        "given_name": ["Quentin", "Ursula"],
        "surname": ["Xanthopoulos", "Yngvarsdottir"],
        "email": ["qx@far.example", "uy@away.example"],
    }
)
"""Two who share nothing with anybody."""


def family(mailbox: str, count: int) -> pl.DataFrame:
    """Give so many people of one name who share a mailbox."""
    return pl.DataFrame(
        {
            "datasource": ["mail:list"] * count,
            "pk": [f"{mailbox}-{name}" for name in NAMES[:count]],
            "given_name": NAMES[:count],
            "surname": ["Stone"] * count,
            "email": [f"{mailbox}@stone.example"] * count,
        }
    )


def day(number: int) -> pl.DataFrame:
    """Give a day's records: some come, go and change; on the last a mailbox becomes bad as another one becomes good."""
    copies = PEOPLE.head(60).with_columns(pl.col("pk") + "-copy")
    there = pl.concat([PEOPLE, copies]).filter((NUMBER + number) % 41 != 0)
    other = (NUMBER + number) % 67 == 0
    place = pl.when(NUMBER >= 90, NUMBER % 3 != 0, ~other).then(1).cum_sum()
    phone = pl.when(other).then(pl.col("phone").reverse())
    swapped = there.with_columns(
        phone=phone.when(NUMBER % 3 == 0)
        .then(pl.lit(DESK))
        .when(place <= 79 + number)
        .then(pl.lit(TILL))
        .otherwise("phone"),
        surname=pl.when((NUMBER == 30) & (number > 0)).then(pl.lit("Ferreira")).otherwise("surname"),
    )
    return pl.concat([swapped, HERMITS, family("old", 5 - number), family("new", 2 + number)], how="diagonal")


SETTINGS = Stitch.model_validate(
    ALWAYS
    | {
        "badvalues_config": [RULE],
        "bad_values": [BadValue(semantic="phone", value=PEOPLE.filter(pk="p1")["phone"].drop_nulls()[0])],
    }
)


STRANGERS, TWINS, COMES = ("p7", "p131"), ("p12", "p12-copy"), "new-Dora"
LABELS = pl.concat(
    [
        label("strangers", "pk", [*STRANGERS]),
        label("twins", "pk", *([pk] for pk in TWINS)),
        label("with one who comes", "pk", ["hermit-a", COMES]),
        label("and another", "pk", ["hermit-b", COMES]),
    ]
)
"""Two strangers are one person, two records that say the same are two; two others meet in one who comes last."""


def given(number: int, pace: str, previous: Frames) -> Given:
    """Give what a day's run is given."""
    return Given(KEY, f"run {number}", DAYS[number], pace=pace, previous=previous, labels=LABELS)


@pytest.fixture
def stages(lake: Lake) -> Iterator[Stages]:
    """An empty folder of stages."""
    with stages_of(lake) as opened:
        yield opened


@pytest.fixture(scope="module")
def before() -> Frames:
    """What one process makes of two days."""
    first = stitch(day(0), SETTINGS, given(0, "learn", {})).frames
    return stitch(day(1), SETTINGS, given(1, "auto", first)).frames


@pytest.fixture(scope="module")
def samples() -> Iterator[list[pl.DataFrame]]:
    """What a small sample of the day's people teaches, of each run in turn."""
    found: list[pl.DataFrame] = []

    def held_against(_: pl.DataFrame, sample: pl.DataFrame, __: float) -> str:
        found.append(sample)
        return ""

    with pytest.MonkeyPatch.context() as patch:
        for module in (drift, day_in_spark):
            patch.setattr(module, "SAMPLE", 150)
        for module in (kernel, day_in_spark):
            patch.setattr(module, "moved", held_against)
        yield found


@pytest.fixture(scope="module")
def alone(before: Frames, samples: list[pl.DataFrame]) -> tuple[Frames, Report]:
    """What one process makes of the news."""
    found = stitch(day(2), SETTINGS, given(2, "auto", before))
    return found.frames, found.report


@pytest.fixture(scope="module")
def spread(
    sessions: SparkSessions, tmp_path_factory: pytest.TempPathFactory, before: Frames, alone: tuple[Frames, Report],
    samples: list[pl.DataFrame],
) -> tuple[Frames, Report]:  # fmt: skip
    """What Spark makes of them afterwards."""
    lake = Lake(tmp_path_factory.mktemp("lake"), sessions)
    return in_spark(lake, day(2), SETTINGS, given(2, "auto", before))


@pytest.fixture(scope="module")
def whole(before: Frames) -> Frames:
    """What one process makes of all of the day's records, with the same model."""
    return stitch(day(2), SETTINGS, given(2, "whole", before)).frames


@pytest.mark.parametrize("name", [*OUTPUTS, "stitch_runs"])
def test_a_table_holds_the_rows_of_one_process(
    name: str, alone: tuple[Frames, Report], spread: tuple[Frames, Report]
) -> None:
    """Column by column, whatever the order of rows."""
    expected, found = alone[0][name], spread[0][name]
    assert in_order(found, expected.columns).cast(expected.schema).equals(in_order(expected, expected.columns))


@pytest.mark.parametrize("name", sorted({*OUTPUTS} - LAST_WHOLE))
def test_a_table_holds_the_rows_of_a_run_over_all_records(
    name: str, whole: Frames, spread: tuple[Frames, Report]
) -> None:
    """With the model of the run before."""
    expected, found = whole[name], spread[0][name]
    assert in_order(found, expected.columns).cast(expected.schema).equals(in_order(expected, expected.columns))


def test_the_report_says_the_same(alone: tuple[Frames, Report], spread: tuple[Frames, Report]) -> None:
    """But for how long it took."""
    names = [name for name in Report.__dataclass_fields__ if name not in ("seconds", "jitter_percent")]
    assert {name: getattr(spread[1], name) for name in names} == {name: getattr(alone[1], name) for name in names}
    assert (spread[1].pace, 0 < spread[1].news < 60) == ("news", True)
    assert spread[1].jitter_percent == pytest.approx(alone[1].jitter_percent)


def test_the_same_people_are_held_against_the_model(spread: tuple[Frames, Report], samples: list[pl.DataFrame]) -> None:
    """Some families of all of today's people, whether they were looked at again or not."""
    one, other = samples
    assert one.height > 0
    assert one.equals(other)


def test_labels_hold_and_reach_those_who_did_not_change(before: Frames, spread: tuple[Frames, Report]) -> None:
    """Some are only named together with one who came on the last day."""
    people = [dict(frames["stitch_ids"].select("pk", "amperity_id").iter_rows()) for frames in (before, spread[0])]
    for ids in people:
        assert ids[STRANGERS[0]] == ids[STRANGERS[1]]
        assert ids[TWINS[0]] != ids[TWINS[1]]
    assert COMES not in people[0]
    assert people[0]["hermit-a"] != people[0]["hermit-b"]
    assert people[1]["hermit-a"] == people[1]["hermit-b"] == people[1][COMES]


def test_values_became_bad_and_good_again(before: Frames, spread: tuple[Frames, Report]) -> None:
    """So that more than the news had to be looked at."""
    flagged = [set(frames["stitch_records"].filter("blv_email")["pk"].str.head(3)) for frames in (before, spread[0])]
    assert flagged == [{"old"}, {"new"}]


def test_values_without_a_column_that_says_they_are_bad_need_a_run_over_all(stages: Stages) -> None:
    """A list may name any; which records held one is in no table."""
    listed = pl.DataFrame({"datasource": ["*"], "semantic": ["company"], "value": ["x"], "is_preprocessed": [True]})
    asked = Given(KEY, bad_values=listed)
    why = resolved_day(stages, lambda: stages.session().range(0), Known({}), Stitch(), asked)
    assert why == "values of company may be bad, and no table says which are"


def test_no_more_records_come_here_than_one_process_is_to_hold(stages: Stages) -> None:
    """A day that reaches more is resolved with all records."""
    assert few(stages, lambda: stages.session().range(7), 7).height == 7
    with pytest.raises(TooManyError):
        few(stages, lambda: stages.session().range(8), 7)
