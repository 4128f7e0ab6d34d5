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
import numpy.typing as npt
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.assign_ids import ID, KEYS, Assigned, assign_ids
from cdp_assets.stitch.bad_values import Judged
from cdp_assets.stitch.block import Pairs
from cdp_assets.stitch.collapse import Collapsed
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.labels import no_labels
from cdp_assets.stitch.prepare import Prepared
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.stages import Lap, Matched, linked, matched, no_lap
from cdp_assets.stitch.touched import Keys, pairs_of, regrouped
from cdp_assets.stitch.weigh import Model

Rows = npt.NDArray[np.int64]
SAID, STANDS, BEFORE = "said", "stands", "_before"


@dataclass(frozen=True, eq=False)
class News:
    """What differs between two runs' records.

    Rows are those of `before.judged` and of `after.judged`: of records that are gone, new, say something else, or are
    represented by another. row: for every record of after, its row before, -1 where it is new.
    """

    before: Rows
    after: Rows
    row: Rows


def news_between(before: Prepared, after: Prepared) -> News:
    """Compare the records of two runs."""
    both = _marks(before).join(_marks(after), on="record", how="full", coalesce=True, suffix="_after")
    same = pl.col(SAID).eq_missing(pl.col(f"{SAID}_after")) & pl.col(STANDS).eq_missing(pl.col(f"{STANDS}_after"))
    differing = both.filter(~same)
    known = both.drop_nulls("row_after")
    rows = np.full(after.judged.records.height, -1, dtype=np.int64)
    rows[known["row_after"].to_numpy()] = known["row"].fill_null(-1).to_numpy()
    return News(_rows(differing["row"]), _rows(differing["row_after"]), rows)


def _marks(side: Prepared) -> pl.DataFrame:
    """Give for each record: hashes of its key, of what it says and of who stands for it, and its row."""
    records, collapsed = side.judged.records, side.collapsed
    keys = records.select(KEYS).hash_rows(1)
    stands = keys.gather(collapsed.rows[collapsed.representative])
    rows = pl.int_range(records.height, eager=True)
    return pl.DataFrame({"record": keys, "row": rows, SAID: records.hash_rows(2), STANDS: stands})


def _rows(rows: pl.Series) -> Rows:
    return rows.drop_nulls().to_numpy().astype(np.int64)


@dataclass(frozen=True, eq=False)
class Reached:
    """The people that a day's news reach.

    chosen: Which rows of `after.collapsed.records`. pairs: the candidate pairs that have one of them, as rows of
    `people`, which are those of after and then those who are no more.
    """

    chosen: Bools
    pairs: Pairs


class Day:
    """Two runs beside each other: the people of both, each once, and which of them are of which run."""

    def __init__(self, before: Prepared, after: Prepared, model: Model, settings: Stitch, given: Given) -> None:
        self.before, self.after = before, after
        self._model, self._settings, self._given = model, settings, given
        self.news = news_between(before, after)
        self._size = after.collapsed.records.height
        self._gone = _standing(before.collapsed, self.news.before)
        people = pl.concat([after.collapsed.records, before.collapsed.records[self._gone]])
        self._people, self._keys = people, Keys(people, settings)
        self._is_after = np.arange(people.height) < self._size
        self._is_before = np.ones(people.height, dtype=np.bool_)
        self._is_before[_standing(after.collapsed, self.news.after)] = False

    def reached(self, components: Rows) -> Reached:
        """Give whom the news reach; `components` are those of the records before, a number each."""
        fresh = self._is_after & ~self._is_before
        again = fresh | regrouped(self._keys, self._is_before, self._is_after)
        stirred = again[: self._size].copy()
        stirred[self.after.collapsed.representative[self.news.after]] = True
        stirred[self._linked_to(again)] = True
        of_person = self._components(components)
        touched = np.unique(np.append(of_person[stirred], self._components_before(components)))
        chosen = stirred | np.isin(of_person, touched[touched >= 0])
        everybody = np.append(chosen, np.zeros(self._people.height - self._size, dtype=np.bool_))
        return Reached(chosen, pairs_of(self._keys, self._is_after, everybody))

    def _linked_to(self, again: Bools) -> Rows:
        """Give the people to whom a pair links one of those whose pairs may be others than before."""
        pairs = pairs_of(self._keys, self._is_after, again)
        rows, places = np.unique(np.append(pairs.left, pairs.right), return_inverse=True)
        left, right = np.split(places.astype(np.int32), 2)
        links = linked(self._people[rows], left, right, self._model, self._settings, self._given)
        return np.unique(rows[np.append(left[links], right[links])])

    def _components(self, components: Rows) -> Rows:
        """Give the component in which each person of after was before, -1 for who is new."""
        row = self.news.row[self.after.collapsed.rows]
        return np.where(row >= 0, components[np.maximum(row, 0)] if len(components) else -1, -1)

    def _components_before(self, components: Rows) -> Rows:
        collapsed = self.before.collapsed
        return components[collapsed.rows[collapsed.representative[self.news.before]]]


