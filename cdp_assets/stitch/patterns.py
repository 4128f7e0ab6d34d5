"""Counts how often pairs agree alike: all that is learnt is learnt from some thousands of patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.column import NOT_KNOWN, Floats
from cdp_assets.stitch.compare import FIELDS
from cdp_assets.stitch.repeats import REPEATS
from cdp_assets.stitch.weigh import Pattern, in_parts


@dataclass(frozen=True, eq=False)
class Patterns:
    """Rows of levels, each once and in order, and how many pairs have them."""

    levels: Pattern
    counts: Floats


def patterns_of(levels: Pattern, fields: Sequence[str], counts: Floats | None = None) -> Patterns:
    """Count equal rows of levels; a row stands for one pair, or for as many as `counts` says."""

    def part(rows: slice) -> pl.DataFrame:
        spelled = _spelled(levels[rows], fields)
        each = np.ones(len(spelled)) if counts is None else counts[rows]
        return _counted(pl.DataFrame({"spelled": spelled, "count": each}))

    counted = _counted(pl.concat(in_parts(len(levels), part))).sort("spelled")
    rest, found = counted["spelled"].to_numpy(), np.empty((counted.height, len(fields)), dtype=np.int8, order="F")
    for place in reversed(range(len(fields))):
        rest, level = np.divmod(rest, len(FIELDS[fields[place]].levels) + 1)
        found[:, place] = level - 1
    return Patterns(found, counted["count"].to_numpy())


def _spelled(levels: Pattern, fields: Sequence[str]) -> npt.NDArray[np.int64]:
    """Give each row of levels as one number."""
    found = np.zeros(len(levels), dtype=np.int64)
    for place, name in enumerate(fields):
        found *= len(FIELDS[name].levels) + 1
        found += levels[:, place] + 1
    return found


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("spelled").agg(pl.col("count").sum())


def with_doubles(fields: Sequence[str], pairs: Patterns, doubles: Patterns) -> Patterns:
    """Give the patterns of candidate pairs together with those of records that say exactly the same.

    Without these, what is left of one person's pairs differs somewhere: where records have few fields, one would learn
    that people seldom have the same phone twice. In which sources these are is known of those that stand for them only.
    """
    same = doubles.levels.copy(order="F")
    if REPEATS in fields:
        same[:, fields.index(REPEATS)] = NOT_KNOWN
    return patterns_of(np.concatenate([pairs.levels, same]), fields, np.append(pairs.counts, doubles.counts))


def histograms(levels: Pattern, fields: Sequence[str], weights: Floats) -> list[Floats]:
    """Give `histogram` of every field."""
    return [histogram(levels, place, name, weights) for place, name in enumerate(fields)]


def histogram(levels: Pattern, place: int, name: str, weights: Floats | None = None) -> Floats:
    """Add up what pairs weigh, one each unless it is said, at each level of a field; an unknown one counts nowhere."""
    size = 1 + len(FIELDS[name].levels)
    counted = np.bincount(levels[:, place].astype(np.intp) + 1, weights=weights, minlength=size)
    return counted[1:].astype(np.float64)


def chances(counts: Floats, added: float) -> Floats:
    """Give the chance of each level, from how many pairs have it and what is added to each."""
    smoothed = counts + added
    return np.asarray(smoothed / smoothed.sum(), dtype=np.float64)
