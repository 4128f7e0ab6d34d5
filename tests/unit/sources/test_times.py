"""Dates and times in the documented formats, each value by the first that fits."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.sources.time_format import Format
from cdp_assets.sources.times import DATES, DOCUMENTED, TIMES, Times, joda_formats, read_in_order, read_times

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
DATE_SPELLINGS = {
    "2026-11-20": (2026, 11, 20),
    "11/20/2026": (2026, 11, 20),
    "20/11/2026": (2026, 11, 20),
    "2026/11/20": (2026, 11, 20),
    "20261120": (2026, 11, 20),
    "11-20-2026": (2026, 11, 20),
    "20.11.2026": (2026, 11, 20),
    "20-Nov-2026": (2026, 11, 20),
    "Nov 20, 2026": (2026, 11, 20),
    "03/04/2026": (2026, 3, 4),
    "03-04-2026": (2026, 3, 4),
    "03.04.2026": (2026, 4, 3),
    "2026/03/04": (2026, 3, 4),
    "3/4/2026": (2026, 3, 4),
    "2024-02-29": (2024, 2, 29),
}
"""The nine documented ways, by hand, and those of them that could be mistaken for another."""
UTC, EAST, WEST = dt.UTC, dt.timezone(dt.timedelta(hours=2)), dt.timezone(-dt.timedelta(hours=5))
TIME_SPELLINGS = {
    "": (0, 0, 0, 0, UTC),
    " 13:45:30": (13, 45, 30, 0, UTC),
    "T13:45:30": (13, 45, 30, 0, UTC),
    " 13:45:30.25": (13, 45, 30, 250_000, UTC),
    "T13:45:30.000001": (13, 45, 30, 1, UTC),
    " 13:45": (13, 45, 0, 0, UTC),
    "T13:45": (13, 45, 0, 0, UTC),
    " 13:45:30+02:00": (13, 45, 30, 0, EAST),
    "T13:45:30Z": (13, 45, 30, 0, UTC),
    " 13:45:30.5-0500": (13, 45, 30, 500_000, WEST),
    "T13:45:30.5-05:00": (13, 45, 30, 500_000, WEST),
    "T13:45+0200": (13, 45, 0, 0, EAST),
    " 01:45:30 PM": (13, 45, 30, 0, UTC),
    " 12:05 am": (0, 5, 0, 0, UTC),
}
COMBINED = {
    date + time: dt.datetime(*day, *clock[:4], tzinfo=clock[4]).astimezone(UTC)
    for date, day in DATE_SPELLINGS.items()
    for time, clock in TIME_SPELLINGS.items()
}
NO_TIMES = ["13/13/2026", "2026-02-30", "26-11-20", "03/04/26", "yesterday", "2026-11-20 25:00", "2026-11-20x", "1"]


def test_nine_dates_times_fourteen_times() -> None:
    """The documented number of formats."""
    assert (len(set(DATES)), len(set(TIMES)), len(DOCUMENTED)) == (9, 14, 126)


def read(texts: list[str | None]) -> list[dt.datetime | None]:
    """Give what a file with one column of texts says."""
    return Times().read(pl.Series(texts, dtype=pl.String), DOCUMENTED).to_list()


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_documented_spelling_is_read(text: str) -> None:
    """Month before day where both would do; a zone is applied; no zone is UTC."""
    assert read([text]) == [SPELLINGS[text].replace(tzinfo=dt.UTC)]


@pytest.mark.parametrize("text", COMBINED)
def test_every_date_with_every_time_is_read_as_written(text: str) -> None:
    """The table is made by hand, without any of the patterns."""
    assert read([text, None, "x"]) == [COMBINED[text], None, None]


def test_all_combinations_are_read_side_by_side() -> None:
    """A column may mix formats; only whether the month comes before the day is the same in all of it."""
    texts = [text for text in COMBINED if not text.startswith("20/11/2026")]
    assert read(texts * 2) == [COMBINED[text] for text in texts] * 2


@pytest.mark.parametrize("time", ["", " 10:00", "T10:00:00.5Z"])
@pytest.mark.parametrize(
    ("dates", "wanted"),
    [
        (["03/04/2026", "05/06/2026"], [(3, 4), (5, 6)]),
        (["03/04/2026", "20/11/2026"], [(4, 3), (11, 20)]),
        (["03/04/2026", "11/20/2026"], [(3, 4), (11, 20)]),
        (["03/04/2026", "11/20/2026", "20/11/2026"], [(3, 4), (11, 20), None]),
        (["20/11/2026", "21/11/2026", "11/20/2026", "03/04/2026"], [(11, 20), (11, 21), None, (4, 3)]),
        (["13/13/2026", "20/11/2026", "2026-03-04", "03.04.2026"], [None, (11, 20), (3, 4), (4, 3)]),
    ],
)
def test_a_column_is_month_first_or_day_first_throughout(
    dates: list[str], wanted: list[tuple[int, int] | None], time: str
) -> None:
    """The first documented order that fits its dates; where neither fits all, the one that fits more."""
    found = read([date + time for date in dates])
    assert [one and (one.month, one.day) for one in found] == wanted


def test_what_a_files_first_dates_say_holds_for_the_rest_of_it() -> None:
    """A batch in which both would do is read as the batches before it."""
    times, batches = Times(), [["2026-01-01", None], ["20/11/2026"], ["03/04/2026"], ["11/20/2026"]]
    found = [times.read(pl.Series(batch, dtype=pl.String), DOCUMENTED).to_list() for batch in batches]
    assert [one and (one.month, one.day) for batch in found for one in batch] == [(1, 1), None, (11, 20), (4, 3), None]


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_null(text: str) -> None:
    """Nothing is guessed: no two-digit years, no thirteenth month, nothing after the end."""
    assert read([text]) == [None]


def test_a_column_may_mix_formats_and_bad_values() -> None:
    """Each value is read as if it stood alone, by formats among which nothing is left open."""
    mixed = [*SPELLINGS, *NO_TIMES, None] * 7
    alone = [read_times(pl.Series([text], dtype=pl.String), DOCUMENTED)[0] for text in mixed]
    assert read_times(pl.Series(mixed), DOCUMENTED).to_list() == alone


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
    assert read_times(pl.Series([text, "20261120"]), DOCUMENTED).is_null().to_list() == [True, False]


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
        ("dd 'o''clock' MMM yyyy", "20 o'clock November 2026", dt.datetime(2026, 11, 20)),
        ("d MMMM yyyy", "20 nov 2026", dt.datetime(2026, 11, 20)),
        ("E, d MMM yyyy", "friday, 20 NOV 2026", dt.datetime(2026, 11, 20)),
        ("EEEE d.M.yyyy", "Fri 20.11.2026", dt.datetime(2026, 11, 20)),
        ("dd/MM/yy", "20/11/1926", dt.datetime(1926, 11, 20)),
        ("dd/MM/yy", "20/11/45", dt.datetime(2045, 11, 20)),
        ("dd/MM/yy", "29/02/48", dt.datetime(1948, 2, 29)),
        ("yyMMdd", "991231", dt.datetime(1999, 12, 31)),
        ("yyyyDDD", "2024060", dt.datetime(2024, 2, 29)),
        ("yyyy/D", "2026/1", dt.datetime(2026, 1, 1)),
        ("xxxx-'W'ww-e", "2026-W01-1", dt.datetime(2025, 12, 29)),
        ("xxxx'W'wwe", "2026W531", dt.datetime(2026, 12, 28)),
        ("MM/yyyy", "11/2026", dt.datetime(2026, 11, 1)),
        ("yyyy", "2026", dt.datetime(2026, 1, 1)),
        ("yyyy-MM-dd HH", "2026-11-20 13", dt.datetime(2026, 11, 20, 13)),
        ("MM-dd-YYYY hh a", "11-20-2026 12 am", dt.datetime(2026, 11, 20)),
        ("yyyy-MM-dd'T'HH:mmZZ", "2026-11-20T13:45+05:30", dt.datetime(2026, 11, 20, 8, 15)),
        ("yyyy-MM-dd HH:mm:ss.S", "2026-11-20 13:45:30.5", MOMENT.replace(microsecond=500_000)),
        ("yyyy-MM-dd HH:mm:ss.SSSS", "2026-11-20 13:45:30.25", MOMENT.replace(microsecond=250_000)),
        ("yyyy-MM-dd HH:mm:ss,SSS", "2026-11-20 13:45:30,250", MOMENT.replace(microsecond=250_000)),
    ],
)
def test_a_joda_pattern_reads_as_joda_reads_it(joda: str, text: str, moment: dt.datetime) -> None:
    """`Y` is the calendar's year, quoted text stands for itself, a zone is applied; what differs is not read."""
    found = read_in_order(pl.Series([text, f"{text}x", "x", None]), joda_formats(joda))
    assert found.to_list() == [moment.replace(tzinfo=dt.UTC), None, None, None]
