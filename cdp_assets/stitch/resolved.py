"""What the stages of one run found, from which every output table is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.assign_ids import KEYS, Assigned
from cdp_assets.stitch.bad_values import Judged
from cdp_assets.stitch.block import Pairs
from cdp_assets.stitch.changes import Changes, News, changes_between
from cdp_assets.stitch.cluster import Clusters
from cdp_assets.stitch.collapse import Collapsed
from cdp_assets.stitch.column import Floats
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.labelled import LABELLED, nobody_labelled, relabelled
from cdp_assets.stitch.numbers import record_numbers
from cdp_assets.stitch.scored import Scored, scored_within
from cdp_assets.stitch.scores import SCORE_DIGITS, scores
from cdp_assets.stitch.spelled import HASH, changed
from cdp_assets.stitch.within import Within, within_people


@dataclass(frozen=True, eq=False)
class Resolved:
    """One run, stage by stage.

    Rows of `hashes` are the records in the order in which they came, with what tells those apart that say something
    else: `spelled.hashes`. Rows of `judged` are all records in order; rows of `collapsed.records`,
    of `pairs` and of `found` are those that stand for them; rows of `assigned.ids` are in the order of `judged`.
    """

    settings: Stitch
    given: Given
    hashes: pl.DataFrame
    judged: Judged
    collapsed: Collapsed
    pairs: Pairs
    bits: Floats
    """The odds of each of `pairs`."""
    judge: Judge
    found: Clusters
    assigned: Assigned
    labelled: pl.DataFrame = field(default_factory=nobody_labelled)
    """Which labels name which records: `labelled.Said`."""

    @cached_property
    def numbers(self) -> pl.Series:
        """The number of each record that stands for others or itself."""
        return record_numbers(self.collapsed.records)

    @cached_property
    def within(self) -> Within:
        """The pairs of one person, among the records that stand for others or themselves."""
        return within_people(self.found.labels, self.judge.scale, self.pairs)

    @cached_property
    def within_scores(self) -> Floats:
        """The score of each pair of `within`."""
        left, right, evidence = self.within.left, self.within.right, self.within.evidence
        bits, _ = self.judge.weigh(left, right, evidence.levels)
        found = scores(bits, self.judge.sure(left, right), self.judge.apart(left, right))
        return np.round(found, SCORE_DIGITS)

    @cached_property
    def scored(self) -> Scored:
        """All pairs of one person among all records, with their scores."""
        return scored_within(self.within, self.within_scores, self.collapsed, self.pairs)

    @property
    def spelled(self) -> pl.DataFrame:
        """The records as they were normalised, bad values included, with their hashes."""
        return self.judged.spelled.with_columns(self.hashes.sort(KEYS)[HASH])

    @cached_property
    def changes(self) -> Changes:
        """What differs from the run before."""
        given = self.given
        differing = changed(given.previous.get("stitch_spelled"), self.hashes)
        labels = relabelled(given.previous.get(LABELLED), self.labelled)
        news = News(given.run_id, given.at, given.settings_changed, given.pace == "learn", differing, labels)
        return changes_between(given.previous.get("stitch_ids"), self.assigned.ids, news)
