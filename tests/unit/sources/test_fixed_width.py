"""Times that are read by arithmetic on bytes; the general parser is the oracle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.lakehouse.arrow import MOMENT
from cdp_assets.sources.fixed_width import FixedWidth, fixed_width
from cdp_assets.sources.time_format import Format
from cdp_assets.sources.times import DOCUMENTED

FIXED = [one for one in DOCUMENTED if fixed_width(one.pattern)]
ODD = ["0000", "0026", "9999", "00", "24", "29", "30", "31", "60", "1 ", "-1", "x", "é", "٣"]


def way(one: Format) -> FixedWidth:
    """Give how a format is written."""
    found = fixed_width(one.pattern)
    assert found is not None
    return found


def by_bytes(texts: list[str | None], one: Format) -> pl.Series:
    """Give what arithmetic makes of texts."""
    return way(one).read(pl.Series(texts, dtype=pl.String)).cast(MOMENT)


@st.composite
def spelled(draw: Callable[..., str]) -> tuple[Format, list[str | None]]:
    """Give a format, and texts that it writes; in some of them a piece is another one, or missing."""
    one = draw(st.sampled_from(FIXED))
    texts: list[str | None] = []
    for moment in draw(st.lists(st.none() | st.datetimes(dt.datetime(1000, 1, 1)), max_size=8)):
        text = moment and moment.strftime(one.pattern).rjust(way(one).width, "0")
        if text and draw(st.booleans()):
            at, odd = draw(st.integers(0, len(text))), draw(st.sampled_from(ODD))
            text = text[:at] + odd + text[at + draw(st.integers(0, len(odd))) :]
        texts.append(text)
    return one, texts


@given(spelled())
def test_a_text_is_read_as_the_general_parser_reads_it_or_left_to_it(case: tuple[Format, list[str | None]]) -> None:
    one, texts = case
    found, oracle = by_bytes(texts, one), one.read_any_width(pl.Series(texts, dtype=pl.String))
    assert (found == oracle).all()
    assert one.read(pl.Series(texts, dtype=pl.String)).to_list() == oracle.to_list()


@pytest.mark.parametrize("one", FIXED, ids=lambda one: one.pattern)
def test_what_a_format_writes_is_read_by_its_bytes(one: Format) -> None:
    """Every day of the calendar's corners, nulls and shorter texts beside them."""
    days = [dt.datetime(year, *day) for year in (1000, 1900, 2000, 2024, 9999) for day in ((1, 1), (2, 28), (12, 31))]
    days += [dt.datetime(2024, 2, 29), dt.datetime(1969, 12, 31)]
    texts = [day.strftime(one.pattern) for day in days]
    wanted = [day.replace(tzinfo=dt.UTC) for day in days]
    assert by_bytes([*texts, None, "", "x"], one).to_list() == [*wanted, None, None, None]


def test_a_day_that_is_not_in_the_calendar_is_left() -> None:
    texts = ["2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "0999-01-01"]
    assert by_bytes(list(texts), Format("%Y-%m-%d")).null_count() == len(texts)


def test_a_null_is_none_though_its_bytes_are_still_there() -> None:
    texts = pl.Series(["2026-11-20", "2026-11-21"]).set(pl.Series([True, False]), None)
    assert way(Format("%Y-%m-%d")).read(texts).is_null().to_list() == [True, False]


@pytest.mark.parametrize("pattern", ["%d-%b-%Y", "%y-%m-%d", "%Y-%m", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M%z"])
def test_what_may_differ_in_width_has_no_fixed_one(pattern: str) -> None:
    assert fixed_width(pattern) is None
