"""Stitch: which records are the same person. Pure: records in, tables out, no Spark and no clock but for timing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.assign_ids import KEYS, Assigned, assign_ids
from cdp_assets.stitch.bad_values import Judged
from cdp_assets.stitch.block import candidate_pairs
from cdp_assets.stitch.cluster import Clusters
from cdp_assets.stitch.collapse import Collapsed
from cdp_assets.stitch.compare import fields_of
from cdp_assets.stitch.encode import encode
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.group import grouped
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.learn import learn, levels_of
from cdp_assets.stitch.normalise.nicknames import amended
from cdp_assets.stitch.one_to_one import one_to_one_ids
from cdp_assets.stitch.outputs.tables import output_tables
from cdp_assets.stitch.prepare import prepared
from cdp_assets.stitch.report import Report, report_of, report_of_ids
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.weigh import Scale


@dataclass(frozen=True, eq=False)
class StitchResult:
    """Every output table of Stitch, and what the run was like."""

    frames: dict[str, pl.DataFrame]
    report: Report

    def tables(self) -> dict[str, pa.Table]:
        """Give the tables by name."""
        return {name: frame.to_arrow() for name, frame in self.frames.items()}


@dataclass
class _Clock:
    """Seconds per stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.monotonic)

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.seconds[stage], self._last = round(now - self._last, 3), now


def stitch(records: pl.DataFrame, settings: Stitch, given: Given) -> StitchResult:
    """Resolve identities. The result depends on the set of records, not on their order.

    Args:
        records: datasource, pk and one column per profile semantic; absent and null values are allowed.
        settings: The tenant's settings.
        given: What the tenant and its earlier runs know.
    """
    clock = _Clock()
    if settings.is_one_to_one:
        ids = one_to_one_ids(records, given.key)
        return StitchResult({"stitch_ids": ids}, report_of_ids(ids, clock.seconds))
    run = _resolved(records, settings, given, clock)
    frames = output_tables(run)
    clock.lap("tables")
    return StitchResult(frames, report_of(run, frames.get("unified_scores"), clock.seconds))


def resolve(records: pl.DataFrame, settings: Stitch, given: Given) -> Resolved:
    """Give who is who as `stitch` does, without the tables that say why."""
    return _resolved(records, settings, given, _Clock())


def _resolved(records: pl.DataFrame, settings: Stitch, given: Given, clock: _Clock) -> Resolved:
    ready = prepared(records, settings, given)
    judged, collapsed, labels = ready.judged, ready.collapsed, ready.labels
    people = collapsed.records
    clock.lap("normalise")
    pairs = candidate_pairs(people, settings)
    clock.lap("block")
    nicknames = amended(given.nicknames)
    encoded = encode(people, nicknames=nicknames)
    fields = fields_of(encoded)
    levels = levels_of(encoded, fields, pairs.left, pairs.right)
    clock.lap("compare")
    scale = Scale(learn(encoded, fields, levels), encoded)
    clock.lap("learn")
    judge = Judge(people, scale, settings, labels, nicknames)
    bits, _ = judge.weigh(pairs.left, pairs.right, levels)
    found = grouped(people, pairs, bits, judge, settings, labels)
    clock.lap("cluster")
    assigned = _assigned(judged, collapsed, found, settings, given)
    clock.lap("ids")
    return Resolved(settings, given, records, judged, collapsed, pairs, bits, judge, found, assigned)


def _assigned(judged: Judged, collapsed: Collapsed, found: Clusters, settings: Stitch, given: Given) -> Assigned:
    labels = found.labels[collapsed.representative]
    members = judged.records.select(KEYS).with_columns(cluster=pl.Series(labels, dtype=pl.Int64))
    if settings.disable_stable_ids:
        return assign_ids(members, previous=None, retired=None, key=given.key)
    partitions = settings.stable_id_partition_count
    previous, retired = (given.previous.get(name) for name in ("stitch_ids", "stitch_retired_ids"))
    return assign_ids(members, previous=previous, retired=retired, key=given.key, partitions=partitions)
