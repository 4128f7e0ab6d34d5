"""Finds in Spark whose ids depend on each other: people, those who held the same ids before, and so on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from cdp_assets.hashing import keyed_uuids
from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.spark.components import NODE, ROOT, keep_components
from cdp_assets.stitch.spark.frames import mapped
from cdp_assets.stitch.spelled import HASH

CLOSED, RETIRED = "_cdp_closed", "_cdp_retired"
OWN = {ROOT: pl.Int64, ID: pl.String, **dict.fromkeys(KEYS, pl.String)}
FIRST, FURTHER = ("",), tuple(map(str, range(1, 10)))
"""What an id is made of beside a record: nothing, then a number; nobody's records have made more than nine."""


@dataclass(frozen=True)
class Before:
    """The run before, as frames of its tables: who was who, the ids that nobody held, how records were spelled.

    One that compared nothing has left neither of the last two.
    """

    ids: Make
    retired: Make | None = None
    spelled: Make | None = None


def keep_closed(stages: Stages, before: Before, key: bytes) -> None:
    """Keep `held`: datasource, pk, amperity_id, HASH, RETIRED of every id that ever was; and `closing`: node, root.

    Two components of `everybody` are of one root where a name of one depends on the other: an id was held by records
    of both, or one of them would make an id anew that others have held.
    """

    stages.keep("held", lambda: _held(before))
    stages.keep("ties", lambda: _ties(stages, key))
    keep_components(stages, "closing", lambda: stages.read("ties"))


def _held(before: Before) -> DataFrame:
    unknown, ids = f.lit(None).cast("long").alias(HASH), before.ids().select(*KEYS, ID)
    told = ids.select("*", unknown) if before.spelled is None else _told(ids, before.spelled())
    found = told.withColumn(RETIRED, f.lit(False))
    if before.retired is None:
        return found
    return found.union(before.retired().select(*KEYS, ID, unknown).withColumn(RETIRED, f.lit(True)))


def _told(ids: DataFrame, spelled: DataFrame) -> DataFrame:
    return ids.join(spelled.select(*KEYS, HASH), KEYS, "left").select(*KEYS, ID, HASH)


def closed(stages: Stages, frame: DataFrame, *, follows: bool) -> DataFrame:
    """Give a frame of today's components with their CLOSED; where no run was before, each is by itself."""
    if not follows:
        return frame.withColumn(CLOSED, f.col(ROOT))
    return _with_closed(stages, frame, f.col(ROOT)).drop(ROOT)


def held(stages: Stages) -> DataFrame:
    """Give who held which id, with the CLOSED of those whom it concerns."""
    return _with_closed(stages, stages.read("held"), _node())


def _with_closed(stages: Stages, frame: DataFrame, node: Column) -> DataFrame:
    closing = stages.read("closing").select(f.col(NODE).alias("_cdp_node"), f.col(ROOT).alias(CLOSED))
    joined = frame.withColumn("_cdp_node", node).join(closing, "_cdp_node", "left")
    return joined.withColumn(CLOSED, f.coalesce(CLOSED, "_cdp_node")).drop("_cdp_node")


def _node() -> Column:
    """Give an id as a number beside those of components; two of one number are looked at together, no more."""
    return f.xxhash64(ID)


def _ties(stages: Stages, key: bytes) -> DataFrame:
    """Give root, node of every component and id that depend on each other."""
    everybody, known = stages.read("everybody").select(*KEYS, ROOT), stages.read("held")
    ids = known.select(ID).distinct()
    theirs = everybody.join(known, KEYS).select(ROOT, ID)
    own = mapped(everybody, partial(ids_of, key, FIRST), OWN).join(ids, ID)
    further = mapped(own.select(*KEYS, ROOT), partial(ids_of, key, FURTHER), OWN).join(ids, ID)
    return theirs.union(own.select(ROOT, ID)).union(further.select(ROOT, ID)).select(ROOT, _node().alias(NODE))


def ids_of(key: bytes, attempts: Sequence[str], records: pl.DataFrame) -> pl.DataFrame:
    """Give some records once for each id that would be made of it."""
    tries = records.join(pl.DataFrame({"attempt": attempts}), how="cross")
    parts = tries.select(*KEYS, "attempt").iter_rows()
    made = keyed_uuids(key, ([*record, attempt] if attempt else record for *record, attempt in parts))
    return tries.drop("attempt").with_columns(pl.Series(ID, made, dtype=pl.String))
