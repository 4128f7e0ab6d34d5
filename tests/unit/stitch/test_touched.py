"""What the people who came or went do to blocks, against blocking everybody twice."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import block, touched
from cdp_assets.stitch.block import candidate_pairs
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.held import Keys
from cdp_assets.stitch.large_blocks import PLACE, LargeBlocks
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.touched import Touched, pairs_among
from tests.unit.stitch.people import people

SETTINGS = Stitch()
EVERYBODY = normalised(people(90, seed=11).drop("person"))
SIZE = EVERYBODY.height
Found = set[tuple[int, int]]


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (block, touched):
        monkeypatch.setattr(module, "MOST_PER_BLOCK", 5)


def blocked(of: Bools, records: pl.DataFrame = EVERYBODY, settings: Stitch = SETTINGS) -> block.Pairs:
    """Block some of everybody anew; pairs are those of their rows."""
    rows = np.flatnonzero(of).astype(np.int32)
    found = candidate_pairs(records.filter(pl.Series(of)), settings)
    return block.Pairs(rows[found.left], rows[found.right], found.skipped)


def told(pairs: block.Pairs) -> Found:
    """Give pairs by their rows."""
    return set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def since(before: Bools, after: Bools, records: pl.DataFrame = EVERYBODY, settings: Stitch = SETTINGS) -> Touched:
    """Give what differs between two days' people."""
    known = LargeBlocks(blocked(before, records, settings).skipped)
    return touched.touched(Keys(records, settings), before, after, known)


def some(draw: np.random.Generator, share: float) -> Bools:
    """Give some of everybody."""
    return np.asarray(draw.random(SIZE) < share)


@pytest.mark.parametrize("seed", range(4))
def test_whoever_came_or_went_and_who_holds_a_key_of_theirs_are_enough(seed: int) -> None:
    """Few of everybody, where few came or went; what differs between the two days is told of these as of all."""
    draw = np.random.default_rng(seed)
    before, after = some(draw, 0.98), some(draw, 0.98)
    keys, known = Keys(EVERYBODY, SETTINGS), LargeBlocks(blocked(before).skipped)
    holds, parts = before != after, block.Parts(EVERYBODY)
    for one in touched.wanted_keys(keys, before, after, known):
        key = parts.key(one.parts)
        holds |= key.known & np.isin(key.hashes, one.hashes)
    rows = np.flatnonzero(holds).astype(np.int32)
    of_all = since(before, after)
    found = touched.touched(Keys(EVERYBODY[rows], SETTINGS), before[rows], after[rows], known)
    assert told(block.Pairs(rows[found.pairs.left], rows[found.pairs.right], found.pairs.skipped)) == told(of_all.pairs)
    assert rows[found.regrouped].tolist() == np.flatnonzero(of_all.regrouped).tolist()
    blocks = [one.moved.drop("row").sort(*PLACE, nulls_last=True) for one in (found, of_all)]
    assert blocks[0].equals(blocks[1])
    assert len(of_all.pairs.left) > 0
    assert len(rows) < SIZE


@pytest.mark.parametrize("seed", range(6))
def test_pairs_that_come_or_go_between_unchanged_people_are_found(seed: int) -> None:
    """Every pair of people of both runs that is a candidate in one only has both ends among the regrouped."""
    draw = np.random.default_rng(seed)
    before, after = some(draw, 0.9), some(draw, 0.9)
    found = since(before, after)
    was, is_ = told(blocked(before)), told(blocked(after))
    moved = {pair for pair in was ^ is_ if all(before[list(pair)] & after[list(pair)])}
    assert moved
    assert all(found.regrouped[one] and found.regrouped[other] for one, other in moved)
    assert not found.regrouped[~after].any()


@pytest.mark.parametrize("seed", range(6))
def test_new_pairs_are_all_given(seed: int) -> None:
    """Those of whoever came, and of others whom a block that has come back brings together; all are candidates."""
    draw = np.random.default_rng(seed)
    before, after = some(draw, 0.9), some(draw, 0.9)
    found, today = told(since(before, after).pairs), told(blocked(after))
    assert found < today
    assert found > today - told(blocked(before))
    assert any(before[list(pair)].all() for pair in found)


@pytest.mark.parametrize("seed", range(6))
def test_blocks_that_are_too_large_are_counted_on(seed: int) -> None:
    """Sizes of today follow from those of the run before and from who came or went, parts of blocks included."""
    draw = np.random.default_rng(seed)
    before, after = some(draw, 0.8), some(draw, 0.8)
    found, anew = since(before, after), blocked(after).skipped
    assert {part is None for part in anew["part"]} == {True, False}
    for (name, part), blocks in anew.partition_by("strategy", "part", as_dict=True).items():
        assert found.blocks.sizes(name, part, blocks["block"].to_numpy()).tolist() == blocks["size"].to_list()
    assert found.moved.filter(pl.col("size") > 0).join(anew, on=PLACE, how="anti", nulls_equal=True).is_empty()


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
    found = since(before, after, shared, only_email)
    assert np.flatnonzero(found.regrouped).tolist() == [0, 1, 2, 3, 4, 5]


def test_where_nobody_changes_nobody_is_found() -> None:
    """A day without news has no block to look at."""
    same = some(np.random.default_rng(3), 0.8)
    found = since(same, same)
    assert not found.regrouped.any()
    assert not told(found.pairs)
    assert found.moved.is_empty()


@pytest.mark.parametrize("seed", range(4))
def test_the_pairs_among_some_are_those_of_everybody_that_have_two_of_them(seed: int) -> None:
    """Blocks count all of their members, chosen or not."""
    draw = np.random.default_rng(seed)
    there, chosen = some(draw, 0.9), some(draw, 0.4)
    chosen &= there
    everybody = blocked(there)
    found = pairs_among(Keys(EVERYBODY, SETTINGS), chosen, LargeBlocks(everybody.skipped))
    wanted = {(one, other) for one, other in told(everybody) if chosen[one] and chosen[other]}
    assert wanted
    assert told(found) == wanted
