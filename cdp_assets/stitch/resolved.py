"""What the stages of one run found, from which every output table is made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.assign_ids import Assigned
from cdp_assets.stitch.bad_values import Judged
from cdp_assets.stitch.block import Pairs
from cdp_assets.stitch.cluster import Clusters
from cdp_assets.stitch.collapse import Collapsed
from cdp_assets.stitch.column import Floats
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.within import Within, within_people


@dataclass(frozen=True, eq=False)
class Resolved:
    """One run, stage by stage.

    Rows of `judged` are all records; rows of `collapsed.records`, of `pairs` and of `found` are those that stand for
    them; rows of `assigned.ids` are all records again, in the order of `judged`.
    """

    settings: Stitch
    judged: Judged
    collapsed: Collapsed
    pairs: Pairs
    bits: Floats
    """The odds of each of `pairs`."""
    judge: Judge
    found: Clusters
    assigned: Assigned

    @cached_property
    def within(self) -> Within:
        """All pairs of one person, among the records that stand for others or themselves."""
        return within_people(self.found.labels, self.judge.scale)
