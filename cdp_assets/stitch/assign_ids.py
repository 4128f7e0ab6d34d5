"""Gives each person an id that stays: a known person keeps theirs, a new one gets one that anybody can repeat."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from cdp_assets.hashing import keyed_uuid

ID, KEYS = "amperity_id", ["datasource", "pk"]
ORIGIN_SCHEMA = {ID: pl.String, "datasource": pl.String, "pk": pl.String, "retired": pl.Boolean}


@dataclass(frozen=True)
class Assigned:
    """Who is who, and every id ever made.

    ids: datasource, pk, amperity_id. origins: amperity_id, datasource, pk (the record that it was made from), retired.
    """

    ids: pl.DataFrame
    origins: pl.DataFrame


def assign_ids(
    members: pl.DataFrame, *, previous: pl.DataFrame | None, origins: pl.DataFrame | None, key: bytes
) -> Assigned:
    """Name each cluster.

    A cluster keeps the id with which it shares most records. Each id and each cluster is used once: strongest
    first, then the smaller id, then the cluster with the smaller record. What is left over is new: its id is a
    keyed hash of its smallest record that no id, living or retired, was made from; where every record has made
    one, of the smallest and how often it has.

    Args:
        members: datasource, pk, cluster.
        previous: datasource, pk, amperity_id of the run before, if there was one.
        origins: Every id made so far.
    """
    members = members.sort(KEYS)
    kept = _kept(members, previous)
    known = origins if origins is not None else pl.DataFrame(schema=ORIGIN_SCHEMA)
    used = Counter(known.select(KEYS).iter_rows())
    made = []
    for cluster, records in _records_of_new(members, kept):
        datasource, pk = next((record for record in records if record not in used), records[0])
        again = [str(used[datasource, pk])] if (datasource, pk) in used else []
        used[datasource, pk] += 1
        kept[cluster] = keyed_uuid(key, datasource, pk, *again)
        made.append((kept[cluster], datasource, pk, False))
    names = pl.DataFrame({"cluster": list(kept), ID: list(kept.values())}, schema={"cluster": pl.Int64, ID: pl.String})
    ids = members.join(names, on="cluster").select(*KEYS, ID).sort(KEYS)
    everything = pl.concat([known.select(list(ORIGIN_SCHEMA)), pl.DataFrame(made, schema=ORIGIN_SCHEMA, orient="row")])
    retired = ~pl.col(ID).is_in(ids[ID].unique().to_list())
    return Assigned(ids, everything.with_columns(retired=retired).sort(ID))


def _records_of_new(members: pl.DataFrame, kept: dict[int, str]) -> list[tuple[int, list[tuple[str, str]]]]:
    """Give the clusters without an id, each with its records in order; the one with the smallest record first."""
    new: dict[int, list[tuple[str, str]]] = {}
    for cluster, datasource, pk in members.select("cluster", *KEYS).iter_rows():
        if cluster not in kept:
            new.setdefault(cluster, []).append((datasource, pk))
    return list(new.items())


def _kept(members: pl.DataFrame, previous: pl.DataFrame | None) -> dict[int, str]:
    """Give the id of each cluster that keeps one."""
    if previous is None or previous.is_empty():
        return {}
    edges = (
        members.with_row_index("row")
        .with_columns(first=pl.col("row").min().over("cluster"))
        .join(previous.select(*KEYS, ID), on=KEYS)
        .group_by("cluster", ID)
        .agg(shared=pl.len(), first=pl.col("first").first())
        .sort(["shared", ID, "first"], descending=[True, False, False])
    )
    kept: dict[int, str] = {}
    taken: set[str] = set()
    for cluster, amperity_id in edges.select("cluster", ID).iter_rows():
        if cluster not in kept and amperity_id not in taken:
            kept[cluster] = amperity_id
            taken.add(amperity_id)
    return kept
