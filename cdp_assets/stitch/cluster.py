"""Groups linked records into people: components first, then each is split where its members do not fit together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cdp_assets.stitch.column import Bools, Floats, Ints, Labels
from cdp_assets.stitch.giants import MOST_COMPARED, Apart, components_of, parted, without_giants

Weigh = Callable[[Ints, Ints], tuple[Floats, Floats]]
MOST_FOR, MOST_AGAINST = 12.0, -20.0
"""Bits: one strong link does not outweigh many doubts, nor one doubt many links."""
NEITHER = -0.5
"""Bits: a pair that says nothing speaks a little against one person, so that chains of weak links do not hold."""
CELLS_AT_ONCE = 1 << 21
CUT = ("too large: weak links", "doubts outweigh links", "must stay apart")
"""Why a component is taken apart; of several reasons, the last."""
UNCUT, WEAK, DOUBT, APART = -1, 0, 1, 2


@dataclass(frozen=True, eq=False)
class Clusters:
    """Which person each record belongs to, and what it was connected to before splitting.

    labels, components: numbers per record. supersized: whether its component was too large to compare whole.
    cut: why its component was taken apart, as a place in CUT; UNCUT where it was not.
    """

    labels: Labels
    components: Labels
    supersized: Bools
    cut: npt.NDArray[np.int8]


def clusters(
    size: int,
    left: Ints,
    right: Ints,
    bits: Floats,
    *,
    apart: Apart,
    threshold_bits: float,
    supersized_size: int,
    max_depth: int,
    weigh: Weigh,
) -> Clusters:
    """Give the people among `size` records.

    Args:
        left, right, bits: Candidate pairs with their odds.
        apart: Says which of any pairs must never be in one person.
        threshold_bits: The least odds that link.
        supersized_size: The records from which on a component is called supersized.
        max_depth: How often what is still too large is cut at its weaker links before it is parted only where two must
            stay apart.
        weigh: Gives odds and evidence of any pairs, those that were never candidates too.
    """
    linked = np.flatnonzero(bits >= threshold_bits)
    linked = linked[~apart(left[linked], right[linked])]
    left, right, bits = left[linked], right[linked], bits[linked]
    components = components_of(size, left, right)
    labels = without_giants(components, left, right, bits, threshold_bits, max_depth)
    supersized = np.bincount(components, minlength=size)[components] >= supersized_size
    cut = np.where(_in_parts(components, labels), WEAK, UNCUT).astype(np.int8)
    labels, conflict = parted(labels, left, right, bits, apart)
    cut[conflict] = APART
    labels = _split(labels, left, right, threshold_bits, weigh, apart, cut)
    return Clusters(labels, components, supersized, cut)


def _in_parts(components: Labels, labels: Labels) -> Bools:
    """Say which records are of a component that has several labels."""
    order = np.argsort(components, kind="stable")
    first = np.full(len(labels), -1, dtype=np.int64)
    first[components[order[::-1]]] = labels[order[::-1]]
    several = np.bincount(components, weights=labels != first[components], minlength=len(labels)) > 0
    return np.asarray(several[components], dtype=np.bool_)


def _split(
    labels: Labels,
    left: Ints,
    right: Ints,
    threshold: float,
    weigh: Weigh,
    apart: Apart,
    cut: npt.NDArray[np.int8],
) -> Labels:
    """Compare all pairs of each component that is not a clique, and cut it by average linkage; say why in `cut`."""
    sizes = np.bincount(labels)
    inside = labels[left] == labels[right]
    links = np.bincount(labels[left][inside], minlength=len(sizes))
    doubtful = (sizes > 2) & (links < sizes * (sizes - 1) // 2) & (sizes <= MOST_COMPARED)
    order = np.argsort(labels, kind="stable")
    bounds = (
        np.searchsorted(labels[order], np.flatnonzero(doubtful)),
        np.searchsorted(labels[order], np.flatnonzero(doubtful), side="right"),
    )
    members = [order[start:stop] for start, stop in zip(*bounds, strict=True)]
    if not members:
        return labels
    one, other = _all_pairs(members)
    bits, evidence = weigh(one, other)
    against = np.clip(np.minimum(evidence, NEITHER), MOST_AGAINST, 0)
    pull = np.where(bits >= threshold, np.minimum(bits - threshold, MOST_FOR), against)
    return _cut(labels, members, pull, apart(one, other), cut)


def _all_pairs(members: list[Labels]) -> tuple[Ints, Ints]:
    """Give all pairs within each group, group by group."""
    corners = {size: np.triu_indices(size, 1) for size in {len(group) for group in members}}
    one, other = (np.concatenate([group[corners[len(group)][side]] for group in members]) for side in (0, 1))
    return one.astype(np.int32), other.astype(np.int32)


def _cut(labels: Labels, members: list[Labels], pull: Floats, apart: Bools, cut: npt.NDArray[np.int8]) -> Labels:
    """Cut each group where the average pull between its parts turns negative, or where two must stay apart."""
    labels, free = labels.copy(), int(labels.max()) + 1
    sizes = np.array([len(group) for group in members])
    starts = np.concatenate([[0], np.cumsum(sizes * (sizes - 1) // 2)])
    for size in np.unique(sizes).tolist():
        at_once = max(CELLS_AT_ONCE // (size * size), 1)
        alike = np.flatnonzero(sizes == size)
        for chosen in np.split(alike, range(at_once, len(alike), at_once)):
            places = starts[chosen][:, None] + np.arange(size * (size - 1) // 2)
            parts = _parts(_squares(pull[places], size), _squares(apart[places], size))
            rows = np.stack([members[group] for group in chosen])
            several = (parts > 0).any(axis=1)
            cut[rows[several]] = np.where(apart[places].any(axis=1), APART, DOUBT)[several][:, None]
            moved = parts > 0
            spelled = chosen[:, None] * size + parts
            _, numbers = np.unique(spelled[moved], return_inverse=True)
            labels[rows[moved]] = free + numbers
            free += int(numbers.max(initial=-1)) + 1
    return labels


def _parts(pull: Floats, apart: Bools) -> Labels:
    """Give the part of each member (columns) of each group (rows), groups of one size at once.

    The two parts that pull each other most are merged until none do; never two that hold members who stay apart.
    """
    groups, size, _ = pull.shape
    parts, total, weight = np.tile(np.arange(size), (groups, 1)), pull.astype(np.float64), np.ones((groups, size))
    closed = apart | np.eye(size, dtype=np.bool_)
    left = np.arange(groups)
    for _ in range(size - 1):
        average = np.where(closed[left], -np.inf, total[left] / (weight[left, :, None] * weight[left, None, :]))
        best = average.reshape(len(left), -1).argmax(axis=1)
        merged = average.reshape(len(left), -1)[np.arange(len(left)), best] >= 0
        left, best = left[merged], best[merged]
        if not len(left):
            break
        one, other = np.divmod(best, size)
        parts[left] = np.where(parts[left] == other[:, None], one[:, None], parts[left])
        total[left, one] += total[left, other]
        total[left, :, one] += total[left, :, other]
        weight[left, one] += weight[left, other]
        closed[left, one] |= closed[left, other]
        closed[left, :, one] |= closed[left, :, other]
        closed[left, one, one] = True
        closed[left, other] = True
        closed[left, :, other] = True
    return parts


def _squares(pairs: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """Give the table of all pairs of each group (rows), both ways."""
    found = np.zeros((len(pairs), size, size), dtype=pairs.dtype)
    one, other = np.triu_indices(size, 1)
    found[:, one, other] = found[:, other, one] = pairs
    return found
