"""Resolves a day's news of records that Spark has: what they reach comes here and is resolved as one process would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.bad_values import FLAGS
from cdp_assets.stitch.drift import SAMPLE, family_hashes, moved, sampled, weights_of_sample
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.incremental import Part, day
from cdp_assets.stitch.model_store import kept_model
from cdp_assets.stitch.normalise.nicknames import amended
from cdp_assets.stitch.reach import reached
from cdp_assets.stitch.spark.closed import FIRST, FURTHER, ids_of
from cdp_assets.stitch.spark.frames import mapped
from cdp_assets.stitch.spark.near import Near, TooManyError, near_news, with_components, with_holders, without_bad
from cdp_assets.stitch.spark.news import WAS, Known, judged_columns, keep_known, values_today
from cdp_assets.stitch.spark.outputs import families
from cdp_assets.stitch.spark.rows import frame_of
from cdp_assets.stitch.spelled import HASH
from cdp_assets.stitch.two_days import TwoDays

HERE = ("stitch_blocks", "stitch_labelled", "stitch_model", "stitch_shares")
"""Tables of the run before that are read here whole."""
OWN = {**dict.fromkeys(KEYS, pl.String), ID: pl.String}
FAMILIES = {**dict.fromkeys(KEYS, pl.String), "family": pl.Int64}


@dataclass(frozen=True, eq=False)
class Day:
    """A day's part that is resolved, of records that are near it; `here` are tables of the run before, by name."""

    part: Part
    near: Near
    here: dict[str, pl.DataFrame]


def resolved_day(stages: Stages, records: Make, known: Known, settings: Stitch, given: Given) -> Day | str:
    """Resolve what the news reach; say why, where all records must be resolved instead.

    Belongs after `keep_changed`.
    """
    if odd := sorted(set(judged_columns(settings, given.bad_values)) - set(FLAGS)):
        return f"values of {', '.join(odd)} may be bad, and no table says which are"
    keep_known(stages, records, known, settings, given.bad_values)
    here = {name: pl.DataFrame(stages.answer(partial(known.read, name))) for name in HERE}
    try:
        return _resolved(stages, known, here, settings, given)
    except TooManyError:
        return "the news reach more records than spark_above_records"


def _resolved(stages: Stages, known: Known, here: dict[str, pl.DataFrame], settings: Stitch, given: Given) -> Day | str:
    model, most = kept_model(here["stitch_model"], here["stitch_shares"]), settings.spark_above_records
    near = near_news(stages, values_today(stages, known), given.labels, settings, most)
    near = with_holders(stages, near, settings, here["stitch_blocks"], most)
    found = reached(near.days(settings), model, settings, _since(given, near, here))
    near = with_components(stages, near, found.components, most)
    days = near.days(settings)
    sample = weights_of_sample(_sample(stages, near, days), model, settings, amended(given.nicknames))
    if why := moved(here["stitch_model"], sample, settings.relearn_when_weights_move_bits):
        return why
    retired, elsewhere = _names_beside(stages, known, near, found.components, given.key)
    here = here | {"stitch_retired_ids": retired}
    said, since = near.today.select(*KEYS, HASH), _since(given, near, here)
    everybody = reached(days, model, settings, since)
    return Day(day(days, everybody, said, model, settings, since, elsewhere=elsewhere), near, here)


def _since(given: Given, near: Near, tables: dict[str, pl.DataFrame]) -> Given:
    """Give what is given with the tables of the run before as they are of some records."""
    return replace(given, pace="whole", previous={**near.previous(), **tables})


def _sample(stages: Stages, near: Near, days: TwoDays) -> pl.DataFrame:
    """Give the people of today whom the model is held against, as `drift.sampled` chooses them."""
    ours = days.records.filter(pl.Series(days.people))

    def others() -> DataFrame:
        near_ones = f.broadcast(frame_of(stages.session(), near.known.select(KEYS)))
        people = stages.read("known").where("pk = rep_pk AND datasource = rep_ds").join(near_ones, KEYS, "left_anti")
        of_families = mapped(people.select(*KEYS, WAS, *FLAGS), _of_families, FAMILIES)
        return people.join(f.broadcast(of_families.orderBy("family", *KEYS).limit(SAMPLE)), KEYS).drop("family")

    found = pl.DataFrame(stages.answer(others))
    theirs = without_bad(found.select(ours.columns), found[WAS]).records
    everybody = pl.concat([theirs, ours]).sort(KEYS)
    return everybody[sampled(family_hashes(everybody))]


def _of_families(people: pl.DataFrame) -> pl.DataFrame:
    return people.select(KEYS).with_columns(families(without_bad(people, people[WAS]).records))


def _names_beside(
    stages: Stages, known: Known, near: Near, components: pl.Series, key: bytes
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the retired ids and the records elsewhere that have a say in the ids of some components and of what came.

    Ids that their records have held, or would make anew; and whoever else held one of these, as long as they are there.
    """
    part = pl.concat(
        [near.known.filter(pl.col("component_id").is_in(components.implode())), near.fresh], how="diagonal"
    )
    stages.keep("own", lambda: _own(stages, known, part.select(KEYS), key))

    def retired() -> DataFrame:
        return known.read("stitch_retired_ids").join(f.broadcast(stages.read("own")), ID, "left_semi")

    def elsewhere() -> DataFrame:
        ids, theirs = known.read("stitch_ids").select(*KEYS, ID), retired().select(*KEYS)
        named = ids.join(f.broadcast(stages.read("own")), ID, "left_semi").union(
            ids.join(f.broadcast(theirs), KEYS, "left_semi")
        )
        ours = f.broadcast(frame_of(stages.session(), near.known.select(KEYS)))
        return named.distinct().join(ours, KEYS, "left_anti")

    return pl.DataFrame(stages.answer(retired)), pl.DataFrame(stages.answer(elsewhere))


def _own(stages: Stages, known: Known, part: pl.DataFrame, key: bytes) -> DataFrame:
    """Give the ids that are held or retired and that some records would make anew, and the retired that they held."""
    records, retired = frame_of(stages.session(), part), known.read("stitch_retired_ids")
    every = known.read("stitch_ids").select(ID).union(retired.select(ID))
    first = every.distinct().join(f.broadcast(mapped(records, partial(ids_of, key, FIRST), OWN)), ID)
    again = mapped(first.select(*KEYS), partial(ids_of, key, FURTHER), OWN)
    further = every.join(f.broadcast(again), ID)
    held = retired.join(f.broadcast(records), KEYS, "left_semi")
    return first.select(ID).union(further.select(ID)).union(held.select(ID)).distinct()
