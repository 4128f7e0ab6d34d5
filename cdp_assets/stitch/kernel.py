"""Stitch: which records are the same person. Pure: records in, tables out, no Spark and no clock but for timing."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import polars as pl
import pyarrow as pa

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.keep import Change
from cdp_assets.stitch.assign_ids import KEYS, Assigned, assign_ids
from cdp_assets.stitch.before import Before, State, before_of
from cdp_assets.stitch.block import candidate_pairs
from cdp_assets.stitch.carry import MADE, WHOLE, Since, carried, without
from cdp_assets.stitch.clock import Clock
from cdp_assets.stitch.drift import family_hashes, moved, sampled, weights_of_sample
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.incremental import Part, day
from cdp_assets.stitch.model_store import kept_model
from cdp_assets.stitch.normalise.nicknames import amended
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.one_to_one import one_to_one_ids
from cdp_assets.stitch.outputs.benchmarks import benchmarks_since
from cdp_assets.stitch.outputs.blocking import blocking_keys_since, stitch_blocks_since
from cdp_assets.stitch.outputs.tables import output_tables
from cdp_assets.stitch.pace import LEARN, NEWS, Chosen, chosen_pace, runs_frame
from cdp_assets.stitch.prepare import Prepared, prepared
from cdp_assets.stitch.reach import reached
from cdp_assets.stitch.ready import all_hashes
from cdp_assets.stitch.report import Report, report_of, report_of_ids, report_of_news
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.spelled import HASH, Alike, Told, alike, hashes
from cdp_assets.stitch.stages import Matched, matched
from cdp_assets.stitch.two_days import TwoDays, two_days
from cdp_assets.stitch.versions import Versions, versions_of
from cdp_assets.stitch.weigh import Model


@dataclass(frozen=True, eq=False)
class StitchResult:
    """Every output table of Stitch, and what the run was like.

    since: The tables of which it is known how they differ from those of the run before.
    """

    frames: dict[str, pl.DataFrame]
    report: Report
    since: Mapping[str, Since] = field(default_factory=dict)

    def tables(self) -> dict[str, pa.Table]:
        """Give the tables by name; their texts are views of those of the frames, none is copied."""
        return {name: _arrow(frame) for name, frame in self.frames.items()}

    def changes(self) -> dict[str, Change]:
        """Give what has changed in those tables of which that is known."""
        return {name: Change(_arrow(one.gone), _arrow(one.came)) for name, one in self.since.items()}


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.newest())


def stitch(records: pl.DataFrame, settings: Stitch, given: Given, before: Before | None = None) -> StitchResult:
    """Resolve identities. The result depends on the set of records, not on their order.

    Args:
        records: datasource, pk and one column per profile semantic; absent and null values are allowed.
        settings: The tenant's settings.
        given: What the tenant and its earlier runs know.
        before: What `before_of` gives of these settings and of what is given, where it was made ready beforehand.
    """
    if given.erased is None:
        return _stitched(records, settings, given, before)
    result = _stitched(without(records, given.erased), settings, given, before)
    frames = {name: without(frame, given.erased) for name, frame in result.frames.items()}
    since = {name: one for name, one in result.since.items() if frames[name] is one.rows}
    return replace(result, frames=frames, since=since)


def _stitched(records: pl.DataFrame, settings: Stitch, given: Given, before: Before | None) -> StitchResult:
    clock = Clock()
    if settings.is_one_to_one:
        ids = one_to_one_ids(records, given.key)
        return StitchResult({"stitch_ids": ids}, report_of_ids(ids, clock.seconds))
    before = before or before_of(settings, given)
    given = replace(given, previous=before.tables)
    said = hashes(records)
    found = alike(before.records, Told.of(said)) if before.records else None
    chosen = chosen_pace(settings, given, records.height, found.news if found else records.height)
    clock.lap("news")
    part, why = None, ""
    if found and before.state and chosen.pace == NEWS:
        versions = _versions(records, found, settings, given)
        clock.lap("normalise")
        part, why = _part(versions, before.state, said, settings, replace(given, pace="whole"), clock)
    if why:
        chosen, part = replace(chosen, pace=LEARN, why=why), None
    runs = {"stitch_runs": runs_frame(chosen, given, records.height, settings.recorded_history_days)}
    given = replace(given, pace="learn" if chosen.pace == LEARN else "whole")
    if part:
        return _of_news(part, said, settings, given, chosen, runs, clock)
    run = _resolved(records, said, settings, given, clock, None if chosen.pace == LEARN else _model(given))
    frames = output_tables(run) | runs
    clock.lap("tables")
    return StitchResult(frames, report_of(run, frames.get("unified_scores"), clock.seconds, chosen))


def resolve(records: pl.DataFrame, settings: Stitch, given: Given) -> Resolved:
    """Give who is who as `stitch` does, without the tables that say why."""
    return _resolved(records, hashes(records), settings, given, Clock(), None)


def _part(
    versions: Versions, before: State, said: pl.DataFrame, settings: Stitch, given: Given, clock: Clock
) -> tuple[Part, str]:
    """Give the part of the records that the news reach, and which learnt weight has moved too far, if one has.

    The sample that says so is learnt beside, while people are grouped.
    """
    days = two_days(versions, before.known, before.suspects, settings, given)
    clock.lap("prepare")
    reach = reached(days, before.model, settings, given)
    clock.lap("reach")
    with ThreadPoolExecutor(1) as beside:
        moved = beside.submit(_moved, days, before.model, settings, given)
        part = day(days, reach, said, before.model, settings, given, clock.lap)
        why = moved.result()
    clock.lap("weights")
    return part, why


def _versions(records: pl.DataFrame, found: Alike, settings: Stitch, given: Given) -> Versions:
    """Give the records of the day before and of today, of which only the news are normalised."""
    profiles = settings.pre_processing_profiles
    spell = partial(normalised, profiles=profiles)
    return versions_of(records, given.previous["stitch_spelled"], found, spell)


def _moved(days: TwoDays, model: Model, settings: Stitch, given: Given) -> str:
    """Say which learnt weight has moved beyond its bound, if one has."""
    people = np.flatnonzero(days.people)
    families = all_hashes(days.known.families, days.records, family_hashes)
    rows = days.versions.in_order(people[sampled(families[people])])
    sample = weights_of_sample(days.records[rows], model, settings, amended(given.nicknames))
    return moved(given.previous["stitch_model"], sample, settings.relearn_when_weights_move_bits)


def _of_news(
    part: Part,
    said: pl.DataFrame,
    settings: Stitch,
    given: Given,
    chosen: Chosen,
    runs: dict[str, pl.DataFrame],
    clock: Clock,
) -> StitchResult:
    with ThreadPoolExecutor(1) as pool:
        keys = pool.submit(blocking_keys_since, given.previous["stitch_blocking_keys"], part, settings)
        spelled = pool.submit(_spelled_today, given.previous["stitch_spelled"], part.days, said)
        made = output_tables(part.run, MADE)
        since = carried(given.previous, made, part)
        since |= {"stitch_spelled": spelled.result(), "stitch_blocking_keys": keys.result()}
    frames = (
        {name: made[name] for name in WHOLE if name in made} | {name: one.rows for name, one in since.items()} | runs
    )
    frames["stitch_blocks"] = stitch_blocks_since(given.previous["stitch_blocks"], part, settings)
    frames["stitch_benchmarks"] = benchmarks_since(since["unified_preprocessed_raw"], given)
    clock.lap("tables")
    return StitchResult(frames, report_of_news(part, frames, clock.seconds, chosen), since)


def _spelled_today(known: pl.DataFrame, days: TwoDays, said: pl.DataFrame) -> Since:
    """Give the table stitch_spelled of the day, from that of the run before."""
    today = days.versions.today
    rows = days.versions.spelled[today].with_columns(said[HASH].gather(days.versions.raw[today]))
    left, new = (pl.Series(some) for some in (~days.versions.after[: known.height], today >= known.height))
    return Since(rows, known.filter(left), rows.filter(new))


def _model(given: Given) -> Model:
    return kept_model(given.previous["stitch_model"], given.previous["stitch_shares"])


def _resolved(
    records: pl.DataFrame, said: pl.DataFrame, settings: Stitch, given: Given, clock: Clock, model: Model | None
) -> Resolved:
    side = prepared(records, settings, given)
    clock.lap("normalise")
    pairs = candidate_pairs(side.collapsed.records, settings)
    clock.lap("block")
    found = matched(side.collapsed, side.labels, pairs, settings, given, model, clock.lap)
    assigned = _assigned(side, found, settings, given)
    clock.lap("ids")
    judged, collapsed, labelled = side.judged, side.collapsed, side.labelled
    return Resolved(
        settings, given, said, judged, collapsed, pairs, found.bits, found.judge, found.found, assigned, labelled
    )


def _assigned(side: Prepared, found: Matched, settings: Stitch, given: Given) -> Assigned:
    labels = found.found.labels[side.collapsed.representative]
    members = side.judged.records.select(KEYS).with_columns(cluster=pl.Series(labels, dtype=pl.Int64))
    if settings.disable_stable_ids:
        return assign_ids(members, previous=None, retired=None, key=given.key)
    partitions = settings.stable_id_partition_count
    previous, retired = (given.previous.get(name) for name in ("stitch_ids", "stitch_retired_ids"))
    return assign_ids(members, previous=previous, retired=retired, key=given.key, partitions=partitions)
