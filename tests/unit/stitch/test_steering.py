"""What keys, rules, labels, bad values and modes do to who is who, through the whole kernel."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import learn
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from cdp_assets.stitch.labels import LABEL_SCHEMA
from tests.unit.stitch.people import people

KEY = b"k" * 32
RECORDS = people(60).drop("person")
Ids = dict[tuple[str, str], str]
SHOP, POS = "shop:customers", "pos:shoppers"


def ids(records: pl.DataFrame, labels: pl.DataFrame | None = None, **settings: object) -> Ids:
    """Give the id of each record."""
    found = stitch(records, Stitch.model_validate(settings), Given(key=KEY, labels=labels)).frames["stitch_ids"]
    return {(datasource, pk): amperity_id for datasource, pk, amperity_id in found.iter_rows()}


def test_a_tenants_nicknames_are_no_conflict_of_names() -> None:
    """A rule that separates incompatible names takes Zed for Quin once a table says so."""
    rows = [{"datasource": SHOP, "pk": pk, "given_name": name, "surname": "Ash", "phone": "206 555 0100"}
            for pk, name in (("x1", "Quin"), ("x2", "Zed"))]  # fmt: skip
    records = pl.concat([RECORDS, pl.DataFrame(rows)], how="diagonal")
    rules = Stitch.model_validate({"rules": [{"action": "separate", "condition": "fuzzy/incompatible-names"}]})
    nicknames = pl.DataFrame({"canonical_name": ["Quin"], "nickname": ["Zed"], "update_type": ["ADD"]})
    people_of = {}
    for table in (None, nicknames):
        found = stitch(records, rules, Given(key=KEY, nicknames=table)).frames["stitch_ids"]
        people_of[table is None] = found.filter(pl.col("pk").is_in(["x1", "x2"]))["amperity_id"].n_unique()
    assert people_of == {True: 2, False: 1}


def label(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Give one label by pk: partition_id, datasource, pk."""
    full = [("labels_people", "L", part, datasource, "pk", pk) for part, datasource, pk in rows]
    return pl.DataFrame(full, schema=LABEL_SCHEMA, orient="row")


