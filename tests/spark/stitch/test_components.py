"""What is linked comes together, as in one process."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.stages import Stages, stages_of
from cdp_assets.stitch.spark.components import keep_components

SIZE = 400


@pytest.fixture
def stages(lake: Lake) -> Iterator[Stages]:
    """An empty folder of stages."""
    with stages_of(lake) as opened:
        yield opened


def roots(stages: Stages, left: list[int], right: list[int]) -> dict[int, int]:
    """Give the root of each node that has one."""
    edges = pa.table({"left": pa.array(left, pa.int64()), "right": pa.array(right, pa.int64())})
    keep_components(stages, "found", lambda: stages.session().createDataFrame(edges, "left long, right long"))
    rows = stages.answer(lambda: stages.read("found"))
    found = dict(zip(rows["node"].to_pylist(), rows["root"].to_pylist(), strict=True))
    assert len(found) == rows.num_rows
    return found


def oracle(left: list[int], right: list[int]) -> dict[int, int]:
    """Give the same by scipy, in one process."""
    labels = connected_components(coo_matrix((np.ones(len(left)), (left, right)), shape=(SIZE, SIZE)))[1]
    least: dict[int, int] = {}
    for node, label in enumerate(labels.tolist()):
        least.setdefault(label, node)
    return {node: least[label] for node, label in enumerate(labels.tolist()) if least[label] != node}


def test_random_graphs_give_what_one_process_gives(stages: Stages) -> None:
    """Sparse and dense ones side by side, with repeated links and links to oneself."""
    draw = np.random.default_rng(1)
    graphs = [draw.integers(0, SIZE // 4, (2, links)) + shift for shift, links in ((0, 35), (100, 90), (200, 250))]
    left, right = np.concatenate(graphs, axis=1).tolist()
    assert roots(stages, left, right) == oracle(left, right)


def test_a_long_chain_in_any_order_is_one_component(stages: Stages) -> None:
    """The longest way to go, which is halved in each round rather than walked."""
    order = np.random.default_rng(4).permutation(SIZE).tolist()
    assert roots(stages, order[:-1], order[1:]) == {node: 0 for node in range(1, SIZE)}


def test_no_links_give_no_components(stages: Stages) -> None:
    """An empty table is no error."""
    assert roots(stages, [], []) == {}
