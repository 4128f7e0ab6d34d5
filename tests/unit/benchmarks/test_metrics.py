"""The figures of the benchmark are what they are called."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from benchmarks.stitch.metrics import agreement
from benchmarks.stitch.parts import table


def by_definition(found: list[int], true: list[int]) -> tuple[float, float, float, float]:
    """Give precision and recall of pairs, then of B-cubed, by looking at every pair and every record."""
    rows = range(len(found))
    pairs = [(found[a] == found[b], true[a] == true[b]) for a, b in itertools.combinations(rows, 2)]
    right = sum(said and is_so for said, is_so in pairs)
    shared = [sum(found[a] == found[b] and true[a] == true[b] for b in rows) for a in rows]
    return (
        right / sum(said for said, _ in pairs),
        right / sum(is_so for _, is_so in pairs),
        sum(count / found.count(found[a]) for a, count in enumerate(shared)) / len(rows),
        sum(count / true.count(true[a]) for a, count in enumerate(shared)) / len(rows),
    )


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_the_definition(seed: int) -> None:
    draw = np.random.default_rng(seed)
    found, true = (draw.integers(0, 12, 60).tolist() for _ in range(2))
    figures = agreement(found, true)
    said = (figures.precision, figures.recall, figures.b3_precision, figures.b3_recall)
    assert said == pytest.approx(by_definition(found, true))


def test_the_same_people_by_other_names_are_perfect() -> None:
    figures = agreement(["x", "x", "y"], [7, 7, 3])
    assert set(vars(figures).values()) == {1.0}


def test_nobody_joined_is_precise_and_finds_nothing() -> None:
    figures = agreement([1, 2, 3], [1, 1, 1])
    assert (figures.precision, figures.recall, figures.f1) == (1.0, 0.0, 0.0)


def test_a_table_has_every_column_of_any_row() -> None:
    text = table([{"set": "a", "f1": 0.5}, {"set": "b", "n": 12_345}])
    assert text.split("\n") == ["set      f1       n", "a    0.5000", "b            12,345"]
