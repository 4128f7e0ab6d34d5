"""How rare a value is: names by how many bear them, contacts by how many people use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.column import NOT_KNOWN, Column, Floats
from cdp_assets.stitch.compare import FIELDS, TOLD
from cdp_assets.stitch.encode import Encoded
from cdp_assets.stitch.namesakes import MOST_BEARERS, NAMESAKES, classes, parts_of_names
from cdp_assets.stitch.repeats import REPEATS, SMALLER, largest_of
from cdp_assets.stitch.used_by_others import USED_BY_OTHERS

Steps = npt.NDArray[np.int16]
STEPS = 16
"""Rarity is kept in whole steps of a sixteenth of a bit, so that what is stored is what was weighed."""
MOST_OF_ONE = 30
"""A contact that more records hold is nobody's own, however few initials they have: half as many people share it."""
WITHOUT_RARITY = ("gender", "middle_name")
LEAST_SHARE = 0.02
"""No value is rarer than this many records."""


@dataclass(frozen=True, eq=False)
class Shares:
    """How common the values of one field are, in steps of log2 of their share; `usual` for those not listed.

    Of a contact it is log2 of how many times as often strangers share it as one that only one name uses. hashes are in
    order.
    """

    hashes: npt.NDArray[np.uint64]
    steps: Steps
    usual: int

    def of(self, column: Column) -> Steps:
        """Give the share of each value of a column."""
        hashes = column.series().hash().to_numpy()
        places, order = np.empty(len(hashes), dtype=np.int64), np.argsort(hashes)
        places[order] = np.searchsorted(self.hashes, hashes[order])  # in order it takes a third of the time
        places[places == len(self.hashes)] = 0
        if not len(self.hashes):
            return np.full(len(column), self.usual, dtype=np.int16)
        return np.where(self.hashes[places] == hashes, self.steps[places], np.int16(self.usual)).astype(np.int16)


def shares(encoded: Encoded, fields: Sequence[str]) -> dict[str, Shares]:
    """Give how common the values of each field are, where that says something.

    A mailbox in two records of one initial is no evidence that it is shared; one with two is.
    """
    found = {name: _shares(encoded, name) for name in fields if name not in (*WITHOUT_RARITY, *TOLD)}
    if REPEATS in fields:
        sources = encoded["datasource"]
        found[REPEATS] = sources_of(sources.series(), sources.counts())
    if NAMESAKES in fields:
        names = encoded["full_name"]
        found[NAMESAKES] = namesakes_of(encoded, found, names.counts(), names.counts().sum())
    return found


def _shares(encoded: Encoded, name: str) -> Shares:
    column = rarity_column(encoded, name)
    counts = column.counts()
    users = _people(encoded, column) if name in USED_BY_OTHERS else counts
    return shares_of(name, column, users, encoded.size, counts.sum())


def shares_of(name: str, column: Column, users: Floats, size: int, filled: float) -> Shares:
    """Give how common the values of a column are.

    Args:
        users: Per value, how many records hold it or, of a contact, how many people do, told apart by their initials.
        size: How many records there are.
        filled: How many of them hold any value.
    """
    steps, usual = (_steps(name, found, size, filled) for found in (users, np.ones(1)))
    hashes = column.series().hash().to_numpy()
    listed = np.flatnonzero(steps != usual[0])
    order = listed[np.argsort(hashes[listed])]
    return Shares(hashes[order], steps[order], int(usual[0]))


def sources_of(names: pl.Series, sizes: Floats) -> Shares:
    """Give the place, from 1, of each of the largest sources; `sizes` are how many records each has."""
    hashes = largest_of(names, sizes).hash().to_numpy()
    order = np.argsort(hashes)
    return Shares(hashes[order], (order + 1).astype(np.int16), SMALLER)


def namesakes_of(encoded: Encoded, shares: Mapping[str, Shares], bearers: Floats, named: float) -> Shares:
    """Give the class of each full name that several bear, and not too many; others have none.

    Args:
        shares: How common given names and surnames are.
        bearers: Per full name, how many records bear it.
        named: How many records have a full name.
    """
    given, surname = parts_of_names(encoded)
    steps = shares["given_name"].of(encoded["formal_name"])[given].astype(np.float64)
    steps += shares["surname"].of(encoded["surname"])[surname]
    hashes = encoded["full_name"].series().hash().to_numpy()
    several = np.flatnonzero((bearers > 1) & (bearers <= MOST_BEARERS))
    order = several[np.argsort(hashes[several])]
    found = classes(bearers, steps / STEPS + np.log2(max(named, 1.0)))
    return Shares(hashes[order], found[order], NOT_KNOWN)


def _steps(name: str, users: Floats, size: int, filled: float) -> Steps:
    if name in USED_BY_OTHERS:
        return steps_of(np.log2((users - 1) / USED_BY_OTHERS[name] + 1))
    return steps_of(np.log2(np.maximum(users / max(filled, 1.0), LEAST_SHARE / max(size, 1))))


def rarity_column(encoded: Encoded, name: str) -> Column:
    """Give the column whose values are counted: nicknames count as their formal name."""
    return encoded["formal_name" if name == "given_name" else FIELDS[name].column]


def steps_of(bits: Floats) -> Steps:
    """Round bits to whole steps."""
    return np.asarray(np.round(bits * STEPS), dtype=np.int16)


def _people(encoded: Encoded, column: Column) -> Floats:
    """Give how many people use each value, at least one: given names that begin alike may be spellings of one."""
    names = encoded["initial"].codes
    known = (column.codes >= 0) & (names >= 0)
    counted = (
        pl.DataFrame({"value": column.codes[known], "name": names[known]})
        .unique()
        .group_by("value")
        .agg(people=pl.len())
    )
    found = np.ones(len(column))
    found[counted["value"].to_numpy()] = counted["people"].to_numpy()
    held = column.counts()
    return np.where(held > MOST_OF_ONE, np.maximum(found, held / 2), found)
