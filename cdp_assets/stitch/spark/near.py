"""Brings the records that a day's news may reach here from Spark, and puts both days' versions of them together.

First those that differ or that labels name, and those that say the same as one of them, then the people who share a
blocking key with whoever came or went, then all of the components that are thereby touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.bad_values import FLAGS, Judged, judged_by
from cdp_assets.stitch.block import Parts
from cdp_assets.stitch.collapse import alike_hashes
from cdp_assets.stitch.held import Keys, Wanted
from cdp_assets.stitch.large_blocks import LargeBlocks
from cdp_assets.stitch.ready import Ready, stood_for
from cdp_assets.stitch.slots import Finder, Hashes
from cdp_assets.stitch.spark.frames import mapped
from cdp_assets.stitch.spark.labelled import named_among
from cdp_assets.stitch.spark.news import DIFFERS, IS, IS_NEWS, STOOD, WAS, fresh
from cdp_assets.stitch.spark.rows import frame_of
from cdp_assets.stitch.spelled import HASH, Known, Told, alike
from cdp_assets.stitch.touched import wanted_keys
from cdp_assets.stitch.two_days import Found, TwoDays, days_judged
from cdp_assets.stitch.versions import versions_of

NOT_SAID = (ID, *STOOD, WAS, IS, IS_NEWS, DIFFERS)
"""Columns of the stage `known` beside those of stitch_spelled."""


class TooManyError(Exception):
    """The news reach more records than one process is to hold."""


@dataclass(frozen=True, eq=False)
class Near:
    """Records that the news may reach.

    known: Those of the day before, in order, as the stage of that name has them. fresh: Those that came or say other
    things, spelled, with IS. values: VALUES_SCHEMA of what is bad today. labels: Those of both days.
    """

    known: pl.DataFrame
    fresh: pl.DataFrame
    values: pl.DataFrame
    labels: pl.DataFrame | None

    def previous(self) -> dict[str, pl.DataFrame]:
        """Give the tables of the run before with a row per record, of these records."""
        spelled = self.known.select(self._spelled)
        ids, records = (self.known.select(*KEYS, *names) for names in ([ID], STOOD))
        return {"stitch_ids": ids, "stitch_records": records, "stitch_spelled": spelled}

    @property
    def _spelled(self) -> list[str]:
        return [name for name in self.known.columns if name not in NOT_SAID]

    @property
    def today(self) -> pl.DataFrame:
        """Give today's records, spelled, with HASH and IS."""
        columns = [*self._spelled, IS]
        return pl.concat([self.known.filter(~pl.col(IS_NEWS)).select(columns), self.fresh.select(columns)])

    def days(self, settings: Stitch) -> TwoDays:
        """Give both days' versions of these records."""
        spelled, today = self.known.select(self._spelled), self.today
        found = alike(Known.of(spelled), Told.of(today))
        versions = versions_of(today.drop(HASH, IS), spelled, found, lambda fresh: fresh.sort(KEYS))
        rows = np.flatnonzero(versions.after)
        judged = Found(rows, without_bad(versions.spelled[rows], today[IS].gather(versions.raw[rows]), self.values))
        before = without_bad(spelled.drop(HASH), self.known[WAS]).records
        known = Ready(before, stood_for(self.known.select(*KEYS, *STOOD)))
        return days_judged(versions, judged, settings, known, self.labels)

    def with_more(self, known: pl.DataFrame) -> Near:
        """Give these records and others of the day before."""
        return replace(self, known=pl.concat([self.known, known]).unique(KEYS).sort(KEYS))


def without_bad(spelled: pl.DataFrame, bad: pl.Series, values: pl.DataFrame | None = None) -> Judged:
    """Set to null what is bad, as a number with a bit per column of FLAGS says it."""
    masks = {name: (bad & (1 << place)) > 0 for place, name in enumerate(FLAGS)}
    return judged_by(masks, spelled, pl.DataFrame() if values is None else values)


def near_news(stages: Stages, values: pl.DataFrame, labels: pl.DataFrame | None, settings: Stitch, most: int) -> Near:
    """Give the records that differ or that labels name, and those that say, or said, the same as one of them.

    Raises TooManyError where they are more than `most`, as all of these functions do.
    """
    differing = few(stages, lambda: stages.read("known").where(DIFFERS), most)
    found = Near(differing, few(stages, lambda: fresh(stages), most), values, labels)
    if labels is not None and labels.height:
        asked = partial(named_among, labels, settings.pre_processing_profiles)
        found = found.with_more(_steady(stages, differing, asked, most))
    said = [*found.previous()["stitch_spelled"].columns]
    exclusions = settings.soft_trivial_dupe_semantic_exclusions
    was = without_bad(found.known.select(said), found.known[WAS]).records
    is_ = without_bad(found.today.select(said), found.today[IS]).records
    hashes = np.unique(np.concatenate([alike_hashes(day, exclusions) for day in (was, is_)]))
    return found.with_more(_steady(stages, differing, partial(_alike, said, hashes, exclusions), most))


def with_holders(stages: Stages, near: Near, settings: Stitch, blocks: pl.DataFrame, most: int) -> Near:
    """Add the people who share a key with one who came or went, where its block is not too large on both days."""
    days = near.days(settings)
    keys, large = Keys(days.records, settings), LargeBlocks.of_table(blocks)
    wanted = wanted_keys(keys, days.people_before, days.people, large)
    said = [*near.previous()["stitch_spelled"].columns]
    return near.with_more(_steady(stages, near.known, partial(_holding, said, wanted), most))


def with_components(stages: Stages, near: Near, components: pl.Series, most: int) -> Near:
    """Add all records of some components of the day before."""
    asked = components.unique().to_frame("component_id")

    def members() -> DataFrame:
        return stages.read("known").join(f.broadcast(frame_of(stages.session(), asked)), "component_id", "left_semi")

    return near.with_more(few(stages, members, most).select(near.known.columns))


def few(stages: Stages, make: Make, most: int) -> pl.DataFrame:
    """Give a frame's rows here; raises TooManyError where they are more than `most`."""
    found = pl.DataFrame(stages.answer(lambda: make().limit(most + 1)))
    if found.height > most:
        raise TooManyError
    return found


def _steady(stages: Stages, nobody: pl.DataFrame, kernel: partial[pl.DataFrame], most: int) -> pl.DataFrame:
    """Give what a function leaves of the records that do not differ."""
    schema = nobody.schema
    return few(stages, lambda: mapped(stages.read("known").where(~f.col(DIFFERS)), kernel, schema), most)


def _alike(said: Sequence[str], hashes: Hashes, exclusions: Sequence[str], records: pl.DataFrame) -> pl.DataFrame:
    """Give the records that may be taken as one with somebody."""
    cleaned = without_bad(records.select(said), records[WAS]).records
    return records[Finder(hashes).among(alike_hashes(cleaned, exclusions))]


def _holding(said: Sequence[str], wanted: Sequence[Wanted], records: pl.DataFrame) -> pl.DataFrame:
    """Give those who stand for others or themselves and hold a wanted key."""
    people = records.filter(pl.col("pk") == pl.col("rep_pk"), pl.col("datasource") == pl.col("rep_ds"))
    parts = Parts(without_bad(people.select(said), people[WAS]).records)
    parts.make({name for one in wanted for name in one.parts})
    holds = np.zeros(people.height, dtype=np.bool_)
    for one in wanted:
        key = parts.key(one.parts)
        found = Finder(one.hashes).among(key.hashes)
        holds[found] |= key.known[found]
    return people.filter(pl.Series(holds))