def _standing(collapsed: Collapsed, rows: Rows) -> Rows:
    """Give those people who are among some records."""
    among = np.zeros(len(collapsed.representative), dtype=np.bool_)
    among[rows] = True
    return np.flatnonzero(among[collapsed.rows])


@dataclass(frozen=True, eq=False)
class Part:
    """The part of a day's records that is looked at again, and the people beside it with whom they were compared.

    run: Its records' run. own: which of the run's records are of the part; the others were only compared with it.
    gone: datasource, pk of the records that are gone. jitter_percent: of all records.
    """

    run: Resolved
    own: Bools
    gone: pl.DataFrame
    jitter_percent: float

    @cached_property
    def own_records(self) -> pl.DataFrame:
        """Give datasource, pk of the part's records."""
        return self.run.judged.records.select(KEYS).filter(self.own)


def day(
    before: Prepared,
    after: Prepared,
    raw: pl.DataFrame,
    model: Model,
    settings: Stitch,
    given: Given,
    lap: Lap = no_lap,
) -> Part:
    """Resolve what differs between two runs' records, weighing with the model of the run before.

    Args:
        before, after: The records of both runs, in the order of their keys.
        raw: Those of after as they came.
        given: With stitch_ids, stitch_retired_ids and stitch_records of the run before.
    """
    of_record = given.previous["stitch_records"].sort(KEYS)["component_id"]
    components = of_record.rank("dense").to_numpy().astype(np.int64)
    reached = Day(before, after, model, settings, given).reached(components)
    lap("reach")
    others = np.zeros(len(reached.chosen), dtype=np.bool_)
    others[np.append(reached.pairs.left, reached.pairs.right)] = True
    part, own = _part(after, reached.chosen, others & ~reached.chosen)
    place = np.cumsum(reached.chosen | others).astype(np.int32) - np.int32(1)
    pairs = Pairs(place[reached.pairs.left], place[reached.pairs.right], reached.pairs.skipped)
    found = matched(part, pairs, settings, given, model, lap)
    gone = before.judged.records.select(KEYS).join(after.judged.records.select(KEYS), on=KEYS, how="anti")
    assigned, known = _assigned(part, found, own, gone, settings, given)
    lap("ids")
    raw = raw.join(part.judged.records.select(KEYS), on=KEYS, how="semi")
    since = replace(given, previous={**given.previous, "stitch_ids": known})
    run = Resolved(
        settings, since, raw, part.judged, part.collapsed, pairs, found.bits, found.judge, found.found, assigned
    )
    share = known.height / max(given.previous["stitch_ids"].height, 1)
    return Part(run, own, gone, run.changes.jitter_percent * share)


def _part(whole: Prepared, chosen: Bools, beside: Bools) -> tuple[Prepared, Bools]:
    """Give all records of the chosen people and the standing ones of those beside them; which are of the chosen."""
    collapsed = whole.collapsed
    own = chosen[collapsed.representative]
    kept = own.copy()
    kept[collapsed.rows[beside]] = True
    people = np.flatnonzero(chosen | beside)
    of_record, of_person = np.cumsum(kept) - 1, np.full(len(chosen), -1, dtype=np.int64)
    of_person[people] = np.arange(len(people))
    mask = pl.Series(kept)
    judged = Judged(
        whole.judged.records.filter(mask),
        whole.judged.spelled.filter(mask),
        whole.judged.flags.filter(mask),
        whole.judged.values,
    )
    standing = Collapsed(
        collapsed.records[people], of_record[collapsed.rows[people]], of_person[collapsed.representative[kept]]
    )
    return Prepared(judged, standing, no_labels(len(people))), own[kept]


def _assigned(
    part: Prepared, found: Matched, own: Bools, gone: pl.DataFrame, settings: Stitch, given: Given
) -> tuple[Assigned, pl.DataFrame]:
    """Name the people of the part, and give what their records, those beside them and those gone were called before.

    Who was only compared with the part has the id of before.
    """
    previous, retired = given.previous["stitch_ids"].select(*KEYS, ID), given.previous["stitch_retired_ids"]
    keys = part.judged.records.select(KEYS)
    labels = pl.Series(found.found.labels[part.collapsed.representative], dtype=pl.Int64)
    members = keys.with_columns(cluster=labels).filter(own)
    concerned = pl.concat([members.select(KEYS), gone])
    before = previous.join(concerned, on=KEYS, how="semi")
    others = previous.join(concerned, on=KEYS, how="anti")
    made = assign_ids(members, previous=before, retired=retired, key=given.key, taken=others[ID])
    beside = others.join(keys.filter(~own), on=KEYS, how="semi")
    return Assigned(pl.concat([made.ids, beside]).sort(KEYS), made.retired), pl.concat([before, beside])
