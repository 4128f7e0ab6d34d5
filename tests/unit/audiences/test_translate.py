"""Presto SQL in, Spark SQL out, or a refusal that names the construct."""

from __future__ import annotations

import datetime as dt
import sys

import pytest

from cdp_assets.audiences.translate import translate
from cdp_assets.errors import QueryError
from cdp_assets.names import TableName

DATABASE = "database__d"
TODAY = dt.date(2026, 11, 20)
COLUMNS = {
    TableName(DATABASE, "people"): {
        "id": "string",
        "name": "string",
        "born": "date",
        "revenue": "decimal(38,2)",
        "orders": "bigint",
        "score": "double",
        "seen": "timestamp",
        "tags": "array<string>",
    },
    TableName("unified", "scores"): {"id": "string", "score": "double"},
}
REFUSED = {
    "SELECT word_stem(name) FROM people": "WORD_STEM",
    "SELECT no_such(id) FROM people": "NO_SUCH",
    "SELECT now(1)": "NOW with an operand",
    "SELECT current_time": "CURRENT_TIME|CURRENTTIME",
    "SELECT current_date()": "CURRENT_DATE",
    "SELECT * FROM people TABLESAMPLE SYSTEM (10)": "TABLESAMPLE",
    "SELECT id = 1 FROM people": "varchar = integer",
    "SELECT COALESCE(name, 1) FROM people": "COALESCE of varchar and integer",
    "SELECT name || orders FROM people": r"varchar \|\| bigint",
    "SELECT length(orders) FROM people": r"LENGTH\(bigint\)",
    "SELECT date_diff('day', name, name) FROM people": r"DATE_DIFF\(varchar",
    "SELECT date_diff('fortnight', born, born) FROM people": "DATE_DIFF by fortnight",
    "SELECT nope FROM people": "column nope",
    "SELECT people.nope FROM people": "people.nope",
    "SELECT * FROM absent": "table absent",
    "SELECT id, FROM people": "trailing comma",
    "SELECT 1; SELECT 2": "2 statements",
    "DROP TABLE people": "DROP",
    "SELECT id FROM people WHERE (": "line 1",
    "SELECT id FROM people JOIN scores ON people.id = scores.id": "column id",
    "SELECT people.id FROM people JOIN scores USING (id)": "people.id",
    "SELECT * FROM people NATURAL JOIN scores": "NATURAL JOIN",
    "SELECT id, sum(orders) FROM people": "column id",
    "SELECT sum(name) FROM people": r"SUM\(varchar\)",
    "SELECT id FROM people WHERE sum(orders) > 1": "SUM here",
    "SELECT sum(sum(orders)) FROM people": "SUM here",
    "SELECT orders + 1 AS m FROM people GROUP BY m": "column m",
    "SELECT id AS x, name AS x FROM people ORDER BY x": "ORDER BY x",
    "SELECT id FROM people QUALIFY row_number() OVER (ORDER BY id) = 1": "line 1, column 40",
    "SELECT count(*) FILTER (WHERE orders > 1) OVER () FROM people": "FILTER with OVER",
    "SELECT id FROM people UNION SELECT orders FROM people": "UNION of varchar and bigint",
    "SELECT seen AT TIME ZONE 'Mars/Base' FROM people": "Mars/Base",
    "SELECT json_extract(name, '$.a..') FROM people": r"\$\.a\.\.",
    "SELECT substr(NULL, 1)": "SUBSTR of NULL",
    "SELECT INTERVAL '1' MONTH": "interval year to month",
    "SELECT try(coalesce(1 / orders, 2)) FROM people": "TRY around COALESCE",
    "SELECT transform(tags, t -> json_parse(t)) FROM people": "in a lambda",
    "SELECT filter(tags, t -> length(t)) FROM people": "a lambda that gives bigint",
    "SELECT date_format(seen, '%U') FROM people": "%U",
    "SELECT name LIKE 'a#' ESCAPE '#' FROM people": "the pattern",
}
TRANSLATED = {
    "SELECT orders / 2 FROM people": "`orders` DIV CAST(2 AS BIGINT)",
    "SELECT name FROM people ORDER BY name": "ASC NULLS LAST",
    "SELECT CAST(score AS BIGINT) FROM people": "CAST(ROUND(`t1`.`score`) AS BIGINT)",
    "SELECT TRY_CAST(name AS BIGINT) FROM people": "TRY_CAST(`t1`.`name` AS BIGINT)",
    "SELECT id FROM people": "FROM database__d.people AS `t1`",
    "SELECT score FROM scores": "FROM unified.scores AS `t1`",
    "SELECT GREATEST(orders, 1) FROM people": "IS NULL",
    "SELECT DATE_TRUNC('month', born) FROM people": "AS DATE)",
    "SELECT id AS a FROM people UNION ALL SELECT id FROM people": "UNION ALL",
    "SELECT score > 1e0 FROM people": "AND NOT isnan(",
    "SELECT name LIKE 'a\\%' FROM people": "LIKE 'a\\\\\\\\%'",
    "SELECT 'it''s', 'a\\b' FROM people": "'it\\'s' AS `_col0`, 'a\\\\b'",
    "SELECT name, tag FROM people CROSS JOIN UNNEST(tags) AS u(tag)": "LATERAL (SELECT e AS c0 FROM posexplode(",
    "SELECT count(*) OVER (PARTITION BY name) FROM people": "count(1) OVER (PARTITION BY `t1`.`name`)",
    "SELECT name, sum(orders) FROM people GROUP BY 1 HAVING sum(orders) > 2": "GROUP BY `t1`.`name`) AS `q2` WHERE",
    "WITH p AS (SELECT id FROM people) SELECT count(*) FROM p": "WITH w1 AS (SELECT",
}
TODAYS = {
    "SELECT current_date - INTERVAL '1' DAY": "DATE '2026-11-20'",
    "SELECT now() AS n": "TIMESTAMP '2026-11-20 23:59:59.999'",
    "SELECT year(current_timestamp)": "year(TIMESTAMP '2026-11-20 23:59:59.999')",
    "SELECT localtimestamp AS n": "TIMESTAMP '2026-11-20 23:59:59.999'",
}
KERNELS = {
    "SELECT json_extract_scalar(name, '$.a') FROM people": {"json_extract_scalar"},
    "SELECT date_parse(name, '%Y-%m-%d') FROM people": {"date_parse"},
    "SELECT upper(name) FROM people": set(),
}


