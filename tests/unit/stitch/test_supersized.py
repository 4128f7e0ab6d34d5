"""What is too large to compare whole is cut at its weaker links, as often as the settings say."""

from __future__ import annotations

import numpy as np

from cdp_assets.stitch.cluster import CUT, MOST_COMPARED, Clusters, clusters
from cdp_assets.stitch.column import Bools, Floats, Ints

CREW = MOST_COMPARED // 2 + 10


def alike(left: Ints, _: Ints) -> tuple[Floats, Floats]:
    """Say that all records fit together."""
    return np.full(len(left), 20.0), np.full(len(left), 20.0)


def never(left: Ints, _: Ints) -> Bools:
    """Say that nobody must stay apart."""
    return np.zeros(len(left), dtype=np.bool_)


def two_crews(bridge_bits: float, max_depth: int) -> Clusters:
    """Group two crews of one chain each, which one link joins."""
    left = np.arange(2 * CREW - 1, dtype=np.int32)
    bits = np.full(len(left), 20.0)
    bits[CREW - 1] = bridge_bits
    return clusters(
        2 * CREW,
        left,
        left + np.int32(1),
        bits,
        apart=never,
        threshold_bits=0.0,
        supersized_size=2 * CREW,
        max_depth=max_depth,
        weigh=alike,
    )


def test_a_weak_link_is_cut() -> None:
    """Each crew is somebody; they are one component and supersized still."""
    found = two_crews(bridge_bits=1.0, max_depth=4)
    assert found.labels[0] != found.labels[-1]
    assert len(np.unique(found.labels)) == 2
    assert len(np.unique(found.components)) == 1
    assert found.supersized.all()
    assert {CUT[code] for code in found.cut} == {"too large: weak links"}


def test_deeper_cuts_reach_stronger_links() -> None:
    """A link of seven bits holds at one depth, and not at two."""
    assert len(np.unique(two_crews(bridge_bits=7.0, max_depth=1).labels)) == 1
    assert len(np.unique(two_crews(bridge_bits=7.0, max_depth=2).labels)) == 2


def test_without_depth_nothing_is_cut() -> None:
    """However weak the link."""
    assert len(np.unique(two_crews(bridge_bits=1.0, max_depth=0).labels)) == 1
