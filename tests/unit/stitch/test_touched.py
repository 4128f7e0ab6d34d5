"""Whose candidate pairs are other than before, against blocking everybody twice."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import block, touched
from cdp_assets.stitch.block import candidate_pairs
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.touched import Keys, pairs_of, regrouped
from tests.unit.stitch.people import people

SETTINGS = Stitch()
EVERYBODY = normalised(people(90, seed=11).drop("person"))
SIZE = EVERYBODY.height


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (block, touched):
        monkeypatch.setattr(module, "MOST_PER_BLOCK", 5)


def pairs(of: Bools) -> set[tuple[int, int]]:
    """Give the candidate pairs among some of everybody, by their rows."""
    rows = np.flatnonzero(of)
    found = candidate_pairs(EVERYBODY.filter(pl.Series(of)), SETTINGS)
    return set(zip(rows[found.left].tolist(), rows[found.right].tolist(), strict=True))


def some(draw: np.random.Generator, share: float) -> Bools:
    """Give some of everybody."""
    return np.asarray(draw.random(SIZE) < share)


@pytest.mark.parametrize("seed", range(6))
def test_pairs_that_come_or_go_between_unchanged_people_are_found(seed: int) -> None:
    """Every pair of people of both runs that is a candidate in one only has both ends among those found."""
    draw = np.random.default_rng(seed)
    before, after = some(draw, 0.9), some(draw, 0.9)
    found = regrouped(Keys(EVERYBODY, SETTINGS), before, after)
    moved = {pair for pair in pairs(before) ^ pairs(after) if all(before[list(pair)] & after[list(pair)])}
    assert moved
    assert all(found[one] and found[other] for one, other in moved)
    assert not found[~after].any()


def test_a_part_of_a_large_block_that_outgrows_what_is_compared_is_found() -> None:
    """All share a mailbox; of the five with one given name each pair was a candidate, of six none is."""
    given = ["ANN"] * 6 + ["BOB"] * 2
    shared = EVERYBODY.head(8).with_columns(
        pl.lit("ALL@MAIL.COM").alias("email"),
        pl.Series("given_name", given),
        *(pl.lit(None, pl.String).alias(name) for name in ("surname", "birthdate", "postal", "phone")),
    )
    after = np.ones(8, dtype=np.bool_)
    before = after.copy()
    before[5] = False
    only_email = Stitch(blocking_strategies=("email",), wider_blocking=False)
    found = regrouped(Keys(shared, only_email), before, after)
    assert np.flatnonzero(found).tolist() == [0, 1, 2, 3, 4, 5]


def test_where_nobody_changes_nobody_is_found() -> None:
    """A day without news has no block to look at."""
    draw = np.random.default_rng(3)
    same = some(draw, 0.8)
    assert not regrouped(Keys(EVERYBODY, SETTINGS), same, same).any()


@pytest.mark.parametrize("seed", range(4))
def test_the_pairs_of_some_are_those_of_everybody_that_have_them(seed: int) -> None:
    """Blocks count all of their members, chosen or not."""
    draw = np.random.default_rng(seed)
    there, chosen = some(draw, 0.9), some(draw, 0.1)
    chosen &= there
    found = pairs_of(Keys(EVERYBODY, SETTINGS), there, chosen)
    wanted = {(one, other) for one, other in pairs(there) if chosen[one] or chosen[other]}
    assert wanted
    assert set(zip(found.left.tolist(), found.right.tolist(), strict=True)) == wanted
