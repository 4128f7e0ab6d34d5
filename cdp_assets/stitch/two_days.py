"""Prepares two days' records, of which only what differs is looked at; the rest is read from the tables of before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.bad_values import BadBy, Judged, with_rows, without_bad_values
from cdp_assets.stitch.collapse import alike_hashes, alike_to, collapse
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.labelled import Said, labelled_of, nothing_said
from cdp_assets.stitch.labels import NO_GROUP, Forced, forced_of, named_by
from cdp_assets.stitch.ready import Ready, all_hashes
from cdp_assets.stitch.slots import Hashes
from cdp_assets.stitch.spelled import NOBODY, Rows
from cdp_assets.stitch.suspects import Suspects
from cdp_assets.stitch.versions import Versions


@dataclass(frozen=True, eq=False)
class TwoDays:
    """The versions of two days' records, prepared.

    records: Without their bad values: those of the day before, then those that are new or say something else today.
    known: What is known of the former. flags: What today's versions are flagged with. values: Today's bad values. said:
    What labels say about today's versions. stood: Which version stood for each one of the day before. stands: Which
    stands for each of today's; NOBODY elsewhere.
    """

    versions: Versions
    records: pl.DataFrame
    known: Ready
    flags: pl.DataFrame
    values: pl.DataFrame
    said: Said
    stood: Rows
    stands: Rows

    @cached_property
    def people_before(self) -> Bools:
        """Which versions stood for themselves, and maybe for others, on the day before."""
        return np.asarray(self.stood == np.arange(len(self.stood)))

    @cached_property
    def people(self) -> Bools:
        """Which versions do so today."""
        return np.asarray(self.stands == np.arange(len(self.stands)))

    @cached_property
    def came(self) -> Bools:
        """Which versions stand for themselves today and did not on the day before."""
        return self.people & ~self.people_before


def two_days(versions: Versions, known: Ready, suspects: Suspects, settings: Stitch, given: Given) -> TwoDays:
    """Take bad values from both days' records, and say who stands for whom.

    Args:
        versions: The records, spelled.
        known: What is known of those of the day before.
        suspects: These records, as they were spelled.
        given: With the labels of the day before.
    """
    looked_at = suspects.and_of(versions.spelled[known.records.height :])
    looked_at[known.bad] = True
    rows = np.flatnonzero(looked_at & versions.after)
    today = Found(rows, without_bad_values(versions.spelled[rows], BadBy.of(settings, given.bad_values)))
    return days_judged(versions, today, settings, known, given.labels)


@dataclass(frozen=True, eq=False)
class Found:
    """Which versions hold a value that is bad today or was so before, and maybe others, and what they are today."""

    rows: Rows
    judged: Judged


def days_judged(
    versions: Versions, today: Found, settings: Stitch, known: Ready, labels: pl.DataFrame | None
) -> TwoDays:
    """Give two days' records without what was bad on each, and who stands for whom.

    Args:
        versions: The records, spelled.
        today: What is bad today.
        known: What is known of the records of the day before.
        labels: Those of both days.
    """
    versions, rows = _told_apart(versions, today, known.records)
    size, came = known.records.height, rows >= known.records.height
    cleaned = today.judged.records.filter(pl.Series(came))
    records = pl.concat([known.records, with_rows(versions.spelled[size:], rows[came] - size, cleaned)])
    said = _said(versions, labels, settings.pre_processing_profiles)
    stood = np.full(versions.size, NOBODY, dtype=np.int64)
    stood[versions.before] = known.stood
    exclusions = settings.soft_trivial_dupe_semantic_exclusions
    alike = all_hashes(known.alike, records, partial(alike_hashes, exclusions=exclusions))
    stands = _stands(versions, records, said, stood, alike, settings)
    flags = _flags(today.judged.flags, rows, versions.size)
    return TwoDays(versions, records, known, flags, today.judged.values, said, stood, stands)


def _said(versions: Versions, labels: pl.DataFrame | None, profiles: Collection[str]) -> Said:
    """Give what labels say about today's versions; groups are numbered in the order of datasource, pk."""
    if labels is None or labels.is_empty():
        return nothing_said(versions.size)
    named = named_by(labels, versions.spelled, profiles)
    named = named.filter(pl.Series(versions.after).gather(named["row"]))
    rows = versions.in_order(named["row"].unique().to_numpy())
    place = np.full(versions.size, NOBODY, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    few = forced_of(named.with_columns(row=pl.Series(place).gather(named["row"])), len(rows))
    groups = np.full(versions.size, NO_GROUP, dtype=np.int64)
    groups[rows] = few.groups
    return Said(Forced(groups, few.apart), labelled_of(named, versions.spelled))


def _told_apart(versions: Versions, today: Found, before: pl.DataFrame) -> tuple[Versions, Rows]:
    """Give the versions, told apart where other values are bad today, and where those stand that `today` is about.

    `before` has the records of the day before, as they were then.
    """
    both = np.flatnonzero(today.rows < before.height)
    rows = today.rows.copy()
    same = before[rows[both]].hash_rows(1) == today.judged.records[both].hash_rows(1)
    differ = both[~same.to_numpy()]
    told = versions.told_apart(rows[differ])
    rows[differ] = versions.size + np.arange(len(differ))
    return told, rows


def _flags(flags: pl.DataFrame, rows: Rows, size: int) -> pl.DataFrame:
    """Give flags of some versions as flags of all; no other has one."""
    found = {name: np.zeros(size, dtype=np.bool_) for name in flags.columns}
    for name, mask in found.items():
        mask[rows] = flags[name].to_numpy()
    return pl.DataFrame(found)


def _stands(
    versions: Versions, records: pl.DataFrame, said: Said, stood: Rows, alike: Hashes, settings: Stitch
) -> Rows:
    """Give who stands for each of today's versions.

    As before, but where a record that says the same came or went, or is one of those that labels keep apart.
    """
    exclusions = settings.soft_trivial_dupe_semantic_exclusions
    differing = (versions.before != versions.after) | said.is_named
    again = alike_to(alike, differing) & versions.after
    stands = np.where(versions.after, stood, NOBODY)
    rows = versions.in_order(np.flatnonzero(again))
    most = settings.soft_trivial_dupe_size_threshold
    groups = said.forced.groups[rows]
    made = collapse(records[rows], groups=groups, exclusions=exclusions, most_values=most)
    stands[rows] = rows[made.rows[made.representative]]
    return stands
