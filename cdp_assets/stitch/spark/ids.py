"""Names the people that Spark found, where nobody was known before."""

from __future__ import annotations

from functools import partial

import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.config.stitch import Stitch
from cdp_assets.hashing import keyed_uuids
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.stages import Make, Stages, stages_of
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.spark.frames import mapped
from cdp_assets.stitch.spark.resolve import CLUSTER, Lists, keep_identities

GIVEN = "given.parquet"
RECORDS_PER_PART = 100_000
IDS = {CLUSTER: pl.Int64, ID: pl.String}


def ids_in_spark(lake: Lake, records: pl.DataFrame, settings: Stitch, key: bytes) -> tuple[pl.DataFrame, int]:
    """Give datasource, pk, amperity_id, and how many pairs were compared.

    They are the ids that one process gives to records that are resolved for the first time. The records and their ids
    are held here; their keys, pairs and components are not.
    """
    with stages_of(lake, parts_of(records.height)) as stages:
        records.write_parquet(stages.folder / GIVEN)
        pairs = keep_ids(stages, lambda: stages.read(GIVEN), settings, key)
        return pl.DataFrame(stages.answer(lambda: stages.read("ids"))).sort(KEYS), pairs


def keep_ids(stages: Stages, records: Make, settings: Stitch, key: bytes) -> int:
    """Keep a stage `ids`: datasource, pk, amperity_id. Gives how many pairs were compared."""
    pairs = keep_identities(stages, records, settings, Lists())
    stages.keep("ids", lambda: _named(stages, key))
    return pairs


def parts_of(records: int) -> int:
    """Give in how many parts so many records are worked on."""
    return max(records // RECORDS_PER_PART, 4)


def _named(stages: Stages, key: bytes) -> DataFrame:
    """Give every record its person's id, which is made from the smallest record of the person."""
    found = stages.read("identities")
    first = found.groupBy(CLUSTER).agg(f.min(f.struct(*KEYS)).alias("first")).select(CLUSTER, "first.*")
    return found.join(mapped(first, partial(_ids, key), IDS), CLUSTER).select(*KEYS, ID)


def _ids(key: bytes, first: pl.DataFrame) -> pl.DataFrame:
    made = keyed_uuids(key, first.select(KEYS).iter_rows())
    return first.select(CLUSTER, pl.Series(ID, made, dtype=pl.String))