@pytest.fixture(scope="module", autouse=True)
def few_strangers() -> Iterator[None]:
    """Learn from fewer random pairs: how rare what is matters little here, and a run takes a tenth of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn, "RANDOM_PAIRS", 20_000)
        yield


@pytest.fixture(scope="module")
def before() -> Ids:
    """Who is who without a word from anybody."""
    return ids(RECORDS)


def test_a_label_joins_strangers_with_all_their_records(before: Ids) -> None:
    """No blocking key, no model and no threshold stands in its way; nobody else moves."""
    after = ids(RECORDS, label(("1", SHOP, "p1"), ("1", SHOP, "p2")))
    both = {before[SHOP, "p1"], before[SHOP, "p2"]}
    assert len(both) == 2
    assert len({after[record] for record, person in before.items() if person in both}) == 1
    others = {record: person for record, person in before.items() if person not in both}
    assert {record: after[record] for record in others} == others


def test_a_label_parts_what_the_model_joins_even_records_that_say_the_same() -> None:
    """The second record is the first one word for word."""
    doubled = pl.concat([RECORDS, RECORDS.filter(datasource=SHOP, pk="p1").with_columns(pk=pl.lit("again"))])
    assert ids(doubled)[SHOP, "p1"] == ids(doubled)[SHOP, "again"]
    after = ids(doubled, label(("1", SHOP, "p1"), ("2", SHOP, "again")))
    assert after[SHOP, "p1"] != after[SHOP, "again"]


def test_a_label_is_over_keys_and_rules() -> None:
    """An equal foreign key does not join what a label parts."""
    keyed = RECORDS.with_columns(fk_member=pl.when(pl.col("pk").is_in(["p1", "p2"])).then(pl.lit("m")))
    assert ids(keyed)[SHOP, "p1"] == ids(keyed)[SHOP, "p2"]
    after = ids(keyed, label(("1", SHOP, "p1"), ("2", SHOP, "p2")))
    assert after[SHOP, "p1"] != after[SHOP, "p2"]


def test_labels_show_in_the_scores() -> None:
    """A forced pair is exact."""
    given = Given(key=KEY, labels=label(("1", SHOP, "p1"), ("1", SHOP, "p2")))
    scores = stitch(RECORDS, Stitch(), given).frames["unified_scores"]
    pair = scores.filter(source1=SHOP, pk1="p1", source2=SHOP, pk2="p2")
    assert pair.select("score", "match_category").rows() == [(5.0, "exact")]


def test_rules_alone_join_what_they_say_and_nothing_else() -> None:
    """Equal e-mail clusters, through others too; nobody else is joined."""
    rule = {"action": "cluster", "condition": "present-and-equal", "semantics": ["email"]}
    found = ids(RECORDS, rules=[rule], remainder="unclustered")
    emails = RECORDS.select("datasource", "pk", "email").drop_nulls("email")
    by_email: dict[str, set[str]] = {}
    for datasource, pk, email in emails.iter_rows():
        by_email.setdefault(email, set()).add(found[datasource, pk])
    assert all(len(one) == 1 for one in by_email.values())
    without = RECORDS.filter(pl.col("email").is_null()).height
    assert len(set(found.values())) == len(by_email) + without


def test_rules_alone_join_through_others_however_many_pairs_say_nothing() -> None:
    """Twenty records of one mailbox and twenty of another are one person through one phone."""
    rows = [
        {"datasource": SHOP, "pk": f"{at:02d}", "email": f"crew{at // 20}@mail.com", "phone": phone}
        for at, phone in enumerate(["206 555 0100" if at in (7, 33) else None for at in range(40)])
    ]
    rules = [
        {"action": "cluster", "condition": "present-and-equal", "semantics": [name]} for name in ("email", "phone")
    ]
    found = ids(pl.DataFrame(rows), rules=rules, remainder="unclustered")
    assert len(set(found.values())) == 1


def test_a_rule_comes_before_the_model() -> None:
    """Records that differ in their phone are separated, though the model would join them."""
    pair = RECORDS.filter(pl.col("pk") == "p0", pl.col("datasource").is_in([SHOP, POS]))
    moved = pl.concat([RECORDS, pair.head(1).with_columns(pk=pl.lit("moved"), phone=pl.lit("2069999999"))])
    assert ids(moved)[SHOP, "p0"] == ids(moved)[SHOP, "moved"]
    rule = {"action": "separate", "condition": "fuzzy-different", "semantics": ["phone"]}
    found = ids(moved, rules=[rule])
    assert found[SHOP, "p0"] != found[SHOP, "moved"]


def test_one_to_one_makes_each_customer_id_a_person() -> None:
    """Nothing is compared, nothing else is written; a record without a `ck` is a person by itself."""
    keyed = RECORDS.with_columns(ck=pl.when(pl.col("datasource") != "mail:list").then(pl.col("pk")))
    result = stitch(keyed, Stitch(one_to_one=True), Given(key=KEY))
    assert result.frames.keys() == {"stitch_ids"}
    found = result.frames["stitch_ids"].join(keyed, on=["datasource", "pk"])
    assert found.drop_nulls("ck").group_by("ck").agg(pl.col("amperity_id").n_unique())["amperity_id"].max() == 1
    assert found["amperity_id"].n_unique() == found["ck"].n_unique() - 1 + found["ck"].null_count()
    assert result.report.records == RECORDS.height
    forced = stitch(keyed, Stitch(one_to_one=True, force_run=True), Given(key=KEY))
    assert "unified_scores" in forced.frames


def test_scores_can_be_left_out(before: Ids) -> None:
    """Who is who stays the same."""
    result = stitch(RECORDS, Stitch(skip_unified_scores=True), Given(key=KEY))
    assert "unified_scores" not in result.frames
    found = {(datasource, pk): one for datasource, pk, one in result.frames["stitch_ids"].iter_rows()}
    assert found == before


@pytest.mark.parametrize("datasource", ["*", SHOP])
def test_a_tenants_bad_value_joins_nobody(datasource: str) -> None:
    """Two records that share nothing but a phone."""
    rows = [
        {"datasource": SHOP, "pk": "x1", "given_name": "Quin", "surname": "Zed", "phone": "206 555 0100"},
        {"datasource": SHOP, "pk": "x2", "given_name": "Quin", "surname": None, "phone": "206 555 0100"},
    ]
    records = pl.concat([RECORDS, pl.DataFrame(rows)], how="diagonal")
    value = {"semantic": "phone", "value": "2065550100", "datasource": datasource}
    assert ids(records)[SHOP, "x1"] == ids(records)[SHOP, "x2"]
    found = ids(records, bad_values=[value])
    assert found[SHOP, "x1"] != found[SHOP, "x2"]
