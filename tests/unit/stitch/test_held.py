"""Who holds one of some blocking keys, against making every key of everybody."""

from __future__ import annotations

import numpy as np
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import held
from cdp_assets.stitch.block import Parts, keys_of, names_of
from cdp_assets.stitch.held import Keys, Made, Wanted
from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.people import people

SETTINGS = Stitch()
EVERYBODY = normalised(people(90, seed=11).drop("person"))


def made_of_others(untold: np.ndarray) -> Made:
    """Give the parts of the first people, where those of whom nothing is told say what the one before them does."""
    known = EVERYBODY.height - 30
    others = np.arange(known)
    others[untold[untold < known]] -= 1
    parts = Parts(EVERYBODY[others])
    names = names_of(parts, SETTINGS)
    return Made({name: parts.made(name) for name in names}, np.union1d(untold, np.arange(known, EVERYBODY.height)))


@pytest.mark.parametrize("made", [None, made_of_others(np.array([3, 4, 50, 80])), made_of_others(np.arange(0))])
@pytest.mark.parametrize("seed", range(3))
def test_exactly_the_rows_with_a_wanted_key_are_given(
    monkeypatch: pytest.MonkeyPatch, seed: int, made: Made | None
) -> None:
    """Of every kind of key, with their hashes; half of some people's keys are wanted, some parts are made before."""
    monkeypatch.setattr(held, "MOST_AT_ONCE", 16)
    draw = np.random.default_rng(seed)
    some = np.sort(draw.permutation(EVERYBODY.height)[:20]).astype(np.int32)
    keys = Keys(EVERYBODY, SETTINGS, made)
    wanted = []
    for (_, strategy), (_, key, _) in zip(keys.strategies(), keys_of(Parts(EVERYBODY[some]), SETTINGS), strict=True):
        hashes = np.unique(key.hashes[key.known])
        wanted.append(Wanted(strategy.parts, hashes[draw.random(len(hashes)) < 0.5]))
    found = keys.holding(wanted, keys.of(some))
    anew = [(key, one) for (_, key, _), one in zip(keys_of(Parts(EVERYBODY), SETTINGS), wanted, strict=True)]
    for given, (key, one) in zip(found, anew, strict=True):
        rows, order = np.flatnonzero(key.known & np.isin(key.hashes, one.hashes)), np.argsort(given.rows)
        assert given.rows[order].tolist() == rows.tolist()
        assert given.hashes[order].tolist() == key.hashes[rows].tolist()
    assert sum(len(given.rows) for given in found) > len(some)
