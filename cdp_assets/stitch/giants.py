"""Takes components apart that are too large for all of their pairs to be compared."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cdp_assets.stitch.column import Bools, Floats, Ints, Labels

Apart = Callable[[Ints, Ints], Bools]
MOST_COMPARED = 300
"""A component of more records is cut at its weaker links before all of its pairs are compared."""
MOST_ASKED = 8192
"""Of a component of more records that nothing cuts, nobody is asked who must stay apart: that takes a bit per pair."""
STEP_BITS, STEPS_PER_DEPTH = 2.0, 3
PAIRS_AT_ONCE = 1 << 21


def components_of(size: int, left: Ints, right: Ints) -> Labels:
    """Give the component of each record."""
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def without_giants(labels: Labels, left: Ints, right: Ints, bits: Floats, threshold: float, max_depth: int) -> Labels:
    """Drop the weakest links inside components that are too large, a little more each time."""
    for step in range(1, max_depth * STEPS_PER_DEPTH + 1):
        giant = _are_giants(labels)
        if not giant.any():
            break
        kept = ~(giant[left] & (bits < threshold + step * STEP_BITS))
        left, right, bits = left[kept], right[kept], bits[kept]
        labels = components_of(len(labels), left, right)
    return labels


def parted(labels: Labels, left: Ints, right: Ints, bits: Floats, apart: Apart) -> tuple[Labels, Bools]:
    """Part the components that are still too large where two of their records must stay apart.

    Their links are followed, the strongest first, but for those that would put two such records together.

    Returns the labels, and which records are of a component that was parted.
    """
    labels, moved = labels.copy(), np.zeros(len(labels), dtype=np.bool_)
    inside = np.flatnonzero(_are_giants(labels)[left] & (labels[left] == labels[right]))
    for giant in np.unique(labels[left[inside]]).tolist():
        members = np.flatnonzero(labels == giant)
        closed = _conflicts(members, apart) if len(members) <= MOST_ASKED else np.zeros((0, 0), dtype=np.bool_)
        if closed.any():
            links = inside[labels[left[inside]] == giant]
            order = links[np.lexsort((right[links], left[links], -bits[links]))]
            roots = _joined(closed, np.searchsorted(members, left[order]), np.searchsorted(members, right[order]))
            labels[members], moved[members] = labels.max() + 1 + roots, True
    return labels, moved


def _are_giants(labels: Labels) -> Bools:
    """Say which records are of a component that is too large."""
    return np.asarray(np.bincount(labels)[labels] > MOST_COMPARED, dtype=np.bool_)


def _conflicts(members: Labels, apart: Apart) -> Bools:
    """Give the table of who must stay apart from whom."""
    size = len(members)
    found, rows = np.zeros((size, size), dtype=np.bool_), max(PAIRS_AT_ONCE // size, 1)
    for start in range(0, size, rows):
        one, other = np.divmod(np.arange(start * size, min(start + rows, size) * size), size)
        asked = one < other
        one, other = one[asked], other[asked]
        ends = (members[one].astype(np.int32), members[other].astype(np.int32))
        found[one, other] = found[other, one] = apart(*ends)
    return found


def _joined(closed: Bools, left: Labels, right: Labels) -> Labels:
    """Give the groups that links make in order, without those that would join two who must stay apart."""
    closed, roots = closed.copy(), np.arange(len(closed))
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        kept, gone = sorted((int(roots[one]), int(roots[other])))
        if kept != gone and not closed[kept, gone]:
            roots[roots == gone] = kept
            closed[kept] |= closed[gone]
            closed[:, kept] |= closed[:, gone]
    return roots
