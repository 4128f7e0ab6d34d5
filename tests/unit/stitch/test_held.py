"""Who holds one of some blocking keys, against making every key of everybody."""

from __future__ import annotations

import numpy as np
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import Parts, keys_of
from cdp_assets.stitch.held import Keys, Wanted
from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.people import people

SETTINGS = Stitch()
EVERYBODY = normalised(people(90, seed=11).drop("person"))


@pytest.mark.parametrize("seed", range(3))
def test_exactly_the_rows_with_a_wanted_key_are_given(seed: int) -> None:
    """Of every kind of key, with their hashes; half of some people's keys are wanted."""
    draw = np.random.default_rng(seed)
    some = np.sort(draw.permutation(EVERYBODY.height)[:20]).astype(np.int32)
    keys = Keys(EVERYBODY, SETTINGS)
    wanted = []
    for (_, strategy), (_, key, _) in zip(keys.strategies(), keys_of(Parts(EVERYBODY[some]), SETTINGS), strict=True):
        hashes = np.unique(key.hashes[key.known])
        wanted.append(Wanted(strategy.parts, hashes[draw.random(len(hashes)) < 0.5]))
    found = keys.holding(wanted, keys.of(some))
    anew = [(key, one) for (_, key, _), one in zip(keys_of(Parts(EVERYBODY), SETTINGS), wanted, strict=True)]
    for held, (key, one) in zip(found, anew, strict=True):
        rows = np.flatnonzero(key.known & np.isin(key.hashes, one.hashes))
        assert held.rows.tolist() == rows.tolist()
        assert held.hashes.tolist() == key.hashes[rows].tolist()
    assert sum(len(held.rows) for held in found) > len(some)
