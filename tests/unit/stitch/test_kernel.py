"""Records become people with ids that stay."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, stitch
from tests.unit.stitch.people import people

KEY = b"k" * 32
RECORDS = people(400)


def resolve(records: pl.DataFrame, before: StitchResult | None = None, **settings: object) -> StitchResult:
    """Run the kernel, after an earlier run or not."""
    given = Given(key=KEY, previous=before.frames if before else {})
    return stitch(records.drop("person", strict=False), Stitch.model_validate(settings), given)


@pytest.fixture(scope="module")
def result() -> StitchResult:
    """The first run over everybody."""
    return resolve(RECORDS)


def test_every_record_gets_one_id(result: StitchResult) -> None:
    """No record is lost and none is doubled."""
    ids = result.frames["stitch_ids"]
    assert (
        ids.select("datasource", "pk")
        .sort("datasource", "pk")
        .equals(RECORDS.select("datasource", "pk").sort("datasource", "pk"))
    )
    assert ids["amperity_id"].null_count() == 0


def test_records_of_one_person_come_together(result: StitchResult) -> None:
    """Pairs that share e-mail or phone and name are linked; strangers are not."""
    found = result.frames["stitch_ids"].join(RECORDS, on=["datasource", "pk"])
    pairs = found.join(found, on="person").filter(pl.col("datasource") < pl.col("datasource_right"))
    linked = (pairs["amperity_id"] == pairs["amperity_id_right"]).mean()
    assert linked is not None and float(linked) > 0.95  # noqa: PT018
    mixed = found.group_by("amperity_id").agg(pl.col("person").n_unique())["person"]
    assert int((mixed > 1).sum()) <= 4


def test_the_order_of_records_does_not_matter(result: StitchResult) -> None:
    """Every table is the same when the rows are shuffled."""
    for seed in (1, 2):
        shuffled = resolve(RECORDS.sample(fraction=1.0, shuffle=True, seed=seed))
        assert all(shuffled.frames[name].equals(frame) for name, frame in result.frames.items())


def test_a_second_run_changes_no_id(result: StitchResult) -> None:
    """The same records keep every id, and no new id is made."""
    again = resolve(RECORDS, result)
    assert again.frames["stitch_ids"].equals(result.frames["stitch_ids"])
    assert again.frames["stitch_retired_ids"].equals(result.frames["stitch_retired_ids"])


def test_new_records_join_people_who_keep_their_ids() -> None:
    """Half of the people first, then all: whoever was known is known by the same id."""
    first = resolve(RECORDS.filter(pl.col("datasource") != "mail:list"))
    second = resolve(RECORDS, first)
    both = first.frames["stitch_ids"].join(second.frames["stitch_ids"], on=["datasource", "pk"], suffix="_after")
    groups = both.select("amperity_id", "amperity_id_after").unique()
    alone = groups.filter(pl.len().over("amperity_id") == 1, pl.len().over("amperity_id_after") == 1)
    assert (alone["amperity_id"] == alone["amperity_id_after"]).all()
    assert alone.height > 0.95 * groups.height


def test_ids_survive_a_change_of_settings(result: StitchResult) -> None:
    """A stricter threshold splits people; each old id stays with one of the parts."""
    strict = resolve(RECORDS, result, threshold=4.5)
    before, after = (set(one.frames["stitch_ids"]["amperity_id"]) for one in (result, strict))
    assert before <= after
    assert len(after) > len(before)


def test_equal_foreign_keys_are_one_person_and_separation_keys_two() -> None:
    """Keys overrule the model; which of the two comes first is a setting."""
    records = RECORDS.with_columns(
        fk_member=pl.when(pl.col("pk").is_in(["p1", "p2"])).then(pl.lit("m1")),
        sk_account=pl.when(pl.col("pk") == "p1").then(pl.lit("a")).when(pl.col("pk") == "p2").then(pl.lit("b")),
    )
    people_of = {
        classifier: resolve(records, classifier=classifier)
        .frames["stitch_ids"]
        .filter(pl.col("pk").is_in(["p1", "p2"]), pl.col("datasource") == "shop:customers")["amperity_id"]
        .n_unique()
        for classifier in ("fk-priority", "sk-priority")
    }
    assert people_of == {"fk-priority": 1, "sk-priority": 2}


def test_records_without_any_value_stay_alone() -> None:
    """Nothing in common is not something in common."""
    empty = pl.DataFrame({"datasource": ["a"] * 5, "pk": list("12345"), "email": [None] * 5}).cast(pl.String)
    assert resolve(empty).frames["stitch_ids"]["amperity_id"].n_unique() == 5


def test_no_records_give_empty_tables() -> None:
    """An empty feed is no error; beside the benchmarks, what is expected of pairs is all that there is to say."""
    found = resolve(RECORDS.clear()).frames
    assert {name: frame.height for name, frame in found.items() if frame.height} == {
        "stitch_model": 1,
        "stitch_benchmarks": 6,
        "stitch_runs": 1,
    }


def test_scores_are_between_0_and_5_and_only_within_people(result: StitchResult) -> None:
    """Each pair once, both records of one person, a category that fits the score."""
    scores = result.frames["unified_scores"]
    ids = result.frames["stitch_ids"]
    for side in ("1", "2"):
        joined = scores.join(ids, left_on=[f"source{side}", f"pk{side}"], right_on=["datasource", "pk"], suffix="_of")
        assert (joined["amperity_id"] == joined["amperity_id_of"]).all()
    assert scores["score"].is_between(0, 5).all()
    assert scores.select("source1", "pk1", "source2", "pk2").is_unique().all()
    assert set(scores["match_type"]) <= {"scored", "scored_transitive", "trivial_duplicate"}


def test_the_report_counts_what_is_there(result: StitchResult) -> None:
    """Sizes and categories add up."""
    report = result.report
    assert report.records == RECORDS.height
    assert sum(report.cluster_sizes.values()) == report.clusters
    assert sum(report.score_categories.values()) == result.frames["unified_scores"].height
