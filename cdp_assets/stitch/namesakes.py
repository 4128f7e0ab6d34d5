"""How many records bear a full name, and how many would by chance: what tells one person from namesakes.

Two records of one name are one person the more surely, the fewer others bear it, whatever its parts would lead one to
expect: families and fashions make full names far from chance. How surely is learnt from the pairs of each class that
have other evidence.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cdp_assets.stitch.column import Bools, Floats, Ints, Levels
from cdp_assets.stitch.encode import Encoded

NAMESAKES = "namesakes"
"""The field: its level is the class of the full name on which a pair agrees."""
BEARERS = (3, 4, 5, 6, 8, 11, 16, 26)
"""Where classes of names by their bearers begin; the first class has two."""
MOST_BEARERS = 80
"""Of a name that more bear not all pairs are compared, so these do not tell how common it is: its parts do."""
BY_CHANCE_LOG2 = (-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5)
"""Where classes of names by how many would bear them by chance begin, in log2."""


def _bearers(place: int) -> str:
    low = (2, *BEARERS)[place]
    high = (*BEARERS, MOST_BEARERS + 1)[place] - 1
    return str(low) if low == high else f"{low} to {high}"


def _by_chance(place: int) -> str:
    if place == 0:
        return f"under {2.0 ** BY_CHANCE_LOG2[0]:g}"
    return f"about {2.0 ** (BY_CHANCE_LOG2[place - 1] + 0.5):.2g}"


CLASSES = tuple(
    f"{_bearers(bearers)} bear the name, {_by_chance(chance)} would by chance"
    for chance in range(len(BY_CHANCE_LOG2) + 1)
    for bearers in range(len(BEARERS) + 1)
)
"""The classes of full names, in words."""


def by_chance_log2() -> Floats:
    """Give, per class, how many records would bear a name of it by chance, in log2."""
    edges = np.array([BY_CHANCE_LOG2[0] - 1, *BY_CHANCE_LOG2]) + 0.5
    return np.repeat(edges, len(BEARERS) + 1)


def classes(bearers: Floats, by_chance: Floats) -> npt.NDArray[np.int16]:
    """Give the class of names by how many records bear each, which are not too many, and by chance would, in log2."""
    found = np.digitize(by_chance, BY_CHANCE_LOG2) * (len(BEARERS) + 1) + np.digitize(bearers, BEARERS)
    return np.asarray(found, dtype=np.int16)


def parts_of_names(encoded: Encoded) -> tuple[Ints, Ints]:
    """Give, per full name, the codes of its formal given name and of its surname."""
    names = encoded["full_name"]
    holder = np.zeros(len(names), dtype=np.int64)
    known = np.flatnonzero(names.codes >= 0)
    holder[names.codes[known]] = known
    return encoded["formal_name"].codes[holder], encoded["surname"].codes[holder]


def same_name(encoded: Encoded, given: Levels, surname: Levels, left: Ints, right: Ints) -> Bools:
    """Say which pairs bear one full name, nicknames counting as the name they stand for."""
    one, other = encoded["full_name"].codes[left], encoded["full_name"].codes[right]
    return np.asarray((one >= 0) & (one == other) & ((given == 0) | (given == 2)) & (surname == 0), dtype=np.bool_)
