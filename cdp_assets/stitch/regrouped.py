"""Which people two assignments of records share, merge and split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import polars as pl

RECORD = ["datasource", "pk"]
WHOLE, PART = "whole", "part"
PAIR = ["source1", "pk1", "source2", "pk2"]
RecordId: TypeAlias = tuple[str, str]
Node: TypeAlias = str | RecordId
"""A person of another run, or a record that the other run does not have."""


def assigned(ids: pl.DataFrame) -> pl.DataFrame:
    """Give the records that belong to somebody: datasource, pk, amperity_id."""
    return ids.select(*RECORD, "amperity_id").filter(pl.col("amperity_id").is_not_null())


def common_people(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Give who was who: a row per person of `before` and person of `after` with records in common.

    Columns in: datasource, pk (together unique) and amperity_id; a record without an amperity_id belongs to nobody
    and counts as absent. Columns out: before, after (the two ids), records (how many are in common).
    """
    both = assigned(before).join(assigned(after), on=RECORD, suffix="_after")
    names = {"amperity_id": "before", "amperity_id_after": "after", "len": "records"}
    return both.group_by("amperity_id", "amperity_id_after").len().rename(names)


def merges(common: pl.DataFrame) -> pl.DataFrame:
    """Give the people of `after` (whole) whose records belong to several people of `before` (part), a row per pair."""
    return _several(common.select(pl.col("after").alias(WHOLE), pl.col("before").alias(PART)))


def splits(common: pl.DataFrame) -> pl.DataFrame:
    """Give the people of `before` (whole) whose records belong to several people of `after` (part), a row per pair."""
    return _several(common.select(pl.col("before").alias(WHOLE), pl.col("after").alias(PART)))


def _several(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.filter(pl.len().over(WHOLE) > 1)


def largest(ids: pl.DataFrame, wholes: pl.DataFrame, most: int) -> list[str]:
    """Give the `wholes` of merges or splits with the most records in `ids`, the largest first, equal ones by id."""
    chosen = assigned(ids).filter(pl.col("amperity_id").is_in(wholes[WHOLE].unique().implode()))
    sizes = chosen.group_by("amperity_id").len()
    return sizes.sort("len", "amperity_id", descending=[True, False]).head(most)["amperity_id"].to_list()


def members(before: pl.DataFrame, after: pl.DataFrame, wholes: Sequence[str]) -> pl.DataFrame:
    """Give the records of these people of `after`: whole, datasource, pk, part (NULL where `before` lacks the record).

    Sorted by part, then record.
    """
    chosen = assigned(after).filter(pl.col("amperity_id").is_in(list(wholes)))
    found = chosen.join(assigned(before), on=RECORD, how="left", suffix="_before")
    names = {"amperity_id": WHOLE, "amperity_id_before": PART}
    return found.rename(names).select(WHOLE, *RECORD, PART).sort(PART, *RECORD, nulls_last=True)


def spanning_pairs(nodes: Mapping[RecordId, Node], scores: pl.DataFrame) -> pl.DataFrame:
    """Give the fewest and strongest rows of `scores` that join all nodes that any rows join: a maximum spanning forest.

    `nodes` maps each record to the node it is in; pairs inside one node, or with other records, are left out. Columns
    in: source1, pk1, source2, pk2, score and others; the strongest come first. Source: Kruskal (1956).
    """
    root: dict[Node, Node] = {node: node for node in nodes.values()}

    def top(node: Node) -> Node:
        while root[node] != node:
            root[node] = node = root[root[node]]
        return node

    ordered = scores.sort("score", *PAIR, descending=[True, *[False] * len(PAIR)])
    kept = []
    for at, (source1, pk1, source2, pk2) in enumerate(ordered.select(PAIR).iter_rows()):
        left, right = (source1, pk1), (source2, pk2)
        if left in nodes and right in nodes and top(nodes[left]) != top(nodes[right]):
            root[top(nodes[left])] = top(nodes[right])
            kept.append(at)
    return ordered[kept]
