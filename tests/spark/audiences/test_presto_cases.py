"""Every query of the golden sets gives Trino's answer on Spark, or is refused; none gives another answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.presto.golden import Golden
from benchmarks.presto.run import AGREE, RIGHTLY, Outcome, on_spark, outcomes
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions

DATA = Path(__file__).parents[2] / "data"
ANSWERED = Golden(DATA / "presto")
"""Queries with the answers of a real Trino."""
DOCUMENTED = Golden(DATA / "presto_documented")
"""Queries with the answers that Trino's documentation gives, function by function."""


def not_as_told(golden: Golden, lake: Lake) -> list[str]:
    """Give every case that does not agree, or is not refused where Trino refuses."""
    found = outcomes(golden.cases(), on_spark(golden, lake))
    return [_told(one) for one in found if one.verdict != (RIGHTLY if "error" in one.case else AGREE)]


def _told(one: Outcome) -> str:
    return f"{one.verdict} {one.case['name']}: {one.reason}"


@pytest.mark.parametrize("golden", [ANSWERED, DOCUMENTED], ids=["answered", "documented"])
def test_every_query_answers_as_on_trino(golden: Golden, tmp_path: Path, sessions: SparkSessions) -> None:
    """What Trino answers is answered alike, and what it refuses is refused."""
    assert not_as_told(golden, Lake(tmp_path, sessions)) == []
