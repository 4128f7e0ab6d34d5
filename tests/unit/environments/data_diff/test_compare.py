"""Two publications in a lake, compared end to end; expected facts are written down by hand."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.data_diff.compare import compare
from cdp_assets.environments.data_diff.model import DataDiff, TableDiff
from cdp_assets.environments.data_diff.options import Options
from cdp_assets.errors import StateError
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.security.obfuscation import person_name
from cdp_assets.state.readers import publications_read
from tests.unit.environments.data_diff.lakes import ENVIRONMENT, SANDBOX, Installation
from tests.unit.environments.edits import edited

TENANT = load_tenant(REPOSITORY / "tenant_config")
LOWERED = TENANT.model_copy(update={"stitch": TENANT.stitch.model_copy(update={"threshold": 2.0})})
ANN, BOB, CAT, DAN = (str(uuid.UUID(int=number)) for number in range(1, 5))
FEED, IDS, SCORES = "domain.ecom_customers", "stitch.stitch_ids", "unified.unified_scores"
C360, QUERY = "database__customer_360.customer_360", "high_value_customers"
SECRETS = ("ann@mail.com", "bob@mail.com", "Annabel", "Bobby", "K-1001", "K-1002", ANN, BOB, CAT, DAN)


def ids(**people: str) -> pl.DataFrame:
    """Make the ids of the records K-1001 to K-1004 of one source."""
    pks = {"k1": "K-1001", "k2": "K-1002", "k3": "K-1003", "k4": "K-1004"}
    return pl.DataFrame([{"datasource": "ecom", "pk": pks[name], "amperity_id": who} for name, who in people.items()])


def customers(**cities: str) -> pl.DataFrame:
    """Make a feed's table."""
    return pl.DataFrame(
        [
            {"_pk": pk, "first_name": name, "gender": "f", "city": city}
            for (pk, name), city in zip(
                [("K-1001", "Annabel"), ("K-1002", "Bobby"), ("K-1003", "Cathy")], cities.values(), strict=False
            )
        ]
    )


def buyers(**revenue: float) -> pl.DataFrame:
    """Make a table with one row per person."""
    who = {"ann": (ANN, "ann@mail.com"), "bob": (BOB, "bob@mail.com"), "cat": (CAT, "cat@mail.com")}
    rows = [(*who[name], amount) for name, amount in revenue.items()]
    return pl.DataFrame(rows, schema=["amperity_id", "email", "lifetime_order_revenue"], orient="row")


def scores(*pairs: tuple[str, str, float, str]) -> pl.DataFrame:
    """Make the scored pairs of one source."""
    rows = [("ecom", one, "ecom", two, score, "fuzzy", who) for one, two, score, who in pairs]
    names = ["source1", "pk1", "source2", "pk2", "score", "match_type", "amperity_id"]
    return pl.DataFrame(rows, schema=names, orient="row")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An installation in which production has published."""
    made = Installation(tmp_path)
    made.entries = made.publish(
        PRODUCTION,
        TENANT,
        {
            FEED: customers(a="Oslo", b="Rome", c="Bonn"),
            IDS: ids(k1=ANN, k2=BOB, k3=CAT, k4=CAT),
            SCORES: scores(("K-1003", "K-1004", 4.5, CAT)),
            C360: buyers(ann=10.0, bob=20.0, cat=30.0),
        },
        answers={QUERY: buyers(ann=10.0, bob=20.0)},
    )
    return made


def sandboxed(installation: Installation) -> DataDiff:
    """Publish a sandbox that merges Ann and Bob, splits Cat, and changes the database; compare it."""
    installation.publish(
        ENVIRONMENT,
        TENANT,
        {
            IDS: ids(k1=ANN, k2=ANN, k3=CAT, k4=DAN),
            SCORES: scores(("K-1001", "K-1002", 3.25, ANN)),
            C360: buyers(ann=30.0, cat=30.0).with_columns(is_vip=pl.lit(True)),
        },
        shared={FEED: installation.entries[FEED]},
        answers={QUERY: buyers(ann=30.0, cat=31.0)},
    )
    return compared(installation)


def compared(installation: Installation, **options: object) -> DataDiff:
    """Compare."""
    return compare(installation.state, installation.lake, SANDBOX, Options(**options))  # type: ignore[arg-type]


def table(found: DataDiff, name: str) -> TableDiff:
    """Give one table's comparison."""
    return next(one for one in found.tables if one.table == name)


