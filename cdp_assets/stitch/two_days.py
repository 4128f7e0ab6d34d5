"""Prepares two days' records, of which only what differs is looked at; the rest is read from the tables of before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.bad_values import BadBy, Judged, hash_of, may_be_bad, without_bad_values
from cdp_assets.stitch.block import Parts
from cdp_assets.stitch.collapse import alike_hashes, alike_to, collapse
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.labelled import Said, labelled_of, nothing_said
from cdp_assets.stitch.labels import NO_GROUP, Forced, forced_of, named_by
from cdp_assets.stitch.ready import Ready, all_hashes
from cdp_assets.stitch.slots import Hashes
from cdp_assets.stitch.spelled import NOBODY, Rows, rows_of
from cdp_assets.stitch.versions import Versions


@dataclass(frozen=True, eq=False)
class TwoDays:
    """The versions of two days' records, prepared.

    records: Without their bad values. known: What is known of those of the day before. untold: In order, the versions
    of which it does not hold: those that came later, and those with values that may be bad. flags: What today's
    versions are flagged with. values: Today's bad values. said: What labels say about today's versions. stood: Which
    version stood for each one of the day before. stands: Which stands for each of today's; NOBODY elsewhere.
    """

    versions: Versions
    records: pl.DataFrame
    known: Ready
    untold: Rows
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


def two_days(versions: Versions, known: Ready, settings: Stitch, given: Given) -> TwoDays:
    """Take bad values from both days' records, and say who stands for whom.

    Args:
        versions: The records, spelled.
        known: What is known of those of the day before.
        given: With the labels of the day before.
    """
    by = BadBy.of(settings, given.bad_values)
    suspect = may_be_bad(versions.spelled, by, partial(_values, versions.spelled, known)).to_numpy()
    was, is_ = (np.flatnonzero(suspect & day) for day in (versions.before, versions.after))
    before, after = (Found(rows, without_bad_values(versions.spelled[rows], by)) for rows in (was, is_))
    return days_judged(versions, before, after, settings, known, given.labels)


def _values(spelled: pl.DataFrame, known: Ready, columns: Sequence[str]) -> Hashes:
    """Give a hash of the values of some columns together; what keys are made of needs no other."""
    if not set(columns) <= known.parts.keys():
        return hash_of(spelled, columns)
    came = Parts(spelled[known.told :])
    parts = {name: np.append(known.parts[name], came.made(name)) for name in columns}
    return Parts(spelled, parts).hashes(columns)


@dataclass(frozen=True, eq=False)
class Found:
    """Which versions hold a value that is bad on a day, and maybe others, and what they are without it."""

    rows: Rows
    judged: Judged


def days_judged(
    versions: Versions,
    before: Found,
    after: Found,
    settings: Stitch,
    known: Ready,
    labels: pl.DataFrame | None,
) -> TwoDays:
    """Give two days' records without what was bad on each, and who stands for whom.

    Args:
        versions: The records, spelled.
        before, after: What was bad on each day.
        known: What is known of the records of the day before.
        labels: Those of both days.
    """
    versions, records, today = _judged(versions, before, after)
    untold = np.unique(np.concatenate([before.rows, after.rows, np.arange(known.told, versions.size)]))
    said = _said(versions, labels, settings.pre_processing_profiles)
    stood = np.full(versions.size, NOBODY, dtype=np.int64)
    stood[versions.before] = known.stood
    exclusions = settings.soft_trivial_dupe_semantic_exclusions
    alike = all_hashes(known.alike, records, untold, partial(alike_hashes, exclusions=exclusions))
    stands = _stands(versions, records, said, stood, alike, settings)
    return TwoDays(versions, records, known, untold, today.flags, today.values, said, stood, stands)


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


def _judged(versions: Versions, one: Found, other: Found) -> tuple[Versions, pl.DataFrame, Judged]:
    """Give the versions, told apart where other values are bad today, without bad values, and what was found today.

    Flags are given for every version.
    """
    (was, before), (is_, after) = (one.rows, one.judged), (other.rows, other.judged)
    moved = _otherwise(was, before.records, is_, after.records)
    told = versions.told_apart(moved)
    today = is_.copy()
    today[np.isin(is_, moved)] = versions.size + np.arange(len(moved))
    records = _with_rows(told.spelled, np.append(was, today), pl.concat([before.records, after.records]))
    return told, records, Judged(records, told.spelled, _flags(after.flags, today, told.size), after.values)


def _otherwise(was: Rows, before: pl.DataFrame, is_: Rows, after: pl.DataFrame) -> Rows:
    """Give the versions of both days of which another value is bad today."""
    both, one, other = np.intersect1d(was, is_, assume_unique=True, return_indices=True)
    same = before[one].hash_rows(1) == after[other].hash_rows(1)
    return np.asarray(both[~same.to_numpy()])


def _with_rows(frame: pl.DataFrame, rows: Rows, cleaned: pl.DataFrame) -> pl.DataFrame:
    """Give a frame whose rows have lost the values that `cleaned` has lost."""
    spelled, found = frame[rows], []
    for name in frame.columns:
        lost = (cleaned[name].is_null() & spelled[name].is_not_null()).to_numpy()
        if lost.any():
            mask = np.zeros(frame.height, dtype=np.bool_)
            mask[rows[lost]] = True
            found.append(pl.when(~pl.lit(pl.Series(mask))).then(pl.col(name)).alias(name))
    return frame.with_columns(found)


def _flags(flags: pl.DataFrame, rows: Rows, size: int) -> pl.DataFrame:
    """Give flags of some versions as flags of all; no other has one."""
    found = {name: np.zeros(size, dtype=np.bool_) for name in flags.columns}
    for name, mask in found.items():
        mask[rows] = flags[name].to_numpy()
    return pl.DataFrame(found)


def stood_for(table: pl.DataFrame) -> Rows:
    """Give the row of who stood for each record of the day before, from the table stitch_records, in order."""
    stood, other = (
        np.arange(table.height),
        (pl.col("rep_pk") != pl.col("pk")) | (pl.col("rep_ds") != pl.col("datasource")),
    )
    others = table.with_row_index("row").filter(other)
    stood[others["row"].to_numpy()] = rows_of(others.select(datasource="rep_ds", pk="rep_pk"), table)
    return stood


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
