"""Resolves a day's news: only people whom a new, changed or gone record can reach are looked at again.

With the model of the run before, two records that are the same weigh the same. So a component of linked records can
differ from yesterday's only where one of its records came, went or changed, where a new candidate pair links it, or
where a block that holds its records outgrew what is compared or came back below that. The components so touched are
clustered as in a whole run; all others are as they were. The answer is that of a whole run with the same model, row for
row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.assign_ids import KEYS, Assigned, assign_ids
from cdp_assets.stitch.bad_values import Judged
from cdp_assets.stitch.block import Pairs
from cdp_assets.stitch.collapse import Collapsed
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.prepare import Prepared
from cdp_assets.stitch.reach import Reached
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.spelled import NOBODY, Rows
from cdp_assets.stitch.stages import Lap, Matched, matched, no_lap
from cdp_assets.stitch.two_days import TwoDays
from cdp_assets.stitch.weigh import Model


@dataclass(frozen=True, eq=False)
class Part:
    """The part of a day's records that is looked at again.

    rows: Their versions, in the order of datasource, pk. run: Their run, in which they are compared with each other.
    reached: Whom else they were compared with. known_percent: How many of a hundred records of the day before it is
    about.
    """

    days: TwoDays
    rows: Rows
    run: Resolved
    reached: Reached
    known_percent: float

    @cached_property
    def own(self) -> pl.DataFrame:
        """Give datasource, pk of the part's records."""
        return self.run.judged.records.select(KEYS)

    @cached_property
    def gone(self) -> pl.DataFrame:
        """Give datasource, pk of the records that are no more."""
        return self.days.versions.spelled[self.days.versions.gone].select(KEYS)

    @property
    def jitter_percent(self) -> float:
        """How many of a hundred of all records have another id without anybody having meant it."""
        return self.run.changes.jitter_percent * self.known_percent / 100


def day(
    days: TwoDays,
    found: Reached,
    said: pl.DataFrame,
    model: Model,
    settings: Stitch,
    given: Given,
    lap: Lap = no_lap,
    elsewhere: pl.DataFrame | None = None,
) -> Part:
    """Resolve what differs between two days' records, weighing with the model of the run before.

    Args:
        days: The records of both, prepared.
        found: Whom the news reach.
        said: The hashes of today's as they came.
        given: With the tables of the run before; those with a row for each record are in order.
        elsewhere: Rows of that run's stitch_ids about records that are none of these, where they have a say in ids.
    """
    ids, spelled = (given.previous[f"stitch_{name}"] for name in ("ids", "spelled"))
    rows = _rows(days, found.chosen)
    side, pairs = _side(days, rows), _placed(days, rows, found.pairs)
    people = matched(side, pairs, settings, given, model, lap)
    was = days.versions.was[rows]
    known = np.append(was[was != NOBODY], days.versions.gone)
    beside = _beside(ids, known, elsewhere)
    assigned = _assigned(side, people, ids[known], beside, given)
    lap("ids")
    since = replace(given, previous={**given.previous, "stitch_ids": ids[known], "stitch_spelled": spelled[known]})
    news, bits, judge, clusters = said[days.versions.raw[rows]], people.bits, people.judge, people.found
    judged, collapsed, labelled = side.judged, side.collapsed, side.labelled
    run = Resolved(settings, since, news, judged, collapsed, pairs, bits, judge, clusters, assigned, labelled)
    return Part(days, rows, run, found, 100 * len(known) / max(ids.height, 1))


def _rows(days: TwoDays, chosen: Bools) -> Rows:
    """Give today's records of some people, in order."""
    today = np.flatnonzero(days.versions.after)
    return days.versions.in_order(today[chosen[days.stands[today]]])


def _places(days: TwoDays, rows: Rows) -> Rows:
    """Give the place of each version that stands for itself among those of some that do, NOBODY for others."""
    place = np.full(days.versions.size, NOBODY, dtype=np.int64)
    standing = rows[days.people[rows]]
    place[standing] = np.arange(len(standing))
    return place


def _placed(days: TwoDays, rows: Rows, pairs: Pairs) -> Pairs:
    """Give pairs of versions as pairs of places among those of some that stand for themselves."""
    place, size = _places(days, rows), max(len(rows), 1)
    one, other = place[pairs.left], place[pairs.right]
    left, right = np.divmod(np.sort(np.minimum(one, other) * size + np.maximum(one, other)), size)
    return Pairs(left.astype(np.int32), right.astype(np.int32), pairs.skipped)


def _side(days: TwoDays, rows: Rows) -> Prepared:
    """Give records as a whole run would have prepared them."""
    records, standing = days.records[rows], np.flatnonzero(days.people[rows])
    judged = Judged(records, days.versions.spelled[rows], days.flags[rows], days.values)
    collapsed = Collapsed(records[standing], standing, _places(days, rows)[days.stands[rows]])
    return Prepared(judged, collapsed, days.said.forced.of(rows[standing]), days.said.labelled)


def _beside(ids: pl.DataFrame, known: Rows, elsewhere: pl.DataFrame | None) -> pl.DataFrame:
    """Give who is who of the records that are not `known`, and of some elsewhere."""
    others = np.ones(ids.height, dtype=np.bool_)
    others[known] = False
    beside = ids.filter(pl.Series(others))
    return beside if elsewhere is None else pl.concat([beside, elsewhere.select(ids.columns)])


def _assigned(side: Prepared, found: Matched, ids: pl.DataFrame, beside: pl.DataFrame, given: Given) -> Assigned:
    """Name the people of the part; `ids` are those of its records and of the ones that are gone."""
    labels = pl.Series(found.found.labels[side.collapsed.representative], dtype=pl.Int64)
    members = side.judged.records.select(KEYS).with_columns(cluster=labels)
    retired = given.previous["stitch_retired_ids"]
    return assign_ids(members, previous=ids, retired=retired, key=given.key, beside=beside)