def test_what_is_shared_is_identical_and_never_read(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same path and version: no file of it is opened."""
    installation.publish(ENVIRONMENT, TENANT, {}, shared=installation.entries)
    for name in ("read", "sql", "schema", "count"):
        monkeypatch.setattr(delta, name, None)
    found = compared(installation)
    assert found.is_identical
    assert (found.tables, found.identity, found.same_ids) == ((), None, True)
    assert found.same_version == tuple(sorted([FEED, IDS, SCORES, C360]))


def test_equal_rows_at_another_path_are_identical(installation: Installation) -> None:
    """A table that was built again with the same result does not differ."""
    installation.publish(ENVIRONMENT, TENANT, {C360: buyers(cat=30.0, bob=20.0, ann=10.0)})
    found = compared(installation, tables=(TableName.parse(C360),))
    assert found.is_identical
    assert [(one.table, one.before, one.after) for one in found.tables] == [(C360, 3, 3)]


def test_a_data_export_is_compared_as_its_tables_are(installation: Installation) -> None:
    """It has no answer of its own; the reason says where to look."""

    def sending(document: dict[str, Any]) -> None:
        order = document["orchestrations"]["send_lifecycle_summary"]
        document["data_exports"]["people"] = {"name": "people", "database": "customer_360", "tables": ["customer_360"]}
        order.update(query=None, data_export="people")

    installation.publish(ENVIRONMENT, edited(sending), {}, shared=installation.entries)
    reasons = dict(compared(installation).exports_not_compared)
    assert reasons["send_lifecycle_summary"] == "sends a data export, whose tables are compared as tables"


def test_rows_columns_people_and_exports(installation: Installation) -> None:
    """One person merged away, one split, one column more, one export with another reader."""
    found = sandboxed(installation)
    assert found.same_version == (FEED,)
    people = table(found, C360)
    assert (people.rows.key, people.before, people.after) == (("amperity_id",), 3, 2)
    assert (people.rows.added, people.rows.removed, people.rows.changed) == (0, 1, 1)
    assert people.rows.columns == {"lifetime_order_revenue": 1}
    assert people.schema.added == (("is_vip", "Boolean"),)
    assert found.identity is not None
    counts = found.identity.counts
    assert (counts.merged, counts.merged_from, counts.split, counts.split_into) == (1, 2, 1, 2)
    assert (counts.ids_kept, counts.records_moved, counts.gained, counts.lost) == (2, 2, 0, 0)
    sizes = found.identity.sizes_before, found.identity.sizes_after
    assert [{name: count for name, count in each.items() if count} for each in sizes] == [{"1": 2, "2": 1}] * 2
    [merge], [split] = found.identity.merges, found.identity.splits
    assert (merge.person, [part.person for part in merge.parts]) == (
        person_name(ANN),
        sorted([person_name(ANN), person_name(BOB)]),
    )
    assert [(link.score, link.match_type) for link in merge.links] == [(3.25, "fuzzy")]
    assert [link.score for link in split.links] == [4.5]
    [export] = found.exports
    assert (export.orchestration, export.before, export.after) == ("send_high_value_customers", 2, 2)
    assert (export.rows.added, export.rows.removed, export.rows.changed) == (1, 1, 1)
    assert [name for name, _ in found.exports_not_compared] == ["send_customer_tables", "send_lifecycle_summary"]
    assert not found.is_identical


def test_no_personal_value_leaves_the_comparison(installation: Installation) -> None:
    """Neither in keys, nor in examples, nor as somebody's id."""
    text = json.dumps(sandboxed(installation).to_json())
    assert [secret for secret in SECRETS if secret in text] == []
    assert '"X-9999"' in text
    assert '["datasource", "ecom"]' in text


def test_newer_data_below_a_shared_table_is_said(installation: Installation) -> None:
    """So that nobody blames the configuration for it."""
    older = installation.entries[FEED]
    installation.publish(ENVIRONMENT, TENANT, {}, shared={FEED: older})
    installation.publish(PRODUCTION, TENANT, {FEED: customers(a="Oslo", b="Lima")})
    found = compared(installation)
    [note] = [note for note in found.notes if FEED in note]
    assert "another version" in note
    rows = table(found, FEED).rows
    assert (rows.key, rows.added, rows.removed, rows.columns) == (("_pk",), 1, 0, {"city": 1})


def test_a_large_table_is_compared_on_a_sample_and_scaled(installation: Installation) -> None:
    """Estimates lie near the truth, and a second comparison gives the same."""
    rows = pl.DataFrame({"_pk": [f"P{n}" for n in range(8000)], "city": ["Oslo"] * 8000})
    newer = rows.slice(1000).with_columns(city=pl.when(pl.col("_pk").str.ends_with("7")).then(pl.lit("Rome")))
    installation.publish(PRODUCTION, TENANT, {FEED: rows})
    installation.publish(ENVIRONMENT, TENANT, {FEED: newer})
    chosen = TableName.parse(FEED)
    exact = table(compared(installation, tables=(chosen,)), FEED)
    found = table(compared(installation, tables=(chosen,), sample_above=2000), FEED)
    assert (exact.sampled, exact.rows.removed, exact.rows.changed) == (None, 1000, 7000)
    assert (found.sampled, found.before, found.after) == (0.25, 8000, 7000)
    assert found.rows.removed == pytest.approx(1000, rel=0.2)
    assert found.rows.changed == pytest.approx(7000, rel=0.1)
    assert (found.rows.added, found.rows.columns) == (0, {"city": found.rows.changed})
    assert found == table(compared(installation, tables=(chosen,), sample_above=2000), FEED)


def test_a_large_export_is_compared_on_a_sample_of_people(installation: Installation) -> None:
    """As a large table is."""

    def answer(people: range) -> pl.DataFrame:
        return pl.DataFrame({"amperity_id": [str(uuid.UUID(int=n)) for n in people], "revenue": [1.0] * len(people)})

    installation.publish(PRODUCTION, TENANT, {}, shared=installation.entries, answers={QUERY: answer(range(4000))})
    installation.publish(
        ENVIRONMENT, TENANT, {C360: buyers(ann=1.0)}, shared={}, answers={QUERY: answer(range(2000, 4000))}
    )
    [exact], [found] = compared(installation).exports, compared(installation, sample_above=1000).exports
    assert (exact.sampled, exact.rows.removed) == (None, 2000)
    assert (found.sampled, found.before, found.after, found.rows.added) == (0.25, 4000, 2000, 0)
    assert found.rows.removed == pytest.approx(2000, rel=0.2)


def test_a_segment_says_how_many_people_enter_and_leave(tmp_path: Path) -> None:
    """A segment is a table of people, and is compared as one."""
    name, installation = "segment.high_value_lapsing", Installation(tmp_path)
    for environment, people in ((PRODUCTION, ["a", "b", "c"]), (ENVIRONMENT, ["b", "c", "d", "e"])):
        installation.publish(environment, TENANT, {name: pl.DataFrame({"amperity_id": people})})
    (found,) = compared(installation, tables=(TableName.parse(name),)).tables
    assert (found.before, found.after, found.rows.added, found.rows.removed) == (3, 4, 2, 1)


def test_tables_of_one_side_alone_are_differences(installation: Installation) -> None:
    """They are named."""
    extra = "database__customer_360.customer_attributes"
    shared = {name: at for name, at in installation.entries.items() if name != FEED}
    installation.publish(ENVIRONMENT, TENANT, {extra: buyers(ann=1.0)}, shared=shared)
    found = compared(installation)
    assert (found.only_in_production, found.only_in_sandbox, found.tables) == ((FEED,), (extra,), ())
    assert not found.is_identical


def test_a_table_or_sandbox_that_is_not_there_is_an_error(installation: Installation) -> None:
    """With what would have been right."""
    with pytest.raises(StateError, match="sandbox__vip: nothing is published"):
        compared(installation)
    installation.publish(ENVIRONMENT, TENANT, {}, shared=installation.entries)
    with pytest.raises(StateError, match=r"domain\.nothing: not in both"):
        compared(installation, tables=(TableName.parse("domain.nothing"),))


def test_what_the_sandbox_has_not_built_yet_is_named(installation: Installation) -> None:
    """The tables of a changed definition and those below it, until a run of that definition publishes them."""
    installation.publish(ENVIRONMENT, TENANT, {}, shared=installation.entries)
    assert compared(installation).unbuilt == ()
    installation.apply(ENVIRONMENT, LOWERED)
    found = compared(installation)
    assert found.is_identical
    assert {IDS, SCORES, C360, "unified.unified_coalesced"} <= set(found.unbuilt)
    assert FEED not in found.unbuilt
    installation.publish(ENVIRONMENT, LOWERED, {IDS: ids(k1=ANN)}, shared={FEED: installation.entries[FEED]})
    assert {IDS, FEED} & set(compared(installation).unbuilt) == set()


def test_an_export_whose_query_reads_the_same_is_the_same(installation: Installation) -> None:
    """Without an answer of the sandbox; of another version one is needed."""
    more = {"database__customer_360.customer_attributes": buyers(ann=1.0)}
    answers = {QUERY: buyers(ann=10.0, bob=20.0)}
    shared = installation.publish(PRODUCTION, TENANT, more, shared=installation.entries, answers=answers)
    installation.publish(ENVIRONMENT, TENANT, {}, shared=shared)
    [export] = compared(installation).exports
    assert (export.before, export.after, export.is_different) == (2, 2, False)
    installation.publish(ENVIRONMENT, TENANT, {C360: buyers(ann=1.0)}, shared={FEED: installation.entries[FEED]})
    found = compared(installation)
    assert found.exports == ()
    assert "its job full does" in dict(found.exports_not_compared)["send_high_value_customers"]


def test_both_publications_are_kept_while_they_are_compared(installation: Installation) -> None:
    """And given free afterwards; meanwhile each step is told."""
    installation.publish(ENVIRONMENT, TENANT, {IDS: ids(k1=ANN)}, shared={FEED: installation.entries[FEED]})
    told, read = [], []

    def step(text: str) -> None:
        told.append(text)
        with installation.state.read() as conn:
            read.append(publications_read(conn))

    found = compare(installation.state, installation.lake, SANDBOX, Options(), progress=step)
    assert told == [f"{IDS} (1 of 1)", "people"]
    assert read == [set(found.publications)] * 2
    with installation.state.read() as conn:
        assert publications_read(conn) == set()