@pytest.mark.parametrize("sql", REFUSED)
def test_what_may_mean_something_else_is_refused_by_name(sql: str) -> None:
    """With the place, and what to write instead."""
    with pytest.raises(QueryError, match=REFUSED[sql]) as error:
        translate(sql, COLUMNS, TableName(DATABASE, ""), where="queries/x.sql", today=TODAY)
    assert str(error.value).startswith("queries/x.sql")


@pytest.mark.parametrize("sql", TRANSLATED)
def test_what_means_the_same_is_spelled_for_spark(sql: str) -> None:
    """The differences of the two engines are spelled out."""
    found = translate(sql, COLUMNS, TableName(DATABASE, ""), where="x", today=TODAY)
    assert TRANSLATED[sql] in found.spark_sql


@pytest.mark.parametrize("sql", TODAYS)
def test_today_is_the_business_date_of_what_is_read(sql: str) -> None:
    """Whenever it is asked; now is its last moment, so that nothing of the day is in the future."""
    found = translate(sql, COLUMNS, TableName(DATABASE, ""), where="x", today=TODAY)
    assert TODAYS[sql] in found.spark_sql


@pytest.mark.parametrize("sql", KERNELS)
def test_kernels_are_told_for_registering(sql: str) -> None:
    """Only those that a query calls."""
    assert translate(sql, COLUMNS, TableName(DATABASE, ""), where="x", today=TODAY).kernels == KERNELS[sql]


def test_references_are_told_for_pinning() -> None:
    """Every table that is read, and no common table expression; a text that looks like one stays text."""
    sql = "WITH p AS (SELECT id FROM people) SELECT p.id, 'unified.scores' FROM p JOIN scores ON scores.id = p.id"
    found = translate(sql, COLUMNS, TableName(DATABASE, ""), where="x", today=TODAY)
    assert found.references == (TableName(DATABASE, "people"), TableName("unified", "scores"))
    pinned = found.pinned(lambda table: f"delta.`/{table.name}` VERSION AS OF 3")
    assert "FROM delta.`/people` VERSION AS OF 3 AS" in pinned
    assert "'unified.scores'" in pinned


def test_the_place_of_what_is_refused_is_told() -> None:
    """Line and column of the first construct that is not translated."""
    with pytest.raises(QueryError, match=r"x, line 2, column 8: NO_SUCH is refused"):
        translate(
            "SELECT id,\n       no_such(id) FROM people", COLUMNS, TableName(DATABASE, ""), where="x", today=TODAY
        )


def test_no_character_that_grows_when_it_is_capital_is_forgotten() -> None:
    """Of all of Unicode, as this Python knows it."""
    upper = translate("SELECT upper(name) FROM people", COLUMNS, TableName(DATABASE, ""), where="x", today=TODAY)
    grown = {letter for letter in map(chr, range(sys.maxunicode + 1)) if len(letter.upper()) > 1}
    assert "ß" in grown
    assert grown <= set(upper.spark_sql)
