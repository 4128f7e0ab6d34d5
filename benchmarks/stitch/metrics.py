"""Says how well found people agree with true ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Agreement:
    """Precision, recall and F1: of pairs of records, and B-cubed (of each record's people, then averaged)."""

    precision: float
    recall: float
    f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float

    def to_json(self) -> dict[str, float]:
        """Give the figures with five digits."""
        return {name: round(value, 5) for name, value in vars(self).items()}


def agreement(found: Any, true: Any) -> Agreement:
    """Compare two groupings of the same records, given as a label per record.

    Source: Bagga & Baldwin (1998), Entity-based cross-document coreferencing (B-cubed).

    >>> one = agreement(["a", "a", "b", "b"], ["x", "x", "x", "y"])
    >>> one.precision, round(one.recall, 3), one.b3_precision
    (0.5, 0.333, 0.75)
    """
    found_codes, true_codes = _codes(found), _codes(true)
    records = len(found_codes)
    cells, shared = np.unique(found_codes * (true_codes.max(initial=0) + 1) + true_codes, return_counts=True)
    found_sizes, true_sizes = np.bincount(found_codes), np.bincount(true_codes)
    of_found, of_true = np.divmod(cells, true_codes.max(initial=0) + 1)
    right = _pairs(shared)
    squares = shared.astype(np.float64) ** 2
    precision, recall = _share(right, _pairs(found_sizes)), _share(right, _pairs(true_sizes))
    b3_precision = _share(float((squares / found_sizes[of_found]).sum()), records)
    b3_recall = _share(float((squares / true_sizes[of_true]).sum()), records)
    return Agreement(precision, recall, f1(precision, recall), b3_precision, b3_recall, f1(b3_precision, b3_recall))


def f1(precision: float, recall: float) -> float:
    """Give the harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _codes(labels: Any) -> Codes:
    return pl.Series(labels).rank("dense").cast(pl.Int64).to_numpy() - 1


def _pairs(sizes: npt.NDArray[np.int64]) -> float:
    wide = sizes.astype(np.float64)
    return float((wide * (wide - 1) / 2).sum())


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
