"""Joda patterns that can be read, and those that cannot."""

from __future__ import annotations

import pytest

from cdp_assets.config.joda import chrono_pattern


@pytest.mark.parametrize(
    "joda",
    [
        "yyyy-ww", "xxxx-ww", "xxxx-MM-dd", "xx-ww-e", "QQ", "yyyy-MM-dd zzz", "yyyy-MM-dd ZZZ", "MM/dd", "yyyy mm",
        "yyyy-dd", "yyyy-MM-DDD", "yyyy DDDD", "yyyy-MM-dd HH:ss", "yyyy hh:mm", "yyyy HH:mm a", "yyyy-MM-dd kk:mm",
        "yyyy-MM-dd'T", "yyyy-MM-dd HH:mm:ssSS", "G yyyy", "yyyyy", "CC yyyy",
    ],
)  # fmt: skip
def test_a_pattern_that_makes_no_time_is_refused_with_what_is_known(joda: str) -> None:
    """The message says which parts work."""
    with pytest.raises(ValueError, match="yyyy MM dd"):
        chrono_pattern(joda)


def test_what_stands_in_quotes_is_itself() -> None:
    """Letters in quotes, and a percent sign, mean nothing to the parser."""
    assert chrono_pattern("'day 'dd'%''x'MMyyyy''") == "day %d%%'x%m%Y'"


def test_years_of_an_era_are_calendar_years_and_week_years_are_not() -> None:
    """The documents recommend `MM-dd-YYYY`, which another library would take for the week's year."""
    assert chrono_pattern("MM-dd-YYYY") == chrono_pattern("MM-dd-yyyy") == "%m-%d-%Y"
    assert chrono_pattern("xxxx-'W'ww-e") == "%G-W%V-%u"
