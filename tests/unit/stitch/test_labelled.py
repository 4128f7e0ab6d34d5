"""Whom labels moved is told from run to run: when they come, when they change and when they go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import learn
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, stitch
from cdp_assets.stitch.labelled import idle, nobody_labelled, relabelled, said_of
from cdp_assets.stitch.labels import LABEL_SCHEMA
from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.people import people

SHOP, POS = "shop:customers", "pos:shoppers"
RECORDS = people(80).drop("person")
START = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)


@pytest.fixture(scope="module", autouse=True)
def few_strangers() -> Iterator[None]:
    """Learn from fewer random pairs: how rare what is matters little here, and a run takes a tenth of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn, "RANDOM_PAIRS", 20_000)
        yield


def labels(**parts: str) -> pl.DataFrame:
    """Give labels by id: the records of partition 1 and of partition 2, a blank between."""
    rows = [
        ("ops.labels", name, str(part), SHOP, "pk", pk)
        for name, text in parts.items()
        for part, pks in enumerate(text.split("/"), 1)
        for pk in pks.split()
    ]
    return pl.DataFrame(rows, schema=LABEL_SCHEMA, orient="row")


def run(day: int, before: StitchResult | None = None, table: pl.DataFrame | None = None) -> StitchResult:
    """Resolve the same records under other labels."""
    previous: Mapping[str, pl.DataFrame] = before.frames if before else {}
    at = START + dt.timedelta(days=day)
    return stitch(RECORDS, Stitch(), Given(key=b"k" * 32, run_id=f"run-{day}", at=at, previous=previous, labels=table))


def ids(result: StitchResult) -> dict[tuple[str, str], str]:
    """Give who is who."""
    return {(source, pk): found for source, pk, found in result.frames["stitch_ids"].select(*KEYS_AND_ID).iter_rows()}


KEYS_AND_ID = ("datasource", "pk", "amperity_id")


def told(result: StitchResult, day: int) -> set[tuple[str, str]]:
    """Give type and cause of the changes of records that a run told."""
    found = result.frames["unified_changes_pks"].filter(job_id=f"run-{day}")
    return set(found.select("change_type", "_cdp_cause").rows())


def test_a_label_that_joins_holds_and_goes_is_the_cause_each_time() -> None:
    """All records of one person move to the other's id and back, and nobody's jitter counts."""
    first = run(0)
    second = run(1, first, labels(L="p1 p2"))
    held = run(2, second, labels(L="p1 p2"))
    gone = run(3, held)
    assert ids(first)[SHOP, "p1"] != ids(first)[SHOP, "p2"]
    assert ids(second)[SHOP, "p1"] == ids(second)[SHOP, "p2"]
    assert ids(held) == ids(second)
    assert ids(gone) == ids(first)
    assert [told(one, day) for day, one in enumerate((first, second, held, gone))] == [
        set(), {("updated", "label")}, set(), {("updated", "label")}
    ]  # fmt: skip
    moved = second.frames["unified_changes_pks"].filter(pl.col("pk").is_in(["p1", "p2"]))
    assert moved.height > 1, "records that no label names moved along"
    assert (second.report.jitter_percent, gone.report.jitter_percent) == (0.0, 0.0)


def test_a_label_that_parts_and_is_turned_round_is_the_cause() -> None:
    """The same rows with another partition are another label."""
    person = ids(run(0))
    both = [(SHOP, "p1"), (POS, "p1")]
    assert person[both[0]] == person[both[1]]
    rows = [("ops.labels", "L", part, source, "pk", "p1") for part, source in (("1", SHOP), ("2", POS))]
    parting = pl.DataFrame(rows, schema=LABEL_SCHEMA, orient="row")
    parted = run(1, run(0), parting)
    joined = run(2, parted, parting.with_columns(partition_id=pl.lit("1")))
    assert [len({ids(one)[record] for record in both}) for one in (parted, joined)] == [2, 1]
    assert [told(one, day) for day, one in ((1, parted), (2, joined))] == [{("updated", "label")}] * 2


def test_each_record_has_the_labels_that_name_it() -> None:
    """By table, id and partition, whichever row came first; who has none has no row."""
    records = normalised(RECORDS)
    found = said_of(labels(A="p1/p2", B="p2 p3").reverse(), records, ()).labelled
    assert found.rows() == [
        (SHOP, "p1", "ops.labels A 1"),
        (SHOP, "p2", "ops.labels A 2; ops.labels B 1"),
        (SHOP, "p3", "ops.labels B 1"),
    ]
    assert said_of(None, records, ()).labelled.is_empty()


def test_records_of_other_labels_than_before_are_found() -> None:
    """New, changed and removed ones; without a run before, all."""
    records = normalised(RECORDS)
    before, now = (said_of(one, records, ()).labelled for one in (labels(A="p1/p2", C="p4"), labels(A="p1 p2", D="p5")))
    assert sorted(relabelled(before, now)["pk"]) == ["p2", "p4", "p5"]
    assert sorted(relabelled(None, now)["pk"]) == ["p1", "p2", "p5"]
    assert relabelled(now, now).is_empty()


def test_labels_that_force_nothing_are_told() -> None:
    """A partition without a record, a label of one record, a source that nobody has; those that do force are not."""
    one, two, three = RECORDS["pk"].unique().sort()[:3]
    asked = pl.concat(
        [
            labels(joins=f"{one} {two}", parts=f"{one}/{three}", half=f"{one}/gone", alone=f"{one} gone", none="gone"),
            labels(elsewhere=f"{one} {two}").with_columns(datasource=pl.lit("shop:custommers")),
        ]
    )
    records = normalised(RECORDS.unique("pk").with_columns(datasource=pl.lit(SHOP)))
    assert idle(asked, said_of(asked, records, ()).labelled) == ["alone", "elsewhere", "half", "none"]
    assert idle(None, nobody_labelled()) == []
