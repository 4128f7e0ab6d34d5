"""Groups whatever is linked, directly or through others, without any machine holding all links.

Alternates two steps until nothing moves: each node's larger neighbours, then its smaller ones, are linked to the
smallest node that it knows. Source: Kiveris et al. (2014), Connected Components in MapReduce and Beyond.
"""

from __future__ import annotations

from functools import partial

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from cdp_assets.lakehouse.stages import Make, Stages

NODE, ROOT = "node", "root"


def keep_components(stages: Stages, name: str, edges: Make) -> int:
    """Keep a stage `node, root`: every node that is linked to a smaller one, once, with the smallest of its component.

    Nodes without a link, and roots themselves, are absent. Gives the rounds that it took.

    Args:
        edges: A frame of two columns of numbers; order and repeats do not matter.
    """
    stages.keep(f"{name}_0", lambda: _oriented(edges()))
    turn, before = 0, _signature(stages, f"{name}_0")
    while True:
        last, this = f"{name}_{turn}", f"{name}_{turn + 1}"
        stages.keep(this, partial(_nearer, stages, last))
        after, turn = _signature(stages, this), turn + 1
        stages.drop(last)
        if after == before:
            stages.rename(this, name)
            return turn
        before = after


def _nearer(stages: Stages, name: str) -> DataFrame:
    """Give the links of a stage after one round."""
    return _small_star(_large_star(stages.read(name)))


def _oriented(edges: DataFrame) -> DataFrame:
    """Give each link once, from the larger to the smaller end."""
    one, other = (f.col(column) for column in edges.columns)
    ends = edges.select(f.greatest(one, other).alias(NODE), f.least(one, other).alias(ROOT))
    return ends.where(f.col(NODE) != f.col(ROOT)).distinct()


def _large_star(links: DataFrame) -> DataFrame:
    """Link the larger neighbours of each node to the smallest of its neighbours and itself."""
    both = links.union(links.select(ROOT, NODE)).toDF("centre", "other")
    least = f.least(f.col("centre"), f.min("other").over(Window.partitionBy("centre")))
    stars = both.select("centre", "other", least.alias(ROOT))
    return stars.where(f.col("other") > f.col("centre")).select(f.col("other").alias(NODE), ROOT).distinct()


def _small_star(links: DataFrame) -> DataFrame:
    """Link each node and its smaller neighbours to the smallest of them."""
    stars = links.withColumn("least", f.min(ROOT).over(Window.partitionBy(NODE)))
    inner = stars.where(f.col(ROOT) != f.col("least")).select(f.col(ROOT).alias(NODE), f.col("least").alias(ROOT))
    return stars.select(NODE, f.col("least").alias(ROOT)).union(inner).distinct()


def _signature(stages: Stages, name: str) -> dict[str, int]:
    """Say what a set of links is, in two numbers."""
    hashed = f.xxhash64(NODE, ROOT)
    found = stages.answer(lambda: stages.read(name).agg(f.count("*").alias("links"), f.bit_xor(hashed).alias("mark")))
    row: dict[str, int] = found.to_pylist()[0]
    return row
