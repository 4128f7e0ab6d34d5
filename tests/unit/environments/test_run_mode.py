"""What each mode of a run builds again."""

from __future__ import annotations

import pytest

from cdp_assets.environments.run_mode import RunMode, changes_by_itself
from cdp_assets.errors import ConfigError

PLAIN, CLOCK = "SELECT a FROM d.t", "SELECT a, CURRENT_DATE() AS today FROM d.t"
THEN = {"d.t": "p@1", "business_date": "2026-11-20"}
NEXT_DAY = THEN | {"business_date": "2026-11-21"}
NEWS = THEN | {"d.t": "p@2"}


@pytest.mark.parametrize(
    ("mode", "now", "text", "kept"),
    [
        (RunMode.EXPRESS, THEN, PLAIN, True),
        (RunMode.EXPRESS, NEXT_DAY, PLAIN, True),
        (RunMode.EXPRESS, THEN, CLOCK, True),
        (RunMode.EXPRESS, NEWS, PLAIN, False),
        (RunMode.NORMAL, THEN, PLAIN, True),
        (RunMode.NORMAL, NEXT_DAY, PLAIN, False),
        (RunMode.NORMAL, THEN, CLOCK, False),
        (RunMode.NORMAL, NEWS, PLAIN, False),
        (RunMode.FULL, THEN, PLAIN, False),
    ],
)
def test_a_mode_keeps_what_it_may(mode: RunMode, now: dict[str, int | str], text: str, kept: bool) -> None:
    assert mode.keeps(THEN, now, text) is kept


@pytest.mark.parametrize(
    "function",
    ["CURRENT_DATE", "now()", "CURRENT_TIMESTAMP", "UNIX_TIMESTAMP()", "RAND()", "randn(3)", "uuid()", "shuffle(a)",
     "localtimestamp", "date_format(current_timestamp(), 'yyyy')"],
)  # fmt: skip
def test_the_clock_and_chance_are_found_wherever_they_stand(function: str) -> None:
    assert changes_by_itself(f"WITH w AS (SELECT MAX({function}) AS x FROM d.t) SELECT x FROM w")


@pytest.mark.parametrize("text", ["UNIX_TIMESTAMP(a)", "t.now", "'CURRENT_DATE'", ":business_date", "DATEDIFF(a, b)"])
def test_what_only_looks_like_it_is_not_taken_for_it(text: str) -> None:
    assert not changes_by_itself(f"SELECT {text} AS x FROM d.t AS t")


def test_a_mode_is_one_of_three_words_and_normal_without_any() -> None:
    assert [RunMode.of(word) for word in (None, "express", "full")] == [RunMode.NORMAL, RunMode.EXPRESS, RunMode.FULL]
    with pytest.raises(ConfigError, match="one of express, normal, full"):
        RunMode.of("quick")
