"""Presto SQL in, Spark SQL out, or a refusal that names the construct."""

from __future__ import annotations

import pytest

from cdp_assets.audiences.translate import translate
from cdp_assets.errors import QueryError
from cdp_assets.names import TableName

DATABASE = "database__d"
COLUMNS = {
    TableName(DATABASE, "people"): {
        "id": "string",
        "name": "string",
        "born": "date",
        "revenue": "decimal(38,2)",
        "orders": "bigint",
        "score": "double",
        "seen": "timestamp",
    },
    TableName("unified", "scores"): {"id": "string", "score": "double"},
}
REFUSED = {
    "SELECT MEDIAN(score) FROM people": "MEDIAN",
    "SELECT no_such(id) FROM people": "NO_SUCH",
    "SELECT CURRENT_DATE": "CURRENT_DATE",
    "SELECT * FROM people TABLESAMPLE BERNOULLI (10)": "TABLESAMPLE",
    "SELECT id = 1 FROM people": "EQ of text and number",
    "SELECT COALESCE(name, 1) FROM people": "COALESCE of text and number",
    "SELECT CAST(name AS BIGINT) FROM people": r"CAST\(.* AS BIGINT\)",
    "SELECT name LIKE id FROM people": "LIKE with a pattern",
    "SELECT SUBSTR(name, 0) FROM people": "SUBSTR with a start below 1",
    "SELECT nope FROM people": "nope",
    "SELECT * FROM absent": "table absent",
    "SELECT id, FROM people": "trailing comma",
    "SELECT 1; SELECT 2": "2 statements",
    "DROP TABLE people": "DROP",
    "SELECT id FROM people WHERE (": "line 1",
}
TRANSLATED = {
    "SELECT orders / 2 FROM people": "orders DIV 2",
    "SELECT name FROM people ORDER BY name": "NULLS LAST",
    "SELECT CAST(score AS BIGINT) FROM people": "ROUND(",
    "SELECT id FROM people": "FROM database__d.people",
    "SELECT score FROM scores": "FROM unified.scores",
    "SELECT GREATEST(orders, 1) FROM people": "IS NULL",
    "SELECT DATE_TRUNC('month', born) FROM people": "AS DATE)",
    "SELECT id AS a FROM people UNION ALL SELECT id FROM people": "UNION ALL",
}


@pytest.mark.parametrize("sql", REFUSED)
def test_what_may_mean_something_else_is_refused_by_name(sql: str) -> None:
    """With the place, and what to write instead."""
    with pytest.raises(QueryError, match=REFUSED[sql]) as error:
        translate(sql, COLUMNS, TableName(DATABASE, ""), where="queries/x.sql")
    assert str(error.value).startswith("queries/x.sql")


@pytest.mark.parametrize("sql", TRANSLATED)
def test_what_means_the_same_is_spelled_for_spark(sql: str) -> None:
    """The differences of the two engines are spelled out."""
    found = translate(sql, COLUMNS, TableName(DATABASE, ""), where="x")
    assert TRANSLATED[sql] in found.spark_sql


def test_references_are_told_for_pinning() -> None:
    """Every table that is read, and no common table expression."""
    sql = "WITH p AS (SELECT id FROM people) SELECT p.id FROM p JOIN scores ON scores.id = p.id"
    found = translate(sql, COLUMNS, TableName(DATABASE, ""), where="x")
    assert found.references == (TableName(DATABASE, "people"), TableName("unified", "scores"))
