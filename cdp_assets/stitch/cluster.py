"""Groups linked records into people: components first, then each is split where its members do not fit together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cdp_assets.stitch.column import Bools, Floats, Ints

Labels = npt.NDArray[np.int64]
Weigh = Callable[[Ints, Ints], tuple[Floats, Floats]]
MOST_COMPARED = 300
"""A component of more records is cut at its weaker links before all of its pairs are compared."""
STEP_BITS, STEPS_PER_DEPTH = 2.0, 3
MOST_FOR, MOST_AGAINST = 12.0, -20.0
"""One strong link does not outweigh many doubts, nor one doubt many links."""
ALIKE = 100.0


@dataclass(frozen=True, eq=False)
class Clusters:
    """Which person each record belongs to, and what it was connected to before splitting.

    labels, components: numbers per record. supersized: whether its component was too large to compare whole.
    """

    labels: Labels
    components: Labels
    supersized: Bools


def clusters(
    size: int,
    left: Ints,
    right: Ints,
    bits: Floats,
    apart: Bools,
    *,
    threshold_bits: float,
    supersized_size: int,
    max_depth: int,
    weigh: Weigh,
) -> Clusters:
    """Give the people among `size` records.

    Args:
        left, right, bits: Candidate pairs with their odds.
        apart: Pairs that must never be linked.
        threshold_bits: The least odds that link.
        supersized_size: The records from which on a component is called supersized.
        max_depth: How often what is still too large is cut at its weaker links before it is left whole.
        weigh: Gives odds and evidence of any pairs, those that were never candidates too.
    """
    linked = (bits >= threshold_bits) & ~apart
    components = _components(size, left[linked], right[linked])
    labels = _without_giants(components, size, left[linked], right[linked], bits[linked], threshold_bits, max_depth)
    supersized = np.bincount(components, minlength=size)[components] >= supersized_size
    return Clusters(_split(labels, left[linked], right[linked], threshold_bits, weigh), components, supersized)


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


def _split(labels: Labels, left: Ints, right: Ints, threshold: float, weigh: Weigh) -> Labels:
    """Compare all pairs of each component that is not a clique, and cut it by average linkage."""
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
    corners = [np.triu_indices(len(group), 1) for group in members]
    one = np.concatenate([group[rows] for group, (rows, _) in zip(members, corners, strict=True)]).astype(np.int32)
    other = np.concatenate([group[columns] for group, (_, columns) in zip(members, corners, strict=True)]).astype(
        np.int32
    )
    bits, evidence = weigh(one, other)
    pull = np.where(bits >= threshold, np.minimum(bits - threshold, MOST_FOR), np.clip(evidence, MOST_AGAINST, 0))
    return _cut(labels, members, pull)


def _cut(labels: Labels, members: list[Labels], pull: Floats) -> Labels:
    """Cut each group where the average pull between its parts turns negative."""
    labels, free, start = labels.copy(), int(labels.max()) + 1, 0
    for group in members:
        pairs = len(group) * (len(group) - 1) // 2
        distances = -pull[start : start + pairs]
        start += pairs
        if distances.max() <= 0:
            continue
        parts = fcluster(linkage(distances + ALIKE, "average"), ALIKE, "distance")
        for part in range(2, int(parts.max()) + 1):
            labels[group[parts == part]] = free
            free += 1
    return labels
