"""Which earlier versions of a table a query sees: ten, of fourteen days, of the present columns."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from cdp_assets.environments.query_explained import explain
from cdp_assets.environments.table_versions import MOST, TableHistory, history_of
from cdp_assets.errors import QueryError
from cdp_assets.names import PRODUCTION
from cdp_assets.security.personal import personal_columns
from cdp_assets.state import environments, publications, tables
from tests.unit.environments.published import PEOPLE, ROWS, Published, publish, published

SQL = "SELECT amperity_version, COUNT(*) AS n FROM customer_360 GROUP BY amperity_version"


@pytest.fixture
def there(tmp_path: Path) -> Published:
    return published(tmp_path / "state.db", tmp_path / "lake")


def versions(there: Published) -> list[tuple[int, int]]:
    """Give the versions that a query sees: the publication that first had each, and Delta's number."""
    asked = there.question(SQL)
    found = history_of(there.state, there.lake, asked.publication, asked.table, "the query")
    assert isinstance(found, TableHistory)
    return [(first, at.version) for first, at in found.versions]


def test_a_version_is_called_by_the_publication_that_first_had_it(there: Published) -> None:
    second = publish(there, "two", ROWS.slice(0, 2))
    with there.state.write() as conn:
        again = publications.insert(
            conn,
            environment=PRODUCTION,
            parent_id=second,
            run_id="again",
            revision_id=publications.get(conn, second).revision_id,
            business_date=dt.date(2026, 11, 21),
            entries=publications.get(conn, second).entries.values(),
        )
        environments.publish(conn, PRODUCTION, again)
    assert versions(there) == [(2, 1), (1, 0)]


def test_there_are_ten_at_most_and_the_newest_are_kept(there: Published) -> None:
    for number in range(MOST + 2):
        publish(there, f"run {number}", ROWS.slice(0, number % 3))
    found = versions(there)
    assert len(found) == MOST
    assert found[0] == (MOST + 3, MOST + 2)


def test_other_columns_and_older_than_fourteen_days_are_left_out(there: Published) -> None:
    publish(there, "two", ROWS.drop_columns(["email"]))
    publish(there, "three", ROWS.slice(0, 1))
    assert versions(there) == [(3, 2), (1, 0)]
    with there.state.write() as conn:
        long_ago = publications.get(conn, 3).created_at - dt.timedelta(days=15)
        conn.execute(sa.update(tables.publication).where(tables.publication.c.id == 1).values(created_at=long_ago))
    assert versions(there) == [(3, 2)]


def test_a_query_that_asks_for_none_has_none_and_one_of_two_tables_is_refused(there: Published) -> None:
    plain = there.question("SELECT state FROM customer_360")
    assert history_of(there.state, there.lake, plain.publication, plain.table, "the query") is None
    two = there.question("SELECT c.amperity_version FROM customer_360 AS c JOIN customer_attributes AS a ON TRUE")
    with pytest.raises(QueryError, match="one table of a database"):
        history_of(there.state, there.lake, two.publication, two.table, "the query")


def test_the_column_is_explained_and_not_personal(there: Published) -> None:
    asked = there.question(SQL)
    found = explain(there.lake, asked)
    assert "amperity_version" in found.spark_sql
    columns = {PEOPLE: tuple(ROWS.column_names), asked.table.name: ("amperity_version", "n")}
    assert personal_columns(asked.catalog, asked.table.name, columns) == frozenset()
