"""What links at a threshold."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.scores import linking_bits, scores
from tests.unit.stitch.people import people


@pytest.mark.parametrize("threshold", [0.5, 2.0, 3.0, 4.2, 4.99])
def test_odds_that_link_reach_the_threshold(threshold: float) -> None:
    no = np.array([False])
    assert scores(np.array([linking_bits(threshold)]), no, no)[0] == pytest.approx(threshold)
    assert scores(np.array([linking_bits(threshold) - 0.1]), no, no)[0] < threshold


def test_at_a_threshold_of_five_only_what_is_decided_links() -> None:
    """A foreign key does; names and contacts that all agree score 4.99."""
    once = people(200).drop("person").filter(datasource="shop:customers")
    twice = pl.concat([once, once.with_columns(datasource=pl.lit("copy"), phone=pl.lit(None, pl.String))])
    keyed = twice.with_columns(fk_card=pl.when(pl.col("pk").is_in(["p1", "p2"])).then("pk"))
    ids = resolve(keyed, Stitch(threshold=5.0), Given(key=b"k" * 32)).assigned.ids
    together = ids.group_by("amperity_id").agg("pk", pl.len()).filter(pl.col("len") > 1)["pk"].to_list()
    assert sorted(map(set, together), key=min) == [{"p1"}, {"p2"}]
