"""Weights that move beyond their bound make a run learn anew, and it says which."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import drift
from cdp_assets.stitch.drift import family_hashes, moved, sampled
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, stitch
from tests.unit.stitch.people import people

START = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
RECORDS = people(800, seed=9).with_columns(
    birthdate=pl.date(1950 + pl.col("person") % 50, 1 + pl.col("person") % 12, 1 + pl.col("person") % 28).cast(str)
)
DAILY = Stitch(incremental_above_records=0, relearn_when_changed_percent=1000.0)
OTHERWISE = pl.col("birthdate").str.replace(r"^\d{4}-\d\d", "2001-09")


def run(records: pl.DataFrame, before: StitchResult | None, day: int, settings: Stitch = DAILY) -> StitchResult:
    """Resolve a day's records."""
    at = START + dt.timedelta(days=day)
    previous = before.frames if before else {}
    return stitch(records.drop("person"), settings, Given(key=b"k" * 32, run_id=f"run-{day}", at=at, previous=previous))


@pytest.fixture(scope="module")
def first() -> StitchResult:
    """Give the run that learns the model; one birthdate in twenty is wrong."""
    return run(wrong(0.05), None, 0)


def wrong(share: float) -> pl.DataFrame:
    """Give the records with so many of the birthdates wrong, those of a smaller share among them."""
    hit = (pl.int_range(pl.len()) * 7919 % 1000) < 1000 * share
    return RECORDS.with_columns(birthdate=pl.when(hit).then(OTHERWISE).otherwise("birthdate"))


def test_a_field_that_behaves_otherwise_makes_a_run_learn_anew_and_say_so(first: StitchResult) -> None:
    """Half of the birthdates are wrong; the next day is ordinary again, measured against what was learnt then."""
    second = run(wrong(0.5), first, 1)
    assert second.report.pace == "learn"
    assert second.report.why.startswith("the weight of birthdate '")
    assert second.report.why.endswith("bits since the model was learnt")
    assert second.frames["stitch_runs"].sort("timestamp")["why"][-1] == second.report.why
    assert not second.frames["stitch_model"].equals(first.frames["stitch_model"])
    assert run(wrong(0.505), second, 2).report.pace == "news"


def test_an_ordinary_day_keeps_the_model(first: StitchResult) -> None:
    """One record in a hundred is gone, and as many have other birthdates."""
    found = run(wrong(0.06).filter(pl.int_range(pl.len()) % 100 != 5), first, 1)
    assert found.report.pace == "news"
    assert found.frames["stitch_model"].equals(first.frames["stitch_model"])


def test_the_bound_is_a_setting(first: StitchResult) -> None:
    """Beyond any bound the day's news alone are resolved."""
    wide = DAILY.model_copy(update={"relearn_when_weights_move_bits": 50.0})
    assert run(wrong(0.5), first, 1, wide).report.pace == "news"


def test_a_run_that_learnt_no_sample_is_followed_by_one_that_does() -> None:
    """As after a day on which there were too few records for the news alone to be worth it."""
    few, many = RECORDS.head(90), RECORDS.head(100)
    settings = DAILY.model_copy(update={"incremental_above_records": 95, "relearn_when_weights_move_bits": 50.0})
    small = run(few, None, 0, settings)
    assert small.frames["stitch_model"]["sample_bits"].null_count() == small.frames["stitch_model"].height
    grown = run(many, small, 1, settings)
    assert grown.report.why == "the run before learnt no sample to hold today's records against"
    assert run(many.head(98), grown, 2, settings).report.pace == "news"


def table(*rows: tuple[str, str, float, float]) -> pl.DataFrame:
    """Give field, label, sample_share, sample_bits of levels that are numbered in order."""
    schema = ["field", "label", "sample_share", "sample_bits"]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(level=pl.int_range(pl.len()))


def test_the_weight_that_moved_most_is_told_and_rare_levels_are_not_looked_at() -> None:
    """A level counts that one pair in a hundred has on one of the days."""
    before = table(("email", "equal", 0.5, 9.0), ("phone", "equal", 0.4, 8.0), ("city", "other", 0.009, 0.0))
    today = table(("email", "equal", 0.5, 7.5), ("phone", "equal", 0.01, 10.0), ("city", "other", 0.009, 9.0))
    assert moved(before, today, 1.0) == "the weight of phone 'equal' moved by +2.0 bits since the model was learnt"
    assert (
        moved(before, today.head(1), 1.0) == "the weight of email 'equal' moved by -1.5 bits since the model was learnt"
    )
    assert moved(before, today, 2.0) == ""


def test_families_are_sampled_whole_and_the_same_every_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the last; who is sampled stays so when others go."""
    monkeypatch.setattr(drift, "SAMPLE", 200)
    found = RECORDS[sampled(family_hashes(RECORDS))]
    assert found.height == 200
    parted = [name for name in found["surname"].unique() if rows_of(found, name) != rows_of(RECORDS, name)]
    assert len(parted) <= 1
    others = RECORDS.filter(pl.int_range(pl.len()) % 50 != 0)
    fewer = others[sampled(family_hashes(others))]
    assert fewer.join(found, on=["datasource", "pk"], how="semi").height >= 190


def rows_of(records: pl.DataFrame, surname: str) -> int:
    """Count the records of a surname."""
    return records.filter(surname=surname).height
