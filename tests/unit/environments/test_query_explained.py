"""Explaining a question tells its Spark SQL, what it reads, lineage and personal columns, and runs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.environments.query_explained import explain
from cdp_assets.errors import QueryError, StateError
from tests.unit.environments.published import PEOPLE, Published, published

SQL = (
    "WITH w AS (SELECT state, email AS e FROM customer_360) "
    "SELECT state, MAX(e) AS last_email, COUNT(*) AS n FROM w GROUP BY state"
)


@pytest.fixture
def there(tmp_path: Path) -> Published:
    return published(tmp_path / "state.db", tmp_path / "lake")


def test_each_column_is_followed_to_the_tables_through_queries_in_the_query(there: Published) -> None:
    found = explain(there.lake, there.question(SQL))
    assert found.lineage == {"state": [f"{PEOPLE}.state"], "last_email": [f"{PEOPLE}.email"], "n": []}
    assert found.personal == {"state", "last_email"}


def test_tables_are_told_with_the_version_that_would_be_read(there: Published) -> None:
    told = explain(there.lake, there.question(SQL)).as_json()
    assert told["tables"] == [{"table": str(PEOPLE), "path": "people", "version": 0}]
    assert f"FROM {PEOPLE} AS" in str(told["spark_sql"])


def test_what_would_be_refused_is_refused(there: Published) -> None:
    with pytest.raises(QueryError, match="WORD_STEM"):
        explain(there.lake, there.question("SELECT word_stem(given_name) AS d FROM customer_360"))


def test_an_unknown_query_is_told_with_those_that_there_are(there: Published) -> None:
    with pytest.raises(
        StateError, match=r"there is no query hihg_value\. Expected SQL, or one of high_value_customers"
    ):
        there.question("hihg_value")
