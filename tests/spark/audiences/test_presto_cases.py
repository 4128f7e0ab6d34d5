"""Every query of the golden set gives Trino's answer on Spark, or is refused; none gives another answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.presto.golden import Golden
from benchmarks.presto.run import AGREE, ANSWERED, FAILED, WRONG, Outcome, on_spark, outcomes
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions

GOLDEN = Golden(Path(__file__).parents[2] / "data" / "presto")
LEAST_EQUAL = 300


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, sessions: SparkSessions) -> list[Outcome]:
    """How every case went."""
    lake = Lake(tmp_path_factory.mktemp("golden"), sessions)
    return list(outcomes(GOLDEN.cases(), on_spark(GOLDEN, lake)))


def test_no_answer_differs_from_trinos(found: list[Outcome]) -> None:
    """Whatever is translated means the same."""
    assert [f"{one.case['name']}: {one.reason}" for one in found if one.verdict in (WRONG, FAILED, ANSWERED)] == []


def test_much_of_what_analysts_write_is_translated(found: list[Outcome]) -> None:
    """The allow-list is of use: at least this many of the cases are answered."""
    assert sum(one.verdict == AGREE for one in found) >= LEAST_EQUAL
