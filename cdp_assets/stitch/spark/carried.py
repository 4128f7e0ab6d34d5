"""Makes every output table of a day in Spark: rows of what was resolved again, and the rest of the run before's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl
from pyspark.sql import DataFrame

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.carry import MADE, OF_PAIRS, OF_PARTS, OF_RECORDS, in_place
from cdp_assets.stitch.carry import without as without_here
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.outputs.beside import pairs_beside
from cdp_assets.stitch.outputs.blocking import MovedKeys, moved_keys, stitch_blocks_since
from cdp_assets.stitch.outputs.tables import output_tables
from cdp_assets.stitch.spark.day import Day
from cdp_assets.stitch.spark.news import Known, spelled_today
from cdp_assets.stitch.spark.rows import frame_of, naming, with_history, without

EXAMPLES = "detailed_examples"


@dataclass(frozen=True)
class OfDay:
    """A day's tables: those whose rows Spark has, and such as are small; one that is not here stays as it was."""

    spread: Mapping[str, Make]
    here: Mapping[str, pl.DataFrame]


def tables_of_day(stages: Stages, known: Known, day: Day, settings: Stitch, given: Given) -> OfDay:
    """Give every table as `carry.carried` does, and those that are made of all of a day's records.

    The model and its shares stay those of the run that learnt them.
    """
    made = output_tables(day.part.run, MADE)
    again = pl.concat([day.part.own, day.part.gone])
    here = {"stitch_model": day.here["stitch_model"], "stitch_labelled": day.part.run.labelled}
    parts = {name: made[name] for name in (*OF_RECORDS, *OF_PARTS) if name in made}
    if OF_PAIRS in made:
        parts[OF_PAIRS] = _pairs(stages, known, day, made, again)
        here[EXAMPLES] = without_here(pl.DataFrame(stages.answer(partial(known.read, EXAMPLES))), again)
    spread = {name: _beside(stages, known, name, rows, again) for name, rows in parts.items()}
    return OfDay(spread | _of_all(stages, known, day, made, settings, given), here)


def _of_all(
    stages: Stages, known: Known, day: Day, made: Mapping[str, pl.DataFrame], settings: Stitch, given: Given
) -> dict[str, Make]:
    """Give the tables that are about all records."""
    blocks = stitch_blocks_since(day.here["stitch_blocks"], day.part, settings)
    found: dict[str, Make] = {
        "stitch_spelled": partial(spelled_today, stages, known),
        "stitch_retired_ids": partial(_retired, stages, known, day, made["stitch_retired_ids"]),
        "stitch_badvalues": _here(stages, made["stitch_badvalues"]),
        "stitch_blocks": _here(stages, blocks),
        "stitch_blocking_keys": partial(_shared_keys, stages, known, moved_keys(day.part, settings)),
    }
    for name in ("unified_changes_clusters", "unified_changes_pks"):
        days = settings.recorded_history_days
        found[name] = partial(with_history, _here(stages, made[name]), known.tables.get(name), given, days)
    return found


def _here(stages: Stages, rows: pl.DataFrame) -> Make:
    """Give rows that are here as a table of Spark's."""
    return lambda: frame_of(stages.session(), rows)


def _beside(stages: Stages, known: Known, name: str, made: pl.DataFrame, again: pl.DataFrame) -> Make:
    """Give the rows of before that name nobody who was resolved again, and those that were made."""

    def both() -> DataFrame:
        rest = without(partial(known.read, name), again)
        return rest.select(*made.columns).union(frame_of(stages.session(), made))

    return both


def _pairs(
    stages: Stages, known: Known, day: Day, made: Mapping[str, pl.DataFrame], again: pl.DataFrame
) -> pl.DataFrame:
    """Give the pairs of which one end, or both, was resolved again."""
    before = pl.DataFrame(stages.answer(lambda: naming(partial(known.read, OF_PAIRS), again)))
    ids = in_place(day.near.previous()["stitch_ids"], made["stitch_ids"], day.part)
    beside = pairs_beside(before, ids, day.part)
    return pl.concat([made[OF_PAIRS], beside.select(made[OF_PAIRS].columns)])


def _retired(stages: Stages, known: Known, day: Day, made: pl.DataFrame) -> DataFrame:
    looked = day.here["stitch_retired_ids"].select(ID).unique()
    before = known.read("stitch_retired_ids").select(*made.columns)
    rest = before.join(frame_of(stages.session(), looked), ID, "left_anti").select(*made.columns)
    return rest.union(frame_of(stages.session(), made))


def _shared_keys(stages: Stages, known: Known, moved: MovedKeys) -> DataFrame:
    before, session = known.read("stitch_blocking_keys").select(*moved.found.columns), stages.session()
    rest = before.join(frame_of(session, moved.left), KEYS, "left_anti")
    left = rest.join(frame_of(session, moved.gone.unique()), ["strategy", "bk"], "left_anti")
    return left.select(*moved.found.columns).union(frame_of(session, moved.found))
