"""Stitch: which records are the same person. Pure: records in, tables out, no Spark and no clock but for timing."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl
import pyarrow as pa

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.assign_ids import KEYS, Assigned, assign_ids
from cdp_assets.stitch.block import candidate_pairs
from cdp_assets.stitch.carry import MADE, carried, without
from cdp_assets.stitch.clock import Clock
from cdp_assets.stitch.drift import family_hashes, moved, sampled, weights_of_sample
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.incremental import Part, day
from cdp_assets.stitch.model_store import kept_model
from cdp_assets.stitch.normalise.nicknames import amended
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.one_to_one import one_to_one_ids
from cdp_assets.stitch.outputs.benchmarks import benchmarks_of
from cdp_assets.stitch.outputs.blocking import blocking_keys_since, stitch_blocks_since
from cdp_assets.stitch.outputs.tables import output_tables
from cdp_assets.stitch.pace import LEARN, NEWS, STATE, Chosen, chosen_pace, runs_frame
from cdp_assets.stitch.prepare import Prepared, prepared
from cdp_assets.stitch.reach import reached
from cdp_assets.stitch.report import Report, report_of, report_of_ids, report_of_news
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.spelled import HASH, Alike, Rows, alike, hashes, in_order
from cdp_assets.stitch.stages import Matched, matched
from cdp_assets.stitch.threads import each
from cdp_assets.stitch.two_days import TwoDays, stood_for, two_days
from cdp_assets.stitch.versions import Versions, versions_of
from cdp_assets.stitch.weigh import Model

IN_ORDER = ("stitch_ids", "stitch_records", "stitch_spelled")
"""Tables of the run before in which a record of the day before is found by its place."""


@dataclass(frozen=True, eq=False)
class StitchResult:
    """Every output table of Stitch, and what the run was like."""

    frames: dict[str, pl.DataFrame]
    report: Report

    def tables(self) -> dict[str, pa.Table]:
        """Give the tables by name; their texts are views of those of the frames, none is copied."""
        newest = pl.CompatLevel.newest()
        return {name: frame.to_arrow(compat_level=newest) for name, frame in self.frames.items()}


def stitch(records: pl.DataFrame, settings: Stitch, given: Given) -> StitchResult:
    """Resolve identities. The result depends on the set of records, not on their order.

    Args:
        records: datasource, pk and one column per profile semantic; absent and null values are allowed.
        settings: The tenant's settings.
        given: What the tenant and its earlier runs know.
    """
    if given.erased is None:
        return _stitched(records, settings, given)
    result = _stitched(without(records, given.erased), settings, given)
    return replace(result, frames={name: without(frame, given.erased) for name, frame in result.frames.items()})


def _stitched(records: pl.DataFrame, settings: Stitch, given: Given) -> StitchResult:
    clock = Clock()
    if settings.is_one_to_one:
        ids = one_to_one_ids(records, given.key)
        return StitchResult({"stitch_ids": ids}, report_of_ids(ids, clock.seconds))
    given = replace(given, previous=_in_order(given.previous))
    with ThreadPoolExecutor(1) as beside:
        before = beside.submit(_before, given)
        said, known = hashes(records), given.previous.get("stitch_spelled")
        found = None if known is None else alike(known.select(*KEYS, HASH), said)
        chosen = chosen_pace(settings, given, records.height, found.news if found else records.height)
        clock.lap("news")
        part, why = None, ""
        if found and chosen.pace == NEWS:
            versions = _versions(records, found, settings, given)
            clock.lap("normalise")
            known_before = before.result()
            assert known_before is not None  # noqa: S101 - or the news alone were not enough
            part, why = _part(versions, known_before, said, settings, replace(given, pace="whole"), clock, beside)
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


def _in_order(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Give the tables of the run before; those with a row for each record are in the order of datasource, pk."""
    names = [name for name in IN_ORDER if name in tables]
    return {**tables, **dict(zip(names, each(lambda name: in_order(tables[name]), names), strict=True))}


def _before(given: Given) -> tuple[Model, Rows] | None:
    """Give the model of the run before and who stood for each record then; nothing where it left none.

    They are read while today's records are held against those of before, which leaves a processor idle.
    """
    if given.pace != "auto" or not given.previous.keys() >= {*STATE}:
        return None
    return _model(given), stood_for(given.previous["stitch_records"])


def _part(
    versions: Versions,
    before: tuple[Model, Rows],
    said: pl.DataFrame,
    settings: Stitch,
    given: Given,
    clock: Clock,
    beside: Executor,
) -> tuple[Part, str]:
    """Give the part of the records that the news reach, and which learnt weight has moved too far, if one has.

    The sample that says so is learnt `beside`, while people are grouped.
    """
    model, stood = before
    days = two_days(versions, stood, settings, given)
    clock.lap("prepare")
    reach = reached(days, model, settings, given)
    clock.lap("reach")
    moved = beside.submit(_moved, days, model, settings, given)
    part = day(days, reach, said, model, settings, given, clock.lap)
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
    rows = days.versions.in_order(people[sampled(family_hashes(days.records)[people])])
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
        spelled = pool.submit(_spelled_today, part.days, said)
        frames = carried(given.previous, output_tables(part.run, MADE), part) | runs
    frames["stitch_spelled"], frames["stitch_blocking_keys"] = spelled.result(), keys.result()
    frames["stitch_blocks"] = stitch_blocks_since(given.previous["stitch_blocks"], part, settings)
    frames["stitch_benchmarks"] = benchmarks_of(frames["unified_preprocessed_raw"], given)
    clock.lap("tables")
    return StitchResult(frames, report_of_news(part, frames, clock.seconds, chosen))


def _spelled_today(days: TwoDays, said: pl.DataFrame) -> pl.DataFrame:
    """Give the table stitch_spelled of the day."""
    today = days.versions.today
    return days.versions.spelled[today].with_columns(said[HASH].gather(days.versions.raw[today]))


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
