"""Gives each person an id that stays: a known person keeps theirs, a new one gets one that anybody can repeat.

A cluster's *claim* on an id is the number of its records that last held the id. Claims are served strongest first,
then by the smaller id, then by the cluster with no retired id to go back to, then by the one with the smaller record; a
claim whose cluster or id is taken lapses. So an id goes past a cluster that claims it only when that cluster has an id
on which its claim is stronger.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from cdp_assets.hashing import keyed_uuids
from cdp_assets.stitch.slots import Finder, near

ID, KEYS = "amperity_id", ["datasource", "pk"]
HELD = {ID: pl.String, "datasource": pl.String, "pk": pl.String}
NAMES = {"cluster": pl.Int64, ID: pl.String}


@dataclass(frozen=True)
class Assigned:
    """Who is who, and whose ids nobody holds any more.

    ids: datasource, pk, amperity_id. retired: amperity_id, datasource, pk: the records that last held each id.
    """

    ids: pl.DataFrame
    retired: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Beside:
    """Records that are there and are none of those who are named.

    ids: At least all of theirs, of those that ever were. records: Gives datasource, pk; asked for where an id was
    retired that one of the members held.
    """

    ids: pl.Series
    records: Callable[[], pl.DataFrame]


def assign_ids(
    members: pl.DataFrame,
    *,
    previous: pl.DataFrame | None,
    retired: pl.DataFrame | None,
    key: bytes,
    partitions: int = 1,
    beside: Beside | None = None,
) -> Assigned:
    """Name each cluster.

    First come the ids of the run before, where most records say so; of two that as many say, the one that the cluster
    would have made itself, so that clusters which are parted and put together again, as by a setting that is changed
    there and back, have their ids back. A cluster without one takes a retired id back when it has more than half
    of the records that last held it and are still there: who was merged and is parted again, or was gone with their
    source and is back, is known as before. What is left over is new: its id is a keyed hash of its smallest record
    whose hash is no id yet; where every record's is, of the smallest and how often it has made one.

    Args:
        members: datasource, pk, cluster.
        previous: datasource, pk, amperity_id of the run before, if there was one.
        retired: amperity_id, datasource, pk of the ids that nobody held then, as that run gave them.
        partitions: In how many parts records are held against their ids before: more take less memory at once.
        beside: Others than the members: their ids are taken, and of a retired id that they held they count as still
        there.
    """
    members = members.sort(KEYS).with_row_index("row")
    before, gone = _held(previous), _held(retired)
    others = beside or Beside(before[ID].clear(), lambda: before.select(KEYS).clear())
    with ThreadPoolExecutor(1) as beside_claims:
        taken = beside_claims.submit(_Taken, pl.concat([before[ID], gone[ID], others.ids]))
        old = _majorities(_claims(members, gone, partitions), members, others, gone)
        kept = _served(_claims(members, before, partitions), old["cluster"], members, key)
        kept = pl.concat([kept, _served(_without(old, kept), old["cluster"], members, key)])
    names = pl.concat([kept, _new(_without(members, kept), taken.result(), key)])
    ids = members.join(names, on="cluster", maintain_order="left").select(*KEYS, ID)
    lost = pl.concat([before, gone]).join(names, on=ID, how="anti")
    return Assigned(ids, lost.sort(ID, *KEYS))


def _held(frame: pl.DataFrame | None) -> pl.DataFrame:
    return pl.DataFrame(schema=HELD) if frame is None else frame.select(list(HELD))


def _without(members: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    return members.join(named, on="cluster", how="anti", maintain_order="left")


def _claims(members: pl.DataFrame, held: pl.DataFrame, partitions: int) -> pl.DataFrame:
    """Give cluster, amperity_id, shared (records that held the id), first (the cluster's smallest) of every claim."""
    first = members.group_by("cluster").agg(first=pl.col("row").min())
    here = pl.col("pk").hash() % partitions
    parts = [
        members.filter(here == part)
        .join(held.filter(here == part), on=KEYS)
        .group_by("cluster", ID)
        .agg(shared=pl.len())
        for part in range(partitions)
    ]
    return pl.concat(parts).group_by("cluster", ID).agg(pl.col("shared").sum()).join(first, on="cluster")


def _majorities(claims: pl.DataFrame, members: pl.DataFrame, beside: Beside, held: pl.DataFrame) -> pl.DataFrame:
    """Keep the claims of whoever has more than half of an id's records that are still there."""
    wanted = held.join(claims.select(ID).unique(), on=ID, how="semi")
    if wanted.is_empty():
        return claims.clear()
    there = pl.concat([members.select(KEYS), beside.records().select(KEYS)])
    asked = there.filter(near(there["pk"], wanted["pk"]))
    present = wanted.join(asked, on=KEYS, how="semi").group_by(ID).agg(present=pl.len())
    return claims.join(present, on=ID).filter(pl.col("shared") * 2 > pl.col("present")).drop("present")


def _served(claims: pl.DataFrame, recalled: pl.Series, members: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Give cluster, amperity_id of the claims that are granted; only contested ones are looked at one by one.

    Of two equal claims on a cluster, the id that was made of its first record comes first, then the smaller one.

    Args:
        claims: cluster, amperity_id, shared, first.
        recalled: Clusters that a retired id may come back to: of two equal claims, theirs gives way.
        members: row, datasource, pk of all records, in order.
    """
    claims = claims.with_columns(recalled=pl.col("cluster").is_in(recalled.unique().implode()))
    own = _own(claims, members, key).with_columns(own=pl.lit(True))
    claims = claims.join(own, on=["cluster", ID], how="left")
    claims = claims.with_columns(pl.col("own").fill_null(False) & ~pl.col("recalled"))
    order = {"shared": True, "own": True, ID: False, "recalled": False, "first": False}
    claims = claims.sort(list(order), descending=list(order.values()))
    alone = (pl.len().over("cluster") == 1) & (pl.len().over(ID) == 1)
    marked = claims.with_columns(alone=alone)
    clusters: set[int] = set()
    granted: dict[str, int] = {}
    for cluster, amperity_id in marked.filter(~pl.col("alone")).select("cluster", ID).iter_rows():
        if cluster not in clusters and amperity_id not in granted:
            clusters.add(cluster)
            granted[amperity_id] = cluster
    contested = pl.DataFrame({"cluster": list(granted.values()), ID: list(granted)}, schema=NAMES)
    return pl.concat([marked.filter("alone").select(list(NAMES)), contested])


def _own(claims: pl.DataFrame, members: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Give cluster, amperity_id: the id that the first record of each cluster makes which several ids claim."""
    contested = claims.filter(pl.len().over("cluster") > 1).unique("cluster").sort("cluster")
    made = keyed_uuids(key, members[contested["first"]].select(KEYS).iter_rows())
    return contested.select("cluster", pl.Series(ID, made, dtype=pl.String))


class _Taken:
    """Every id that ever was."""

    def __init__(self, ids: pl.Series) -> None:
        self._ids, self._hashes = ids, ids.hash().to_numpy()

    def without(self, fresh: pl.DataFrame) -> pl.DataFrame:
        """Leave out the rows with an id that was."""
        alike = Finder(np.unique(fresh[ID].hash().to_numpy())).among(self._hashes)
        return fresh.join(self._ids[alike].to_frame(), on=ID, how="anti")


def _new(members: pl.DataFrame, taken: _Taken, key: bytes) -> pl.DataFrame:
    """Give cluster, amperity_id of clusters that have no id.

    Each tries its records in order, then the smallest with a number, until it has an id that never was.

    Args:
        members: row, datasource, pk, cluster of those clusters, in order.
        taken: Every id that ever was.
    """
    tries = members.with_columns(attempt=pl.int_range(pl.len()).over("cluster"), size=pl.len().over("cluster"))
    found, attempt = [pl.DataFrame(schema=NAMES)], 0
    while tries.height:
        exhausted = pl.col("size") <= attempt
        turn = tries.filter(pl.col("attempt") == pl.when(exhausted).then(0).otherwise(attempt))
        parts = turn.select(*KEYS, number=pl.when(exhausted).then(attempt - pl.col("size") + 1)).iter_rows()
        made = keyed_uuids(key, ((*record, str(number)) if number else tuple(record) for *record, number in parts))
        fresh = taken.without(turn.select("cluster", pl.Series(ID, made, dtype=pl.String)))
        found.append(fresh)
        tries = _without(tries, fresh)
        attempt += 1
    return pl.concat(found)
