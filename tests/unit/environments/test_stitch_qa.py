"""Stitch QA over a publication: the same answers, and nobody's values unless asked for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cdp_assets.environments.apply import apply_plan
from cdp_assets.environments.asking import question
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.stitch_qa import StitchQa
from cdp_assets.errors import StateError
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.security.obfuscation import person_name
from cdp_assets.state import environments, publications
from cdp_assets.state import tables as tables_of_state
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry, Publication
from cdp_assets.stitch.qa.queries import qa_query
from tests.unit.environments.edits import TENANT
from tests.unit.stitch.qa.world import tables


@pytest.fixture
def qa(tmp_path: Path) -> StitchQa:
    """What a run has published of a few records; it has no examples."""
    names = {"unified_coalesced": "unified", "unified_scores": "unified"}
    entries = {
        TableName(layer, name): Entry(TableName(layer, name), name, delta.overwrite(tmp_path / name, rows, "made"), {})
        for name, rows in tables().items()
        if (layer := names.get(name))
    }
    day, at = dt.date(2026, 11, 20), dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    return StitchQa(tmp_path, Publication(1, "production", None, "r", "x", day, at, entries), TENANT)


def test_people_and_their_values_are_hidden_and_counts_are_not(qa: StitchQa) -> None:
    assert qa.answer(qa_query("many_ids"), 2) == [
        {"semantic": "address", "value": "9 Xxx Xx", "people": 2},
        {"semantic": "email", "value": "xxx@x.xxx", "people": 2},
    ]
    (weakest, _) = qa.answer(qa_query("weakest_match"), 5)
    assert (weakest["amperity_id"], weakest["pk1"], weakest["score"]) == (person_name("A"), "x9", 3.0)


def test_who_may_see_them_sees_them(qa: StitchQa) -> None:
    (found,) = qa.answer(qa_query("dedupe_keys_per_id"), 5, reveal=True)
    assert found == {"datasource": "shop", "amperity_id": "A", "keys": 3}


def test_the_sql_is_complete_by_itself(qa: StitchQa) -> None:
    text = qa.presto(qa_query("bad_foreign_keys"))
    assert "WITH foreign_keys AS" in text
    assert "fk_customer" in text


def test_cdp_query_knows_the_queries_by_their_names(tmp_path: Path) -> None:
    """Over the database `stitch_qa`; over another one the name is unknown."""
    state = State.open(str(tmp_path / "state.db"))
    apply_plan(state, make_plan(state, TENANT, PRODUCTION), "ann")
    with state.write() as conn:
        revision = environments.get_or_create(conn, PRODUCTION).revision_id
        number = publications.insert(
            conn, environment=PRODUCTION, parent_id=None, run_id="r", revision_id=str(revision),
            business_date=dt.date(2026, 11, 20), entries=[],
        )  # fmt: skip
        conn.execute(tables_of_state.environment.update().values(publication_id=number))
    asked = question(state, "many_ids", environment=PRODUCTION, database="stitch_qa")
    assert asked.table.inputs == (TableName("unified", "unified_coalesced"),)
    with pytest.raises(StateError, match="there is no query many_ids"):
        question(state, "many_ids", environment=PRODUCTION, database="customer_360")


def test_a_table_that_is_not_published_is_named(qa: StitchQa) -> None:
    with pytest.raises(StateError, match=r"detailed_examples: not published in production"):
        qa.answer(qa_query("detailed_examples"), 5)
