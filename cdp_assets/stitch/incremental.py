"""Resolves a day's news: only people whom a new, changed or gone record can reach are looked at again.

With the model of the run before, two records that are the same weigh the same. So a component of linked records can
differ from yesterday's only where one of its records came, went or changed, where a new candidate pair links it, or
where a block that holds its records outgrew what is compared or came back below that. The components so touched are
clustered as in a whole run; all others are as they were. The answer is that of a whole run with the same model, row for
row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.assign_ids import ID, KEYS, Assigned, Beside, assign_ids
from cdp_assets.stitch.bad_values import Judged
from cdp_assets.stitch.block import Pairs
from cdp_assets.stitch.collapse import Collapsed
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.reach import Reached
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.spelled import NOBODY, Rows
from cdp_assets.stitch.stages import Lap, Matched, matched, no_lap
from cdp_assets.stitch.two_days import TwoDays
from cdp_assets.stitch.weigh import Model


@dataclass(frozen=True, eq=False)
class Part:
    """The part of a day's records that is looked at again.

    rows: Their versions, in the order of datasource, pk. known: The records of the day before that it is about, those
    that are gone included. reached: Whom else they were compared with. known_percent: How many of a hundred records of
    that day these are. made: Gives `run`.
    """

    days: TwoDays
    rows: Rows
    known: Rows
    reached: Reached
    known_percent: float
    made: Callable[[], Resolved]

    @cached_property
    def run(self) -> Resolved:
        """Their run, in which they are compared with each other, for its tables."""
        return self.made()

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
    ids, rows = given.previous["stitch_ids"], _rows(days, found.chosen)
    collapsed, pairs = _collapsed(days, rows), _placed(days, rows, found.pairs)
    labels = days.said.forced.of(rows[collapsed.rows])
    people = matched(collapsed, labels, pairs, settings, given, model, lap)
    was = days.versions.was[rows]
    known = np.append(was[was != NOBODY], days.versions.gone)
    keys = days.versions.spelled.select(KEYS)[rows]
    beside = _beside(ids, known, ids.clear() if elsewhere is None else elsewhere)
    assigned = _assigned(keys, collapsed, people, ids[known], beside, given)
    lap("ids")

    def run() -> Resolved:
        then = {name: given.previous[name][known] for name in ("stitch_ids", "stitch_spelled")}
        since, news = replace(given, previous={**given.previous, **then}), said[days.versions.raw[rows]]
        judged = Judged(days.records[rows], days.versions.spelled[rows], days.flags[rows], days.values)
        found = (people.bits, people.judge, people.found)
        return Resolved(settings, since, news, judged, collapsed, pairs, *found, assigned, days.said.labelled)

    return Part(days, rows, known, found, 100 * len(known) / max(ids.height, 1), run)


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


def _collapsed(days: TwoDays, rows: Rows) -> Collapsed:
    """Give who stands for records, as a whole run would have collapsed them."""
    standing = np.flatnonzero(days.people[rows])
    return Collapsed(days.records[rows[standing]], standing, _places(days, rows)[days.stands[rows]])


def _beside(ids: pl.DataFrame, known: Rows, elsewhere: pl.DataFrame) -> Beside:
    """Give the records that are not `known`, and some elsewhere."""

    def records() -> pl.DataFrame:
        others = np.ones(ids.height, dtype=np.bool_)
        others[known] = False
        return pl.concat([ids.select(KEYS).filter(pl.Series(others)), elsewhere.select(KEYS)])

    return Beside(pl.concat([ids[ID], elsewhere[ID]]), records)


def _assigned(
    keys: pl.DataFrame, collapsed: Collapsed, found: Matched, ids: pl.DataFrame, beside: Beside, given: Given
) -> Assigned:
    """Name the people of the part; `ids` are those of its records and of the ones that are gone."""
    members = keys.with_columns(cluster=pl.Series(found.found.labels[collapsed.representative], dtype=pl.Int64))
    retired = given.previous["stitch_retired_ids"]
    return assign_ids(members, previous=ids, retired=retired, key=given.key, beside=beside)
