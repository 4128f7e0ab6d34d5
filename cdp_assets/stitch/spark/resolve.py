"""Resolves identities in Spark, stage by stage, with the functions that one process uses: the same people."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.config.stitch import Stitch
from cdp_assets.errors import ConfigError
from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.normalise.nicknames import amended
from cdp_assets.stitch.spark.clusters import keep_clusters
from cdp_assets.stitch.spark.evidence import Comparison, keep_scored
from cdp_assets.stitch.spark.labelled import labelled
from cdp_assets.stitch.spark.numbered import NUMBER, ROW, Numbered
from cdp_assets.stitch.spark.outline import keep_profiles, outline_of
from cdp_assets.stitch.spark.pairs import keep_pairs
from cdp_assets.stitch.spark.people import STANDS, keep_people, keep_records
from cdp_assets.stitch.weigh import Model

CLUSTER = "cluster"


@dataclass(frozen=True)
class Lists:
    """What operators say about records: labels, bad values and nicknames, as `given.Given` has them."""

    labels: pl.DataFrame | None = None
    bad_values: pl.DataFrame | None = None
    nicknames: pl.DataFrame | None = None


@dataclass(frozen=True)
class Weighed:
    """What is known once all pairs have their odds: all records, those that stand for them, and the model."""

    everything: Numbered
    people: Numbered
    comparison: Comparison
    model: Model
    pairs: int
    """How many were compared."""


def keep_weighed(stages: Stages, records: Make, settings: Stitch, lists: Lists) -> Weighed:
    """Keep the stages up to `scored`; raises ConfigError for staples, which are looked for among all people."""
    if settings.enable_staple:
        raise ConfigError("stitch, enable_staple", "staples are not found in Spark", "false, or one process")
    everything = keep_records(stages, records, settings, lists.bad_values)
    labels = labelled(stages, everything, lists.labels, settings.pre_processing_profiles)
    people = keep_people(stages, everything, settings, labels)
    outline = outline_of(stages, people, amended(lists.nicknames))
    keep_pairs(stages, people, settings)
    keep_profiles(stages, people, outline)
    comparison = Comparison(settings, outline, labels)
    scored = keep_scored(stages, comparison)
    return Weighed(everything, people, comparison, scored.model, scored.pairs)


def keep_identities(stages: Stages, records: Make, settings: Stitch, lists: Lists) -> int:
    """Keep a stage `identities`: datasource, pk, cluster (a number that the records of one person share).

    Gives how many pairs were compared.
    """
    weighed = keep_weighed(stages, records, settings, lists)
    keep_clusters(stages, weighed.comparison, weighed.model)

    def identities() -> DataFrame:
        found = weighed.people.frame(ROW).join(stages.read("clusters"), ROW, "left")
        standing = found.select(f.col(NUMBER).alias(STANDS), f.coalesce(CLUSTER, ROW).alias(CLUSTER))
        all_records = weighed.everything.frame(NUMBER).join(stages.read("twins"), NUMBER, "left")
        stands = all_records.select("datasource", "pk", f.coalesce(STANDS, NUMBER).alias(STANDS))
        return stands.join(standing, STANDS).drop(STANDS)

    stages.keep("identities", identities)
    return weighed.pairs
