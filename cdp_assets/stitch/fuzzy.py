"""Says whether two unequal values may be one value in two spellings; what rules and separation keys go by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.normalise.nicknames import COMMON, Nicknames
from cdp_assets.stitch.similar import edits, similarities

Similar = Callable[[list[str], list[str]], Bools]
Texts = list[str]
GIVEN = ("given_name", "middle_name")
NAMES_ALIKE = 0.9
COMPANIES_ALIKE = 85.0
ONE_GENERATION = frozenset({("II", "JR"), ("JR", "II")})
"""The second of a name is also called junior."""


def similar(semantic: str, left: Texts, right: Texts, nicknames: Nicknames = COMMON) -> Bools:
    """Say which pairs of unequal normalised values of a semantic's column are similar.

    Only the semantics of GIVEN and SIMILAR have similar values; keys of other systems are equal or they are not.

    >>> similar("given_name", ["LIZ", "ANN"], ["ELIZABETH", "BOB"]).tolist()
    [True, False]
    """
    name = semantic.removeprefix("sk_")
    if name in GIVEN:
        return _given_names(left, right, nicknames)
    say = SIMILAR.get(name)
    return say(left, right) if say else np.zeros(len(left), dtype=np.bool_)


def _where(left: Texts, right: Texts, say: Callable[[str, str], bool]) -> Bools:
    return np.fromiter((say(a, b) for a, b in zip(left, right, strict=True)), dtype=np.bool_, count=len(left))


def _shortest(left: Texts, right: Texts) -> npt.NDArray[np.int64]:
    return np.fromiter((min(len(a), len(b)) for a, b in zip(left, right, strict=True)), np.int64, len(left))


def _is_part(one: str, other: str) -> bool:
    pieces, others = (set(name.replace("-", " ").split()) for name in (one, other))
    return pieces <= others or others <= pieces


def _names(left: Texts, right: Texts) -> Bools:
    slip = edits(left, right, 1) & (_shortest(left, right) > 3)
    return slip | (similarities(left, right) >= NAMES_ALIKE) | _where(left, right, _is_part)


def _given_names(left: Texts, right: Texts, nicknames: Nicknames) -> Bools:
    """Names that one person may go by: a slip, a nickname, an initial, one of several names."""
    nickname = _where(left, right, lambda a, b: (a, b) in nicknames.pairs)
    initial = _where(left, right, lambda a, b: min(len(a), len(b)) == 1 and a[0] == b[0])
    return _names(left, right) | nickname | initial


def _birthdates(left: Texts, right: Texts) -> Bools:
    """Dates that differ by a slip of the pen, or with month and day in each other's place."""
    swapped = _where(left, right, lambda a, b: (a[:4], a[5:7], a[8:]) == (b[:4], b[8:], b[5:7]))
    return swapped | edits(left, right, 1)


def _generations(left: Texts, right: Texts) -> Bools:
    return _where(left, right, lambda a, b: (a, b) in ONE_GENERATION)


def _companies(left: Texts, right: Texts) -> Bools:
    found = process.cpdist(left, right, scorer=fuzz.token_set_ratio, dtype=np.float32)
    return np.asarray(np.asarray(found) >= COMPANIES_ALIKE)


def _emails(left: Texts, right: Texts) -> Bools:
    """Addresses that differ by a slip; digits must agree: `ann23` and `ann26` are two people."""

    def digits(text: str) -> str:
        return "".join(filter(str.isdigit, text))

    return edits(left, right, 1) & _where(left, right, lambda a, b: digits(a) == digits(b))


def _slips(left: Texts, right: Texts) -> Bools:
    return edits(left, right, 1) & (_shortest(left, right) > 3)


SIMILAR: Mapping[str, Similar] = {
    "surname": _names,
    "birthdate": _birthdates,
    "suffix": _generations,
    "generational_suffix": _generations,
    "company": _companies,
    "email": _emails,
    "phone": _slips,
    "postal": _slips,
    "city": _names,
    "address": _slips,
}
