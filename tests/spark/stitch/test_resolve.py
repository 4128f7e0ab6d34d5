"""Spark finds the pairs, the blocks and the people that one process finds, whatever decides on them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest

from cdp_assets.config.stitch import BadValue, BadValueRule, Stitch
from cdp_assets.errors import ConfigError
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.stages import Stages, stages_of
from cdp_assets.stitch import learn
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.spark.ids import ids_in_spark
from cdp_assets.stitch.spark.resolve import CLUSTER, Lists, keep_identities
from tests.integration.stitch.acme import acme_records
from tests.unit.stitch.people import people

KEY = b"k" * 32
SETTINGS = Stitch(
    badvalues_config=(BadValueRule(semantic="email", proxy="given-name", threshold=2),),
    bad_values=(BadValue(semantic="phone", value="206-555-0100"),),
    soft_trivial_dupe_semantic_exclusions=("phone",),
    soft_trivial_dupe_size_threshold=1,
)
LABELS = pl.DataFrame(
    [
        ("labels", "1", "1", "shop:customers", "pk", "p1"),
        ("labels", "1", "1", "shop:customers", "pk", "p2"),
        ("labels", "2", "1", "shop:customers", "pk", "p3"),
        ("labels", "2", "2", "pos:shoppers", "pk", "p3"),
    ],
    schema=["labels_table", "label_id", "partition_id", "datasource", "semantic", "value"],
    orient="row",
)
BAD = pl.DataFrame({"datasource": ["*"], "semantic": ["surname"], "value": ["smitha"], "is_preprocessed": [False]})


def records() -> pl.DataFrame:
    """Give records of 400 people with everything that decides on them, in no order."""
    once, number = people(400).drop("person"), pl.col("pk").str.slice(1).cast(pl.Int64)
    shared = once.with_columns(
        email=pl.when(number % 40 == 0).then(pl.lit("desk@mail.com")).otherwise("email"),
        phone=pl.when(number % 50 == 0).then(pl.lit("(206) 555-0100")).otherwise("phone"),
        fk_member=pl.when(number.is_in([11, 12])).then(pl.lit("m1")),
        sk_account=pl.when(number % 2 == 0).then(pl.col("datasource")),
    )
    again = shared.with_columns(pl.col("datasource") + "_again")
    softly = again.with_columns(pl.col("datasource") + "_softly", phone=pl.lit("2065550199"))
    return pl.concat([shared, again, softly]).sample(fraction=1.0, shuffle=True, seed=3)


RECORDS = records()


@pytest.fixture(scope="module", autouse=True)
def _few_random_pairs() -> Iterator[None]:
    """A small set of records is told from strangers by few of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn, "RANDOM_PAIRS", 20_000)
        yield


@pytest.fixture(scope="module")
def alone() -> Resolved:
    """What one process finds."""
    return resolve(RECORDS, SETTINGS, Given(key=KEY, labels=LABELS, bad_values=BAD))


@pytest.fixture(scope="module")
def stages(sessions: SparkSessions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """What Spark finds."""
    with stages_of(Lake(tmp_path_factory.mktemp("lake"), sessions)) as opened:
        given = RECORDS.to_arrow()
        keep_identities(opened, lambda: opened.session().createDataFrame(given), SETTINGS, Lists(LABELS, BAD))
        yield opened


def kept(stages: Stages, name: str) -> pl.DataFrame:
    """Give a stage's rows."""
    return pl.DataFrame(stages.answer(lambda: stages.read(name)))


def test_bad_values_are_the_same(stages: Stages, alone: Resolved) -> None:
    """By rule and by list, in every column."""
    found = kept(stages, "judged").sort("number")
    assert found.select(alone.judged.records.columns).equals(alone.judged.records)
    assert alone.judged.flags["has_blv"].any()


def test_the_same_records_stand_for_the_same_others(stages: Stages, alone: Resolved) -> None:
    """Equal ones, and those that are equal but for what has too many values to tell people apart."""
    twins = dict(kept(stages, "twins").iter_rows())
    rows, standing = alone.collapsed.rows, alone.collapsed.representative
    assert [twins.get(number, number) for number in range(RECORDS.height)] == rows[standing].tolist()
    assert 0 < alone.collapsed.records.height < RECORDS.height


def test_pairs_and_their_odds_are_the_same(stages: Stages, alone: Resolved) -> None:
    """Each pair once; the odds follow from the same evidence, weighed by the same model."""
    scored = kept(stages, "scored").sort("pair")
    size = alone.collapsed.records.height
    assert scored["pair"].to_list() == (alone.pairs.left * np.int64(size) + alone.pairs.right).tolist()
    assert scored["bits"].to_list() == alone.bits.tolist()


def test_blocks_too_large_are_the_same(stages: Stages, alone: Resolved) -> None:
    """What is not compared whole is listed with its size."""
    assert sorted(kept(stages, "large")["size"]) == sorted(alone.pairs.skipped["size"])
    assert alone.pairs.skipped["part"].is_null().any()


def test_people_are_the_same(stages: Stages, alone: Resolved) -> None:
    """Keys and labels that join and part included."""
    both = kept(stages, "identities").join(alone.assigned.ids, on=KEYS)
    assert both.height == RECORDS.height
    assert both.select(CLUSTER, ID).unique().height == both[ID].n_unique() == both[CLUSTER].n_unique()
    assert both.filter(pl.col("pk").is_in(["p1", "p2"]), pl.col("datasource") == "shop:customers")[ID].n_unique() == 1


def test_staples_are_refused_by_name(stages: Stages) -> None:
    """They would be looked for among some of the people only."""
    with pytest.raises(ConfigError, match="enable_staple"):
        keep_identities(stages, lambda: stages.session().range(0), Stitch(enable_staple=True), Lists())


@pytest.mark.long
def test_ids_of_a_retailer_are_the_same(lake: Lake) -> None:
    """Twenty thousand records with everything that real ones have."""
    given = acme_records()
    found, pairs = ids_in_spark(lake, given, Stitch(), KEY)
    run = resolve(given, Stitch(), Given(key=KEY))
    assert found.equals(run.assigned.ids)
    assert pairs == len(run.pairs.left)
