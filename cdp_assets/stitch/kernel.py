"""Stitch: which records are the same person. Pure: records in, tables out, no Spark and no clock but for timing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import report as reports
from cdp_assets.stitch.assign_ids import ID, KEYS, Assigned, assign_ids
from cdp_assets.stitch.bad_values import Judged, without_bad_values
from cdp_assets.stitch.block import Pairs, candidate_pairs
from cdp_assets.stitch.cluster import Clusters, clusters
from cdp_assets.stitch.collapse import Collapsed, collapse
from cdp_assets.stitch.compare import fields_of
from cdp_assets.stitch.encode import Ints, encode
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.normalise import COMPARED, normalised
from cdp_assets.stitch.report import Report
from cdp_assets.stitch.scores import bits_of, categories, scores
from cdp_assets.stitch.weigh import learn


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


def stitch(
    records: pl.DataFrame,
    settings: Stitch,
    *,
    previous_ids: pl.DataFrame | None,
    origins: pl.DataFrame | None,
    key: bytes,
) -> StitchResult:
    """Resolve identities. The result depends on the set of records, not on their order.

    Args:
        records: datasource, pk and one column per profile semantic; absent and null values are allowed.
        settings: The tenant's settings.
        previous_ids: datasource, pk, amperity_id of the current publication.
        origins: Every id ever made, as an earlier run gave it.
        key: The tenant's key, from which new ids are made.
    """
    clock = _Clock()
    judged = without_bad_values(normalised(records), settings.badvalues_config)
    collapsed = collapse(judged.records)
    clock.lap("normalise")
    people = collapsed.records
    pairs = candidate_pairs(people, settings.blocking_strategies)
    clock.lap("block")
    encoded = encode(people, COMPARED)
    model = learn(encoded, fields_of(encoded), pairs.left, pairs.right)
    clock.lap("learn")
    judge = Judge(people, encoded, model.weigh, settings)
    bits = judge.bits(pairs.left, pairs.right)
    clock.lap("score")
    found = clusters(
        people.height,
        pairs.left,
        pairs.right,
        bits,
        judge.apart(pairs.left, pairs.right),
        threshold_bits=bits_of(settings.threshold),
        supersized_size=settings.supersized_cluster_min_size,
        weigh=judge.weigh,
    )
    clock.lap("cluster")
    labels = found.labels[collapsed.representative]
    members = judged.records.select(KEYS).with_columns(cluster=pl.Series(labels, dtype=pl.Int64))
    assigned = assign_ids(members, previous=previous_ids, origins=origins, key=key)
    clock.lap("ids")
    scored = _scores(judged, collapsed, found, pairs, judge, assigned)
    clock.lap("scores")
    frames = {
        "stitch_ids": assigned.ids,
        "stitch_records": _records(judged, collapsed, found),
        "stitch_id_origins": assigned.origins,
        "unified_preprocessed_raw": _preprocessed(judged, collapsed, found, assigned),
        "unified_scores": scored,
    }
    return StitchResult(frames, _report(judged, pairs, assigned, scored, clock))


def _scores(
    judged: Judged, collapsed: Collapsed, found: Clusters, pairs: Pairs, judge: Judge, assigned: Assigned
) -> pl.DataFrame:
    """Give amperity_id, source1, source2, pk1, pk2, score, match_category, match_type of all pairs within people.

    Collapsed records are paired with the one that stands for them.
    """
    left, right = _pairs_within(found.labels)
    size = np.int64(collapsed.records.height)
    candidates = pairs.left.astype(np.int64) * size + pairs.right
    direct = np.isin(left.astype(np.int64) * size + right, candidates)
    values = scores(judge.bits(left, right), judge.exact(left, right), judge.apart(left, right))
    numbers = np.arange(judged.records.height)
    first = (
        collapsed.records.select(KEYS)
        .join(judged.records.select(KEYS).with_columns(number=numbers), on=KEYS, maintain_order="left")["number"]
        .to_numpy()
    )
    standing = first[collapsed.representative]
    twins = np.flatnonzero(standing != numbers)
    one = np.concatenate([first[left], standing[twins]])
    other = np.concatenate([first[right], twins])
    score = np.concatenate([values, np.full(len(twins), 5.0)])
    kinds = [*np.where(direct, "scored", "scored_transitive").tolist(), *(["trivial_duplicate"] * len(twins))]
    ids = assigned.ids[ID]
    datasource, pk = judged.records["datasource"], judged.records["pk"]
    return pl.DataFrame(
        {
            ID: ids.gather(one),
            "source1": datasource.gather(one),
            "source2": datasource.gather(other),
            "pk1": pk.gather(one),
            "pk2": pk.gather(other),
            "score": np.round(score, 4),
            "match_category": categories(score),
            "match_type": kinds,
        },
        schema_overrides={"match_category": pl.String, "match_type": pl.String},
    ).sort("source1", "pk1", "source2", "pk2")


def _pairs_within(labels: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[Ints, Ints]:
    """Give all pairs of records with one label."""
    frame = pl.DataFrame({"label": labels}).with_row_index("row")
    joined = frame.join(frame, on="label", suffix="_right").filter(pl.col("row") < pl.col("row_right"))
    joined = joined.sort("row", "row_right")
    return joined["row"].to_numpy().astype(np.int32), joined["row_right"].to_numpy().astype(np.int32)


def _records(judged: Judged, collapsed: Collapsed, found: Clusters) -> pl.DataFrame:
    """Give what Stitch found about each record: its component, who stands for it, bad values (`has_blv`, `blv_…`)."""
    standing = collapsed.records.select(KEYS)[collapsed.representative.tolist()]
    supersized = found.supersized[collapsed.representative]
    return judged.records.select(KEYS).with_columns(
        component_id=pl.Series(found.components[collapsed.representative]),
        rep_ds=standing["datasource"],
        rep_pk=standing["pk"],
        is_supersized=pl.Series(supersized),
        supersized_id=pl.when(pl.Series(supersized)).then(pl.Series(found.components[collapsed.representative])),
        **{name: judged.flags[name] for name in sorted(judged.flags.columns)},
    )


def _preprocessed(judged: Judged, collapsed: Collapsed, found: Clusters, assigned: Assigned) -> pl.DataFrame:
    """Give the values that were compared, one row per record that stands for others or itself."""
    keys = [name for name in collapsed.records.columns if name.startswith("fk_")]
    return (
        collapsed.records.with_row_index("int_id")
        .with_columns(component_id=pl.Series(found.components), int_id=pl.col("int_id").cast(pl.Int64))
        .join(assigned.ids, on=KEYS, maintain_order="left")
        .select(
            ID,
            *KEYS,
            "int_id",
            "component_id",
            *("given_name", "surname", "address", "po_box", "city", "state", "postal", "email", "phone", "birthdate"),
            "gender",
            login_trimmed=pl.col("email").str.head(5),
            sk_given_name=pl.col("given_name"),
            sk_generational_suffix=pl.col("suffix"),
            **{name: pl.col(name) for name in keys},
        )
    )


def _report(judged: Judged, pairs: Pairs, assigned: Assigned, scored: pl.DataFrame, clock: _Clock) -> Report:
    return Report(
        records=judged.records.height,
        clusters=assigned.ids[ID].n_unique(),
        pairs=len(pairs.left),
        bad_values=int(judged.flags["has_blv"].sum()),
        split_blocks=pairs.split_blocks,
        cluster_sizes=reports.cluster_sizes(assigned.ids),
        score_categories=reports.score_categories(scored),
        seconds=clock.seconds,
    )
