"""What is too large to compare whole is cut at its weaker links, as often as the settings say."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.cluster import CUT, Clusters, clusters
from cdp_assets.stitch.column import Bools, Floats, Ints
from cdp_assets.stitch.giants import MOST_COMPARED, Apart
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.within import MOST_PAIRED

CREW = MOST_COMPARED // 2 + 10


def alike(left: Ints, _: Ints) -> tuple[Floats, Floats]:
    """Say that all records fit together."""
    return np.full(len(left), 20.0), np.full(len(left), 20.0)


def never(left: Ints, _: Ints) -> Bools:
    """Say that nobody must stay apart."""
    return np.zeros(len(left), dtype=np.bool_)


def two_crews(bridge_bits: float, max_depth: int, apart: Apart = never) -> Clusters:
    """Group two crews of one chain each, which one link joins."""
    left = np.arange(2 * CREW - 1, dtype=np.int32)
    bits = np.full(len(left), 20.0)
    bits[CREW - 1] = bridge_bits
    return clusters(
        2 * CREW,
        left,
        left + np.int32(1),
        bits,
        apart=apart,
        threshold_bits=0.0,
        supersized_size=2 * CREW,
        max_depth=max_depth,
        weigh=alike,
    )


def test_a_weak_link_is_cut() -> None:
    """Each crew is somebody; they are one component and supersized still."""
    found = two_crews(bridge_bits=1.0, max_depth=4)
    assert found.labels[0] != found.labels[-1]
    assert len(np.unique(found.labels)) == 2
    assert len(np.unique(found.components)) == 1
    assert found.supersized.all()
    assert {CUT[code] for code in found.cut} == {"too large: weak links"}


def test_deeper_cuts_reach_stronger_links() -> None:
    """A link of seven bits holds at one depth, and not at two."""
    assert len(np.unique(two_crews(bridge_bits=7.0, max_depth=1).labels)) == 1
    assert len(np.unique(two_crews(bridge_bits=7.0, max_depth=2).labels)) == 2


def test_without_depth_nothing_is_cut() -> None:
    """However weak the link."""
    assert len(np.unique(two_crews(bridge_bits=1.0, max_depth=0).labels)) == 1


def test_two_who_must_stay_apart_are_two_people_however_many_strong_links_lie_between() -> None:
    """No link of the chain is cut for its weakness, but the one that would join the two ends is not followed."""

    def ends(left: Ints, right: Ints) -> Bools:
        return (np.minimum(left, right) == 0) & (np.maximum(left, right) == 2 * CREW - 1)

    found = two_crews(bridge_bits=20.0, max_depth=0, apart=ends)
    assert found.labels[0] != found.labels[-1]
    assert len(np.unique(found.labels)) == 2
    assert {CUT[code] for code in found.cut} == {"must stay apart"}


@pytest.mark.parametrize("seed", range(3))
def test_in_a_giant_no_person_holds_two_who_must_stay_apart(seed: int) -> None:
    """In random graphs of strong links between the members of rival teams, and others."""
    draw, size = np.random.default_rng(seed), MOST_COMPARED + 100
    left, right = (draw.integers(0, size, 6 * size).astype(np.int32) for _ in range(2))
    bits = draw.uniform(30, 40, len(left))
    teams = draw.integers(0, 5, size)

    def rivals(one: Ints, other: Ints) -> Bools:
        return np.asarray((teams[one] != teams[other]) & (teams[one] > 0) & (teams[other] > 0))

    found = clusters(
        size, left, right, bits, apart=rivals, threshold_bits=0.0, supersized_size=size, max_depth=4, weigh=alike
    )
    people = pl.DataFrame({"label": found.labels, "team": teams}).filter(pl.col("team") > 0)
    assert people.group_by("label").agg(pl.col("team").n_unique())["team"].to_list() == [1] * people["label"].n_unique()
    assert people["label"].n_unique() < size // 2


def orders_of_one_card(size: int) -> pl.DataFrame:
    """Give records of two names that hold one foreign key, and mailboxes and phones of some others each."""
    row = pl.Series(range(size))
    return pl.DataFrame(
        {
            "datasource": ["shop:orders"] * size,
            "pk": row.cast(pl.String),
            "given_name": ["Anna", "Marta"] * (size // 2),
            "surname": ["Kowalski"] * size,
            "email": pl.select(pl.format("x{}@mail.com", row // 20)).to_series(),
            "phone": pl.select(pl.format("206555{}", row * 7 % size // 15 + 1000)).to_series(),
            "address": pl.select(pl.format("{} Main Street", row)).to_series(),
            "fk_card": ["0000"] * size,
        }
    )


@pytest.mark.parametrize("size", [90, 900])
def test_separation_keys_part_whom_a_wrong_foreign_key_joins(size: int) -> None:
    """However many records hold it."""
    teams = pl.Series("sk_team", [("red", "blue", None)[at % 3] for at in range(size)])
    records = orders_of_one_card(size).with_columns(teams)
    run = resolve(records, Stitch(classifier="sk-priority"), Given(key=b"k" * 32))
    found = run.assigned.ids.join(records, on=["datasource", "pk"])
    teams_of = found.drop_nulls("sk_team").group_by("amperity_id").agg(pl.col("sk_team").n_unique(), pl.len())
    assert teams_of["sk_team"].max() == 1
    assert teams_of["len"].max() > size // 10


def test_of_a_person_with_very_many_records_the_compared_pairs_alone_are_scored() -> None:
    """All of them would fill the memory; each record has some."""
    run = resolve(orders_of_one_card(MOST_PAIRED + 200), Stitch(), Given(key=b"k" * 32))
    sizes = np.bincount(run.found.labels)
    assert sizes.max() > MOST_PAIRED
    assert len(run.within.left) < sizes.max() * 100
    assert len(np.union1d(run.within.left, run.within.right)) == len(run.found.labels)
    assert set(run.scored.kind.unique()) == {"scored"}
