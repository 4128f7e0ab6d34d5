"""Dates and times in the documented formats, each value by the first that fits."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.joda import chrono_pattern
from cdp_assets.sources.times import DATES, DOCUMENTED, TIMES, Format, read_times

MOMENT = dt.datetime(2026, 11, 20, 13, 45, 30, tzinfo=dt.UTC)
SPELLINGS = {
    "2026-11-20": dt.datetime(2026, 11, 20),
    "11/20/2026": dt.datetime(2026, 11, 20),
    "20/11/2026": dt.datetime(2026, 11, 20),
    "03/04/2026": dt.datetime(2026, 3, 4),
    "2026/11/20 13:45": dt.datetime(2026, 11, 20, 13, 45),
    "20261120": dt.datetime(2026, 11, 20),
    "20.11.2026 13:45:30": dt.datetime(2026, 11, 20, 13, 45, 30),
    "20-Nov-2026 01:45 PM": dt.datetime(2026, 11, 20, 13, 45),
    "Nov 20, 2026": dt.datetime(2026, 11, 20),
    "2026-11-20T13:45:30Z": dt.datetime(2026, 11, 20, 13, 45, 30),
    "2026-11-20T13:45:30.25+02:00": dt.datetime(2026, 11, 20, 11, 45, 30, 250000),
    "2026-11-20 13:45:30 -0500": dt.datetime(2026, 11, 20, 18, 45, 30),
    "0220-08-06": dt.datetime(220, 8, 6),
}
NO_TIMES = ["13/13/2026", "2026-02-30", "26-11-20", "03/04/26", "yesterday", "2026-11-20 25:00", "2026-11-20x", "1"]


def test_nine_dates_times_fourteen_times() -> None:
    """The documented number of formats."""
    assert (len(set(DATES)), len(set(TIMES)), len(DOCUMENTED)) == (9, 14, 126)


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_documented_spelling_is_read(text: str) -> None:
    """Month before day where both would do; a zone is applied; no zone is UTC."""
    assert read_times(pl.Series([text])).to_list() == [SPELLINGS[text].replace(tzinfo=dt.UTC)]


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_null(text: str) -> None:
    """Nothing is guessed: no two-digit years, no thirteenth month, nothing after the end."""
    assert read_times(pl.Series([text])).to_list() == [None]


def test_a_column_may_mix_formats_and_bad_values() -> None:
    """Each value is read as if it stood alone."""
    mixed = [*SPELLINGS, *NO_TIMES, None] * 7
    alone = [read_times(pl.Series([text], dtype=pl.String))[0] for text in mixed]
    assert read_times(pl.Series(mixed)).to_list() == alone


@given(st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9999, 12, 31)), st.sampled_from(DOCUMENTED))
def test_what_a_format_writes_it_reads(moment: dt.datetime, one: Format) -> None:
    """Python's own strftime is the oracle: what it writes is read back by the same format."""
    aware = moment.replace(microsecond=0, tzinfo=dt.UTC)
    text = aware.strftime(one.pattern.replace("%.f", ".000000"))
    found = one.read(pl.Series([text]))[0]
    assert found is not None
    assert aware.strftime(one.pattern.replace("%.f", "")) == found.strftime(one.pattern.replace("%.f", ""))


@pytest.mark.parametrize("text", ["2026111", "202611201", "2026 1120", "20261 20"])
def test_numbers_that_run_together_have_all_their_digits(text: str) -> None:
    """Without them one could only guess where a number ends."""
    assert read_times(pl.Series([text, "20261120"])).is_null().to_list() == [True, False]


@pytest.mark.parametrize(
    ("joda", "text", "moment"),
    [
        ("MM-dd-YYYY", "11-20-2026", dt.datetime(2026, 11, 20)),
        ("M/d/yyyy h:mm a", "1/2/2026 3:04 PM", dt.datetime(2026, 1, 2, 15, 4)),
        ("dd/MM/yy", "20/11/26", dt.datetime(2026, 11, 20)),
        ("yyyy-MM-dd'T'HH:mm:ss", "2026-11-20T13:45:30", MOMENT),
        ("yyyy-MM-dd'T'HH:mm:ss'Z'", "2026-11-20T13:45:30Z", MOMENT),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2026-11-20T15:45:30.000+0200", MOMENT),
        ("yyyy-MM-dd HH:mm:ss.SSS Z", "2026-11-20 11:45:30.000 -02:00", MOMENT),
        ("dd MMM yyyy hh:mm a", "20 Nov 2026 01:45 PM", dt.datetime(2026, 11, 20, 13, 45)),
        ("EEE, dd MMM yyyy", "Fri, 20 Nov 2026", dt.datetime(2026, 11, 20)),
        ("EEEE d MMMM yyyy", "Friday 20 November 2026", dt.datetime(2026, 11, 20)),
        ("yyyyMMddHHmmss", "20261120134530", MOMENT),
        ("yyyyMMddHHmmssSSS", "20261120134530250", MOMENT.replace(microsecond=250_000)),
        ("''yy MM dd", "'26 11 20", dt.datetime(2026, 11, 20)),
    ],
)
def test_a_joda_pattern_reads_as_joda_reads_it(joda: str, text: str, moment: dt.datetime) -> None:
    """`Y` is the calendar's year, quoted text stands for itself, a zone is applied; what differs is not read."""
    found = Format(chrono_pattern(joda)).read(pl.Series([text, f"{text}x", "x", None]))
    assert found.to_list() == [moment.replace(tzinfo=dt.UTC), None, None, None]
