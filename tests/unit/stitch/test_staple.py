"""Sparse records join the only person who holds a value of theirs."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.column import Floats, Ints
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.labels import no_labels
from cdp_assets.stitch.scores import bits_of
from cdp_assets.stitch.staple import stapled
from cdp_assets.stitch.weigh import Pattern, Scale


class OneScore(Scale):
    """Scores every pair alike."""

    def __init__(self, score: float) -> None:
        """Need no model."""
        self._bits = bits_of(score)

    def weigh(self, left: Ints, _: Ints, __: Pattern | None = None) -> tuple[Floats, Floats]:
        """Give odds and evidence."""
        bits = np.full(len(left), self._bits)
        return bits, bits


def joined(labels: list[int], score: float = 2.5, **columns: list[str | None]) -> list[int]:
    """Give the labels after stapling by phone at a threshold of 3, where every pair has one score."""
    people = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    judge = Judge(people, OneScore(score), Stitch(), no_labels(people.height))
    return [int(label) for label in stapled(np.array(labels), people, ["phone"], judge, 3.0)]


def test_a_lone_record_joins_the_only_other_holder() -> None:
    """Below the threshold, but within one score of it."""
    assert joined([0, 0, 1], phone=["1", None, "1"]) == [0, 0, 0]
    assert joined([0, 0, 1], score=1.9, phone=["1", None, "1"]) == [0, 0, 1]


def test_a_value_of_three_people_joins_nobody() -> None:
    """It does not say whose the record is."""
    assert joined([0, 0, 1, 1, 2], phone=["1", None, "1", None, "1"]) == [0, 0, 1, 1, 2]


def test_two_people_of_several_records_stay_two() -> None:
    """Only sparse records are stapled."""
    assert joined([0, 0, 1, 1], phone=["1", None, "1", None]) == [0, 0, 1, 1]


def test_whom_somebody_joined_stays() -> None:
    """Record 1 has joined record 0 by one phone; it does not take record 0 along to record 2."""
    assert joined([0, 1, 2], phone=["1", "1", None]) == [1, 1, 2]


def test_a_conflict_with_any_record_of_the_person_forbids_it() -> None:
    """The suffixes differ, though those of the pair with one phone do not."""
    assert joined([0, 0, 1], phone=["1", None, "1"], suffix=[None, "SR", "JR"]) == [0, 0, 1]
