"""What it says that both records of a pair are in one source."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.column import column_of
from cdp_assets.stitch.figures.learnt import weights
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.model_table import model_frame
from cdp_assets.stitch.patterns import Patterns, with_doubles
from cdp_assets.stitch.rarity import sources_of
from cdp_assets.stitch.repeats import (
    LEVELS,
    PLACES,
    REPEATS,
    SMALLER,
    TWO_SOURCES,
    levels_of_sources,
    of_one_person,
)
from cdp_assets.stitch.weigh import Model
from tests.unit.stitch.world import frame

PEOPLE, STREETS = 400, 40


def register(source: str, people: range) -> list[dict[str, str]]:
    """Give records of people of whom every tenth pair bears one name; nobody is in a source twice."""
    return [
        {
            "datasource": source,
            "pk": str(one),
            "given_name": f"{'ABCDEFGHIJ'[one % 10]}NN{'ABCDEFGHIJ'[one // 10 % 10]}",
            "surname": f"SM{'ABCDEFGHIJKLMNOPQRST'[one // 2 % 20]}TH{'ABCDEFGHIJ'[one // 40]}",
            "email": f"{'abcdefghij'[one % 10]}{one}@{source}.com",
            "phone": f"206{2_010_000 + 37 * one}",
            "postal": f"{10000 + one % STREETS}",
        }
        for one in people
    ]


def learnt(rows: list[dict[str, str]]) -> Model:
    return resolve(frame(rows), Stitch(), Given(key=b"k" * 32)).judge.scale.model


def weight(model: Model, level: int) -> float:
    place = model.fields.index(REPEATS)
    return float(model.person[place][level] - model.strangers[place][level])


def test_a_source_that_has_nobody_twice_speaks_against_two_of_its_records() -> None:
    model = learnt([*register("crm", range(PEOPLE)), *register("shop", range(PEOPLE // 2))])
    assert weight(model, 1) < -3
    assert weight(model, TWO_SOURCES) > 0


def test_a_source_that_has_everybody_twice_does_not() -> None:
    twice = [row | {"pk": f"{row['pk']}b", "email": None} for row in register("orders", range(PEOPLE // 2))]
    model = learnt([*register("orders", range(PEOPLE // 2)), *twice, *register("crm", range(PEOPLE // 4))])
    assert abs(weight(model, 1)) < 0.5
    assert weight(model, 2) < -1


def test_sources_with_hardly_a_record_are_not_among_the_weights_that_are_shown() -> None:
    model = learnt([*register("crm", range(PEOPLE)), *register("shop", range(PEOPLE // 2)), *register("web", range(3))])
    shown = weights(model_frame(model)).filter(field=REPEATS)["label"].to_list()
    assert shown == ["in two sources", "both in the largest source", "both in the 2nd largest source"]


def test_records_that_say_the_same_teach_nothing_of_sources() -> None:
    """Of these only the one that stands for the others is known by its source."""
    one = Patterns(np.array([[0, 1]], dtype=np.int8), np.array([3.0]))
    both = with_doubles(["phone", REPEATS], one, one)
    assert dict(zip(map(tuple, both.levels.tolist()), both.counts.tolist(), strict=True)) == {(0, 1): 3.0, (0, -1): 3.0}


def test_one_source_is_not_compared_with_itself() -> None:
    assert REPEATS not in learnt(register("crm", range(PEOPLE))).fields


def test_few_pairs_teach_nothing_of_a_source() -> None:
    by_chance = np.array([0.5, 0.3, 0.2])
    assert of_one_person(np.array([2.0, 0.0, 0.0]), by_chance) == pytest.approx(by_chance, abs=0.1)


def test_the_level_is_the_place_of_the_source_by_size_then_by_name() -> None:
    sources = pl.Series(["b", "c", "a", "c"])
    column = column_of(sources)
    places = sources_of(column.series(), column.counts()).of(column)
    left, right = np.array([0, 1, 2, 1], np.int32), np.array([0, 3, 2, 2], np.int32)
    assert levels_of_sources(column, places, left, right).tolist() == [3, 1, 2, TWO_SOURCES]


def test_sources_beyond_the_largest_are_one_level() -> None:
    column = column_of(pl.Series([str(source) for source in range(len(PLACES) + 5)]))
    places = sources_of(column.series(), np.arange(len(column), 0, -1, dtype=np.float64)).of(column)
    assert places.max() == SMALLER == len(LEVELS) - 1
    assert (places == SMALLER).sum() == 5


def test_a_source_that_came_later_is_one_of_the_smaller() -> None:
    before, today = (column_of(pl.Series([name])) for name in ("crm", "new"))
    assert sources_of(before.series(), before.counts()).of(today).tolist() == [SMALLER]
