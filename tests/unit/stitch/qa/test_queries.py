"""Every query of Stitch QA says of a few records what can be counted by hand, and is Presto SQL that we translate."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from cdp_assets.audiences.translate import translate
from cdp_assets.errors import StateError
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName
from cdp_assets.stitch.qa.queries import completed, qa_queries, qa_query, read_tables
from tests.unit.stitch.qa.world import ANSWERS, COLUMNS, tables

DOCUMENTED = 18
SPARK = {"string": "string", "int64": "bigint", "double": "double", "date32[day]": "date"}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int]]:
    folder = tmp_path_factory.mktemp("lake")
    return {name: (folder / name, delta.overwrite(folder / name, rows, "made")) for name, rows in tables().items()}


def test_there_are_the_documented_ones_and_each_says_what_it_shows() -> None:
    queries = qa_queries()
    assert set(queries) == set(ANSWERS)
    assert len(queries) == DOCUMENTED
    assert all(one.description.endswith(".") and len(one.description) > 30 for one in queries.values())


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_its_answer_is_the_one_counted_by_hand(places: dict[str, tuple[Path, int]], name: str) -> None:
    tree = completed(qa_query(name), COLUMNS)
    read = {table: places[table] for table in read_tables(tree)}
    found = delta.answer(tree.sql("postgres"), read)
    assert [tuple(row.values()) for row in found.to_pylist()] == ANSWERS[name]


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_it_can_be_asked_of_cdp_query(name: str) -> None:
    text = completed(qa_query(name), COLUMNS).sql("trino")
    columns = {TableName("unified", table): _types(rows) for table, rows in tables().items()}
    found = translate(text, columns, TableName("database__stitch_qa", ""), where=name, today=dt.date(2026, 11, 20))
    assert {table.name for table in found.references} <= set(tables())


def _types(rows: pa.Table) -> dict[str, str]:
    return {field.name: SPARK[str(field.type)] for field in rows.schema}


def test_somebody_with_more_values_than_allowed_has_many(places: dict[str, tuple[Path, int]]) -> None:
    """Nobody here has four, so the query is asked for three."""
    query = qa_query("many_semantic_values")
    tree = completed(replace(query, sql=query.sql.replace("> 3", "> 2")), COLUMNS)
    rows = delta.answer(tree.sql("postgres"), {"unified_coalesced": places["unified_coalesced"]}).to_pylist()
    assert [tuple(row.values()) for row in rows] == [("A", "email", 3), ("A", "given_name", 3), ("A", "phone", 3)]


def test_a_tenant_without_foreign_keys_has_none_that_are_bad(places: dict[str, tuple[Path, int]]) -> None:
    tree = completed(qa_query("bad_foreign_keys"), [name for name in COLUMNS if not name.startswith("fk_")])
    assert delta.answer(tree.sql("postgres"), {"unified_coalesced": places["unified_coalesced"]}).num_rows == 0


def test_another_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(StateError, match=r"bad_foreign_key: no query of Stitch QA. Expected bad_foreign_keys"):
        qa_query("bad_foreign_key")
