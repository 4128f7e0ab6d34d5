"""Joda patterns that can be read, and those that cannot."""

from __future__ import annotations

import pytest

from cdp_assets.config.joda import chrono_pattern


@pytest.mark.parametrize(
    "joda", ["yyyy-ww", "QQ", "yyyy-MM-dd zzz", "MM/dd", "yyyy-MM-dd HH", "yyyy hh:mm", "yyyy HH:mm a"]
)
def test_a_pattern_that_makes_no_time_is_refused_with_what_is_known(joda: str) -> None:
    """The message says which parts work."""
    with pytest.raises(ValueError, match="yyyy MM dd"):
        chrono_pattern(joda)


def test_what_stands_in_quotes_is_itself() -> None:
    """Letters in quotes, and a percent sign, mean nothing to the parser."""
    assert chrono_pattern("'day 'dd'%''x'yyyy") == "day %d%%x%Y"
