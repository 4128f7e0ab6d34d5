"""How rare a value is: names by how many bear them, contacts by how many people use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.column import Column, Floats
from cdp_assets.stitch.compare import FIELDS
from cdp_assets.stitch.encode import Encoded

Steps = npt.NDArray[np.int16]
STEPS = 16
"""Rarity is kept in whole steps of a sixteenth of a bit, so that what is stored is what was weighed."""
USED_BY_OTHERS: Mapping[str, float] = {"email": 0.05, "phone": 0.15}
"""How often, in people, a contact that only one name uses belongs to somebody else as well."""
WITHOUT_RARITY = ("gender", "middle_name")
LEAST_SHARE = 0.02
"""No value is rarer than this many records."""


@dataclass(frozen=True, eq=False)
class Shares:
    """How common the values of one field are, in steps of log2 of their share; `usual` for those not listed.

    hashes are in order.
    """

    hashes: npt.NDArray[np.uint64]
    steps: Steps
    usual: int

    def of(self, column: Column) -> Steps:
        """Give the share of each value of a column."""
        hashes = column.series().hash().to_numpy()
        places = np.searchsorted(self.hashes, hashes)
        places[places == len(self.hashes)] = 0
        if not len(self.hashes):
            return np.full(len(column), self.usual, dtype=np.int16)
        return np.where(self.hashes[places] == hashes, self.steps[places], np.int16(self.usual)).astype(np.int16)


def shares(encoded: Encoded, fields: Sequence[str]) -> dict[str, Shares]:
    """Give how common the values of each field are, where that says something.

    A mailbox in two records of one name is no evidence that it is shared; one with two names is.
    """
    return {name: _shares(encoded, name) for name in fields if name not in WITHOUT_RARITY}


def _shares(encoded: Encoded, name: str) -> Shares:
    column = rarity_column(encoded, name)
    if name in USED_BY_OTHERS:
        found = (_people(encoded, column) - 1 + USED_BY_OTHERS[name]) / max(encoded.size / 2, 1.0)
        usual = USED_BY_OTHERS[name] / max(encoded.size / 2, 1.0)
    else:
        counts = column.counts()
        found, usual = counts / max(counts.sum(), 1.0), 1 / max(counts.sum(), 1.0)
    least = LEAST_SHARE / max(encoded.size, 1)
    steps = steps_of(np.log2(np.maximum(found, least)))
    usual_steps = int(steps_of(np.log2(np.array([max(usual, least)])))[0])
    hashes = column.series().hash().to_numpy()
    listed = np.flatnonzero(steps != usual_steps)
    order = listed[np.argsort(hashes[listed])]
    return Shares(hashes[order], steps[order], usual_steps)


def rarity_column(encoded: Encoded, name: str) -> Column:
    """Give the column whose values are counted: nicknames count as their formal name."""
    return encoded["formal_name" if name == "given_name" else FIELDS[name].column]


def steps_of(bits: Floats) -> Steps:
    """Round bits to whole steps."""
    return np.asarray(np.round(bits * STEPS), dtype=np.int16)


def _people(encoded: Encoded, column: Column) -> Floats:
    """Give how many distinct given names use each value, at least one."""
    names = encoded["formal_name"].codes
    known = (column.codes >= 0) & (names >= 0)
    counted = (
        pl.DataFrame({"value": column.codes[known], "name": names[known]})
        .unique()
        .group_by("value")
        .agg(people=pl.len())
    )
    found = np.ones(len(column))
    found[counted["value"].to_numpy()] = counted["people"].to_numpy()
    return found
