"""Compares e-mails, phones and birthdates."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.stitch.column import NOT_KNOWN, Bools, Column, Ints, Levels
from cdp_assets.stitch.encode import MAILBOX, Encoded
from cdp_assets.stitch.similar import levels_of, within_edits

EMAIL = ("equal", "a slip of the pen", "the same name with digits elsewhere", "the same name elsewhere", "different")
PHONE = ("equal", "one digit differs", "different")
BIRTHDATE = (
    "equal", "a slip, day and month swapped or not known", "two slips in one year", "the same day of another year",
    "the same year", "different", "a generation apart",
)  # fmt: skip
GENERATION = 13
"""Years: hardly a slip of the pen lies so far off and on another day too, but a parent does."""


def emails(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of EMAIL.

    Digits must agree for a slip: `ann23` and `ann26` are two people more often than one. That `gary@` is at two servers
    says nothing beyond that both are called Gary: every Gary has that mailbox somewhere.
    """
    email, local = encoded["email"], encoded["email_local"].codes
    found = levels_of(email, left, right, _other)
    unequal = np.flatnonzero(found > 0)
    one, two = left[unequal], right[unequal]
    same_local = local[one] == local[two]
    named, others = np.flatnonzero(same_local), np.flatnonzero(~same_local)
    found[unequal[named]] = _elsewhere(encoded, one[named], two[named])
    slips = others[within_edits(email, email.codes[one[others]], email.codes[two[others]], 1)]
    same_digits = _digits(email, one[slips]) == _digits(email, two[slips])
    found[unequal[others]] = 4
    found[unequal[slips]] = np.where(same_digits, 1, 4)
    return found


def _elsewhere(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of pairs whose mailboxes have one name at two servers."""
    levels = np.where(_digits(encoded["email"], left) != "", 2, 3).astype(np.int8)
    plain = np.flatnonzero(levels == 3)
    left, right = left[plain], right[plain]
    levels[plain[_are_called_by_name(encoded, left) | _are_called_by_name(encoded, right)]] = NOT_KNOWN
    return levels


def _are_called_by_name(encoded: Encoded, rows: Ints) -> Bools:
    """Say whose mailboxes are called after their names and nothing else; few are asked for."""
    given, surname, local = (
        encoded[name].texts_of(rows).str.replace_all(r"[^A-Z]", "") for name in ("given_name", "surname", "email_local")
    )
    first, last = given.str.head(1), surname.str.head(1)
    forms = (given, surname, given + surname, surname + given, first + surname, surname + first, given + last)
    return np.asarray(np.any([(local == form).fill_null(False).to_numpy() for form in forms], axis=0))


def _digits(email: Column, rows: Ints) -> pl.Series:
    """Give the digits in the names of some records' mailboxes; few are asked for."""
    return email.texts_of(rows).str.extract(MAILBOX).fill_null("").str.replace_all(r"\D+", "")


def phones(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of PHONE."""
    return levels_of(encoded["phone"], left, right, _phone)


def birthdates(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of BIRTHDATE."""
    return levels_of(encoded["birthdate"], left, right, _birthdate)


def _other(_: Column, left: Ints, __: Ints) -> Levels:
    return np.ones(len(left), dtype=np.int8)


def _phone(column: Column, left: Ints, right: Ints) -> Levels:
    return np.where(within_edits(column, left, right, 1), 1, 2).astype(np.int8)


def _birthdate(column: Column, left: Ints, right: Ints) -> Levels:
    year, month, day = _date_parts(column)
    same_year, same_day = year[left] == year[right], (month[left] == month[right]) & (day[left] == day[right])
    crossed = (month[left] == day[right]) & (day[left] == month[right])
    new_year = ((month[left] == 1) & (day[left] == 1)) | ((month[right] == 1) & (day[right] == 1))
    apart = (np.abs(year[left] - year[right]) >= GENERATION) & (year[left] >= 0) & (year[right] >= 0)
    levels = np.where(same_year, 4, np.where(apart, 6, 5)).astype(np.int8)
    levels[same_day] = 3
    levels[same_year & within_edits(column, left, right, 2)] = 2
    levels[within_edits(column, left, right, 1) | (same_year & (crossed | new_year))] = 1
    return levels


def _date_parts(column: Column) -> tuple[Ints, Ints, Ints]:
    """Give year, month and day of each date's text, -1 where it has none."""
    parts = column.series().str.extract_groups(r"^(\d{4})-(\d{2})-(\d{2})").struct.unnest()
    year, month, day = (parts[name].cast(pl.Int32).fill_null(-1).to_numpy() for name in parts.columns)
    return year, month, day
