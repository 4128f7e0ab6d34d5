"""Spark finds the pairs that one process finds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.stages import Stages, stages_of
from cdp_assets.stitch.block import MOST_PER_BLOCK, candidate_pairs
from cdp_assets.stitch.collapse import collapse
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.spark.pairs import keep_pairs
from cdp_assets.stitch.spark.people import keep_people, keep_records
from tests.unit.stitch.people import people

RECORDS = people(400).drop("person")
SETTINGS = Stitch(badvalues_config=())


@pytest.fixture
def stages(lake: Lake) -> Iterator[Stages]:
    """An empty folder of stages."""
    with stages_of(lake) as opened:
        yield opened


def test_pairs_and_large_blocks_are_those_of_one_process(stages: Stages) -> None:
    """Small blocks whole, larger ones by their parts, and what is too large listed with its size."""
    records = keep_records(stages, lambda: stages.session().createDataFrame(RECORDS.to_arrow()), SETTINGS, None, 3)
    found = keep_people(stages, records, SETTINGS, 3)
    keep_pairs(stages, found, SETTINGS)
    expected = candidate_pairs(collapse(normalised(RECORDS)).records, SETTINGS)
    pairs = np.sort(stages.answer(lambda: stages.read("pairs"))["pair"].to_numpy())
    assert pairs.tolist() == (expected.left * np.int64(found.size) + expected.right).tolist()
    large = pl.DataFrame(stages.answer(lambda: stages.read("large")))
    assert expected.skipped.height > 0
    assert sorted(large["size"]) == sorted(expected.skipped["size"])
    assert large["size"].min() > MOST_PER_BLOCK  # type: ignore[operator]
