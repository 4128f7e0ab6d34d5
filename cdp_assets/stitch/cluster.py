"""Groups linked records into people: components first, then each is split where its members do not fit together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cdp_assets.stitch.column import Bools, Floats, Ints

Labels = npt.NDArray[np.int64]
Weigh = Callable[[Ints, Ints], tuple[Floats, Floats]]
Apart = Callable[[Ints, Ints], Bools]
MOST_COMPARED = 300
"""A component of more records is cut at its weaker links before all of its pairs are compared."""
STEP_BITS, STEPS_PER_DEPTH = 2.0, 3
MOST_FOR, MOST_AGAINST = 12.0, -20.0
"""Bits: one strong link does not outweigh many doubts, nor one doubt many links."""
NEITHER = -0.5
"""Bits: a pair that says nothing speaks a little against one person, so that chains of weak links do not hold."""
ALIKE = 100.0
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
        max_depth: How often what is still too large is cut at its weaker links before it is left whole.
        weigh: Gives odds and evidence of any pairs, those that were never candidates too.
    """
    linked = (bits >= threshold_bits) & ~apart(left, right)
    components = _components(size, left[linked], right[linked])
    labels = _without_giants(components, size, left[linked], right[linked], bits[linked], threshold_bits, max_depth)
    supersized = np.bincount(components, minlength=size)[components] >= supersized_size
    cut = np.where(_in_parts(components, labels), WEAK, UNCUT).astype(np.int8)
    labels = _split(labels, left[linked], right[linked], threshold_bits, weigh, apart, cut)
    return Clusters(labels, components, supersized, cut)


def _in_parts(components: Labels, labels: Labels) -> Bools:
    """Say which records are of a component that has several labels."""
    order = np.argsort(components, kind="stable")
    first = np.full(len(labels), -1, dtype=np.int64)
    first[components[order[::-1]]] = labels[order[::-1]]
    several = np.bincount(components, weights=labels != first[components], minlength=len(labels)) > 0
    return np.asarray(several[components], dtype=np.bool_)


def _components(size: int, left: Ints, right: Ints) -> Labels:
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _without_giants(
    labels: Labels, size: int, left: Ints, right: Ints, bits: Floats, threshold: float, max_depth: int
) -> Labels:
    """Drop the weakest links inside components that are too large, a little more each time."""
    for step in range(1, max_depth * STEPS_PER_DEPTH + 1):
        giant = np.bincount(labels, minlength=size)[labels] > MOST_COMPARED
        if not giant.any():
            break
        kept = ~(giant[left] & (bits < threshold + step * STEP_BITS))
        left, right, bits = left[kept], right[kept], bits[kept]
        labels = _components(size, left, right)
    return labels


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
    corners = [np.triu_indices(len(group), 1) for group in members]
    sides = [
        np.concatenate([group[corner[side]] for group, corner in zip(members, corners, strict=True)]) for side in (0, 1)
    ]
    return sides[0].astype(np.int32), sides[1].astype(np.int32)


def _cut(labels: Labels, members: list[Labels], pull: Floats, apart: Bools, cut: npt.NDArray[np.int8]) -> Labels:
    """Cut each group where the average pull between its parts turns negative, or where two must stay apart."""
    labels, free, start = labels.copy(), int(labels.max()) + 1, 0
    for group in members:
        pairs = slice(start, start + len(group) * (len(group) - 1) // 2)
        start = pairs.stop
        if pull[pairs].min() >= 0 and not apart[pairs].any():
            continue
        parts = _parts(pull[pairs], apart[pairs], len(group))
        others = np.unique(parts)[1:]
        if len(others):
            cut[group] = APART if apart[pairs].any() else DOUBT
        for part in others:
            labels[group[parts == part]] = free
            free += 1
    return labels


def _parts(pull: Floats, apart: Bools, size: int) -> Labels:
    """Give the part of each member of one group."""
    parts: Labels = fcluster(linkage(ALIKE - pull, "average"), ALIKE, "distance").astype(np.int64)
    if apart.any():
        one, other = np.triu_indices(size, 1)
        if (parts[one[apart]] == parts[other[apart]]).any():
            return _parts_apart(_square(pull, size), _square(apart, size))
    return parts


def _parts_apart(pull: Floats, apart: Bools) -> Labels:
    """Merge the two parts that pull each other most until none do; never two that hold members which stay apart."""
    size = len(pull)
    parts, total, weight = np.arange(size), pull.astype(np.float64), np.ones(size)
    apart = apart | np.eye(size, dtype=np.bool_)
    while True:
        average = np.where(apart, -np.inf, total / np.outer(weight, weight))
        one, other = np.unravel_index(int(average.argmax()), average.shape)
        if average[one, other] <= 0:
            return np.asarray(parts, dtype=np.int64)
        parts[parts == other] = one
        total[one] += total[other]
        total[:, one] += total[:, other]
        weight[one] += weight[other]
        apart[one] |= apart[other]
        apart[:, one] |= apart[:, other]
        apart[one, one] = True
        apart[other] = apart[:, other] = True


def _square(pairs: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """Give the table of all pairs, both ways."""
    found = np.zeros((size, size), dtype=pairs.dtype)
    found[np.triu_indices(size, 1)] = pairs
    return found + found.T
