"""Who holds one of some blocking keys, against making every key of everybody."""

from __future__ import annotations

import numpy as np
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import held
from cdp_assets.stitch.block import Parts, every_name_of, keys_of
from cdp_assets.stitch.held import Keys, Wanted
from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.people import people

SETTINGS = Stitch()
EVERYBODY = normalised(people(90, seed=11).drop("person"))


def made_of_first(known: int) -> dict[str, np.ndarray]:
    """Give what the keys of so many people are made of."""
    parts = Parts(EVERYBODY[:known])
    return dict(parts.made_of(every_name_of(parts, SETTINGS)))


@pytest.mark.parametrize("made", [None, made_of_first(EVERYBODY.height - 30), made_of_first(EVERYBODY.height)])
@pytest.mark.parametrize("seed", range(3))
def test_exactly_the_rows_with_a_wanted_key_are_given(
    monkeypatch: pytest.MonkeyPatch, seed: int, made: dict[str, np.ndarray] | None
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
