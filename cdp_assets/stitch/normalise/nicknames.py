"""Says which given names one person may go by, and which name is counted for them all.

Source: the nickname table of the package `nicknames` (Apache-2.0, github.com/carltonnorthern/nicknames), what it lacks
(`lists/nicknames.txt`), and how many bear a name (`lists/formal_names.txt`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import permutations

import polars as pl
from nicknames import name_triplets

from cdp_assets.stitch.normalise import word_lists
from cdp_assets.stitch.normalise.text import folded, spaced

Pair = tuple[str, str]
USUAL = word_lists.spellings("nicknames")
"""The name that a nickname of several names usually stands for."""
BORNE_BY_MANY = frozenset(word_lists.words("formal_names"))
REMOVE = "REMOVE"


@dataclass(frozen=True)
class Nicknames:
    """What given names have to do with each other.

    pairs: Two names of one person, either way round. formal: name -> the name that it is counted as.
    """

    pairs: frozenset[Pair]
    formal: Mapping[str, str]


def nicknames_of(known: Collection[Pair]) -> Nicknames:
    """Give what follows from pairs of a name and a nickname of it, in upper case.

    Two nicknames are a pair where both are counted as one name (`Bob` and `Rob`) or short for one that many bear
    (`Chris` and `Tina` for Christine); through a nickname that two names share (`Chris`) nothing follows for those two,
    else half of all names would be one.
    """
    formal = _formal_names(known)
    families = defaultdict(set)
    for name, one in formal.items():
        families[one].add(name)
    for name, nickname in known:
        if name in BORNE_BY_MANY:
            families[name].add(nickname)
    siblings = {pair for family in families.values() for pair in permutations(family, 2)}
    return Nicknames(frozenset({*known, *((other, one) for one, other in known), *siblings}), formal)


def amended(table: pl.DataFrame | None) -> Nicknames:
    """Give the common nicknames with what a tenant adds to them and removes.

    table: canonical_name, nickname, update_type (ADD or REMOVE); a pair that is added and removed is kept.
    Source: docs.amperity.com/operator/stitch_nicknames.html.
    """
    if table is None or table.is_empty():
        return COMMON
    names, nicknames = (spaced(folded(table[name].fill_null(""))) for name in ("canonical_name", "nickname"))
    removes = (table["update_type"].str.strip_chars().str.to_uppercase() == REMOVE).fill_null(False)
    pairs = list(zip(names, nicknames, strict=True))
    added = {pair for pair, remove in zip(pairs, removes, strict=True) if not remove and all(pair)}
    removed = {way for pair in pairs if pair not in added for way in (pair, pair[::-1])}
    found = nicknames_of((_common_pairs() - removed) | added)
    return Nicknames(found.pairs - removed, found.formal)


def _formal_names(known: Collection[Pair]) -> dict[str, str]:
    """Give for every name the one that it is counted as: the commonest name that it is a nickname of, or itself.

    A name that more people bear than any that it is short for stands for itself: `John` is no short `Jonathan`.
    """
    longer = defaultdict(set)
    for name, nickname in known:
        longer[nickname].add(name)
    order = _order(known)
    chosen = {name: min({name, *longer[name]}, key=order) for name in {one for pair in known for one in pair}}
    chosen |= {name: usual for name, usual in USUAL.items() if name in chosen}
    return {name: _end(name, chosen) for name in sorted(chosen)}


def _end(name: str, chosen: Mapping[str, str]) -> str:
    """Follow the choice to a name that stands for itself; each step is to a usual or commoner name, so there is one."""
    while chosen[name] != name:
        name = chosen[name]
    return name


def _order(known: Collection[Pair]) -> Callable[[str], tuple[int, int, str]]:
    """Give the order of names: the commonest first, of rare ones that with most nicknames."""
    ranks = {name: rank for rank, name in enumerate(word_lists.words("formal_names"))}
    nicknames = Counter(name for name, _ in known)
    return lambda name: (ranks.get(name, len(ranks)), -nicknames[name], name)


def _common_pairs() -> frozenset[Pair]:
    """Give the pairs of a name and its nickname that most people know."""
    double = {(name.replace(" ", "-"), part) for name in word_lists.words("double_names", ",") for part in _parts(name)}
    listed = {(usual, name) for name, usual in USUAL.items() if name != usual}
    return frozenset({(triplet.name1.upper(), triplet.name2.upper()) for triplet in name_triplets()} | listed | double)


def _parts(name: str) -> tuple[str, ...]:
    """Give what a name of two words is called for short, and its spelling as one word."""
    return (name.split()[0], name.replace(" ", ""))


COMMON = nicknames_of(_common_pairs())
