"""What the peer makes of a labelled set: at its usual threshold, and at the best one, which only the truth tells."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.peers import environment
from benchmarks.stitch.metrics import Agreement, agreement
from benchmarks.stitch.runs import Used, measured
from benchmarks.stitch.sets import LabelledSet, truth

MODULE = "benchmarks.peers.splink_model"
THRESHOLDS = range(-4, 31)
"""Weights in bits that are tried beside the usual one, 4.25."""


@dataclass(frozen=True)
class PeerQuality:
    """At the usual threshold, and at the best."""

    usual: Agreement
    best: Agreement
    used: Used


def resolved(recipe: str, source: Path, clusters: Path, *words: str) -> Used:
    """Resolve a file with the peer, in a process of its own."""
    return measured([str(environment.python()), "-m", MODULE, recipe, str(source), str(clusters), *words])


def quality(one: LabelledSet) -> PeerQuality:
    """Resolve a labelled set and compare with the truth."""
    with tempfile.TemporaryDirectory() as name:
        clusters, edges = Path(name) / "clusters.parquet", Path(name) / "edges.parquet"
        used = resolved(one.recipe, one.path(), clusters, "--edges", str(edges))
        records = pl.read_parquet(one.path(), columns=["record_id"]).rename({"record_id": "unique_id"})
        found = records.join(pl.read_parquet(clusters), on="unique_id", how="left", maintain_order="left")
        people = truth(one.path())
        usual = agreement(found["cluster_id"], people)
        tried = [usual, *_at_thresholds(records, pl.read_parquet(edges), people)]
    return PeerQuality(usual, max(tried, key=lambda one: one.f1), used)


def _at_thresholds(records: pl.DataFrame, edges: pl.DataFrame, people: pl.Series) -> Iterator[Agreement]:
    """Link what weighs at least so much, for each of THRESHOLDS."""
    rows = records.with_row_index("row")
    for side in ("l", "r"):
        edges = edges.join(rows.rename({"unique_id": f"unique_id_{side}", "row": side}), on=f"unique_id_{side}")
    left, right, weight = (edges[name].to_numpy() for name in ("l", "r", "match_weight"))
    for threshold in THRESHOLDS:
        kept = weight >= threshold
        links = (np.ones(int(kept.sum()), np.int8), (left[kept], right[kept]))
        graph = coo_matrix(links, shape=(records.height, records.height))
        yield agreement(connected_components(graph, directed=False)[1], people)
