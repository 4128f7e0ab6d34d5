"""Every query of the golden sets gives Trino's answer on Spark, or is refused; none gives another answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.presto.golden import Golden
from benchmarks.presto.run import AGREE, RIGHTLY, Answer, Outcome, on_spark, on_trino, outcomes
from cdp_assets.audiences.trino import TrinoClient
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions

TRINO = os.environ.get("CDP_TRINO_URL")
"""A real cluster, such as http://localhost:8080; without it there is no test of one."""
DATA = Path(__file__).parents[2] / "data"
ANSWERED = Golden(DATA / "presto")
"""Queries with the answers of a real Trino."""
DOCUMENTED = Golden(DATA / "presto_documented")
"""Queries with the answers that Trino's documentation gives, function by function."""


def not_as_told(golden: Golden, answer: Answer) -> list[str]:
    """Give every case that does not agree, or is not refused where Trino refuses."""
    found = outcomes(golden.cases(), answer)
    return [_told(one) for one in found if one.verdict != (RIGHTLY if "error" in one.case else AGREE)]


def _told(one: Outcome) -> str:
    return f"{one.verdict} {one.case['name']}: {one.reason}"


@pytest.mark.parametrize("golden", [ANSWERED, DOCUMENTED], ids=["answered", "documented"])
def test_every_query_answers_as_on_trino(golden: Golden, tmp_path: Path, sessions: SparkSessions) -> None:
    """What Trino answers is answered alike, and what it refuses is refused."""
    assert not_as_told(golden, on_spark(golden, Lake(tmp_path, sessions))) == []


if TRINO:

    def test_a_real_trino_gives_the_same_answers() -> None:
        """The golden answers are those of the cluster that is named, over tables in its catalog `memory`."""
        client = TrinoClient(TRINO, "cdp", home=("memory", "default"))
        assert not_as_told(ANSWERED, on_trino(ANSWERED, client)) == []
