"""Says which records may hold a bad value, so that few are looked at; of the day before it is known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.bad_values import FOUND_SCHEMA, BadBy, by_list, mask_of, place_of, rules_about
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.semantic_columns import column_of
from cdp_assets.stitch.slots import Rows32, slot_bits, slots_of
from cdp_assets.stitch.threads import each


class Suspects:
    """Some records, of which it is known what many of them hold."""

    def __init__(self, records: pl.DataFrame, by: BadBy) -> None:
        self._by, least = by, dict[str, int]()
        for rule in rules_about(by.rules, records.columns):
            column = column_of(rule.semantic)
            least[column] = min(rule.threshold, least.get(column, rule.threshold))
        self._crowds = each(partial(_crowd, records), least.items())
        self._listed = _listed(records, by)

    def and_of(self, more: pl.DataFrame) -> Bools:
        """Say which of these records and of some more, which come behind, hold a value that may be bad among all.

        What `without_bad_values` finds in any part of all of them it finds among those of the part that this says.
        """
        found = np.append(self._listed, _listed(more, self._by))
        for crowd in self._crowds:
            found |= crowd.and_of(more)
        return found


@dataclass(frozen=True, eq=False)
class _Crowd:
    """How often values of one kind are held.

    columns: They are a value together. slots: Of each record, that of its value; the last one where it has none.
    counts: How many records have each slot. most: So many with one value are no reason to suspect it.
    """

    columns: Sequence[str]
    slots: Rows32
    counts: npt.NDArray[np.int64]
    most: int

    def and_of(self, more: pl.DataFrame) -> Bools:
        """Say as `Suspects.and_of` does which records hold a value of too many."""
        theirs = _slots(more, self.columns, len(self.counts) - 1)
        counts = self.counts + np.bincount(theirs, minlength=len(self.counts))
        is_large = counts > self.most
        is_large[-1] = False
        return np.append(is_large.take(self.slots), is_large.take(theirs))


def _crowd(records: pl.DataFrame, rule: tuple[str, int]) -> _Crowd:
    column, most = rule
    columns, size = place_of(column), 1 << slot_bits(records.height // max(most, 1))
    slots = _slots(records, columns, size)
    return _Crowd(columns, slots, np.bincount(slots, minlength=size + 1), most)


def _slots(records: pl.DataFrame, columns: Sequence[str], size: int) -> Rows32:
    """Give the slot of each record's value, of so many; `size` where it has none."""
    hashes = records.select(columns).hash_rows(1).to_numpy()
    slots = slots_of(hashes, size.bit_length() - 1).astype(np.int32)
    slots[records[columns[0]].is_null().to_numpy()] = size
    return slots


def _listed(records: pl.DataFrame, by: BadBy) -> Bools:
    """Say which records hold a value that is named."""
    held = by_list(records, by.listed(), by.profiles)
    return mask_of(records.height, pl.concat([pl.DataFrame(schema=FOUND_SCHEMA), *held])["row"]).to_numpy()
