"""Weighs pairs with the model, and with the keys that overrule it."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.column import Bools, Floats, Ints
from cdp_assets.stitch.encode import Encoded
from cdp_assets.stitch.scores import bits_of
from cdp_assets.stitch.weigh import Pattern, Scale


class Judge:
    """Weighs pairs with the model and with the keys that overrule it."""

    def __init__(self, people: pl.DataFrame, encoded: Encoded, scale: Scale, settings: Stitch) -> None:
        self.scale, self._encoded = scale, encoded
        self._fk_first = settings.classifier == "fk-priority"
        self._fk = key_codes(people, "fk_", settings.case_sensitive_fks)
        self._sk = key_codes(people, "sk_", ())

    def weigh(self, left: Ints, right: Ints, levels: Pattern | None = None) -> tuple[Floats, Floats]:
        """Give odds and evidence in bits; equal foreign keys link surely, pairs that must stay apart never.

        levels: how well the fields of each pair agree, where that is known already.
        """
        bits, evidence = self.scale.weigh(left, right, levels)
        sure, apart = self.sure(left, right), self.apart(left, right)
        limit = 2 * bits_of(5.0)
        overruled = np.where(apart, -limit, np.where(sure, limit, bits))
        return overruled, np.where(apart, -limit, evidence)

    def bits(self, left: Ints, right: Ints) -> Floats:
        """Give odds in bits."""
        return self.weigh(left, right)[0]

    def sure(self, left: Ints, right: Ints) -> Bools:
        """Say which pairs are one person whatever the model says: a foreign key is equal."""
        equal = _any_equal(self._fk, left, right)
        return equal if self._fk_first else equal & ~self._conflict(left, right)

    def apart(self, left: Ints, right: Ints) -> Bools:
        """Say which pairs are two people whatever the model says: a separation key or a suffix differs."""
        conflict = self._conflict(left, right)
        return conflict & ~_any_equal(self._fk, left, right) if self._fk_first else conflict

    def _conflict(self, left: Ints, right: Ints) -> Bools:
        suffix = self._encoded["suffix"].codes
        found = (suffix[left] >= 0) & (suffix[right] >= 0) & (suffix[left] != suffix[right])
        for codes in self._sk:
            found |= (codes[left] >= 0) & (codes[right] >= 0) & (codes[left] != codes[right])
        return np.asarray(found, dtype=np.bool_)

    def exact(self, left: Ints, right: Ints) -> Bools:
        """Say which pairs score 5: a foreign key is equal."""
        return self.sure(left, right)


def key_codes(people: pl.DataFrame, prefix: str, case_sensitive: tuple[str, ...]) -> list[Ints]:
    """Number the values of every key column; letter case counts only where the settings say so."""
    found = []
    for name in (column for column in people.columns if column.startswith(prefix)):
        exact = name in case_sensitive or name.removeprefix(prefix).replace("_", "-") in case_sensitive
        values = people[name] if exact else people[name].str.to_uppercase()
        found.append((values.rank("dense").cast(pl.Int32) - 1).fill_null(-1).to_numpy())
    return found


def _any_equal(keys: list[Ints], left: Ints, right: Ints) -> Bools:
    found = np.zeros(len(left), dtype=np.bool_)
    for codes in keys:
        found |= (codes[left] >= 0) & (codes[left] == codes[right])
    return found
