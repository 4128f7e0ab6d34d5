"""Records in Spark are spelled, numbered, judged and collapsed as in one process."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest

from cdp_assets.config.stitch import BadValueRule, Stitch
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.stages import Stages, stages_of
from cdp_assets.stitch.bad_values import without_bad_values
from cdp_assets.stitch.collapse import collapse
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.spark.people import NUMBER, keep_people, keep_records
from tests.unit.stitch.people import people

RULES = (
    BadValueRule(semantic="email", proxy="given-name", threshold=1),
    BadValueRule(semantic="address", proxy="surname", threshold=1),
)
LISTED = pl.DataFrame({"datasource": ["*"], "semantic": ["surname"], "value": ["smitha"], "is_preprocessed": [False]})
RECORDS = pl.concat([people(120), people(60, seed=2).with_columns(pl.col("pk") + "-b")]).drop("person")


@pytest.fixture
def stages(lake: Lake) -> Iterator[Stages]:
    """An empty folder of stages."""
    with stages_of(lake) as opened:
        yield opened


def test_people_are_those_of_one_process(stages: Stages) -> None:
    """Every record has its place, bad values are blanked, and twins have one that stands for them."""
    shared = RECORDS.with_columns(
        email=pl.when(pl.col("pk").str.ends_with("5")).then(pl.lit("desk@mail.com")).otherwise("email")
    )
    twice = pl.concat([shared, shared.with_columns(pl.col("datasource") + "2")]).sample(
        fraction=1.0, shuffle=True, seed=3
    )
    settings = Stitch(badvalues_config=RULES)
    records = keep_records(stages, lambda: stages.session().createDataFrame(twice.to_arrow()), settings, LISTED, 3)
    found = keep_people(stages, records, settings, 3)
    judged = without_bad_values(normalised(twice), RULES, (), LISTED)
    collapsed = collapse(judged.records)
    assert judged.flags["has_blv"].any()
    assert records.size == twice.height
    assert found.size == collapsed.records.height < twice.height
    rows = pl.DataFrame(stages.answer(lambda: found.frame("row"))).sort("row")
    assert rows["row"].equals(pl.Series("row", range(found.size), dtype=pl.Int64))
    assert rows.select(collapsed.records.columns).equals(collapsed.records)
    numbers = dict(pl.DataFrame(stages.answer(lambda: stages.read("twins"))).iter_rows())
    standing = {row: number for row, number in rows.select("row", NUMBER).iter_rows()}
    expected = dict(enumerate(standing[row] for row in collapsed.representative.tolist()))
    assert {number: numbers.get(number, number) for number in range(records.size)} == expected
