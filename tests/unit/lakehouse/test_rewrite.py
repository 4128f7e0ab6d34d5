from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from cdp_assets.errors import ConfigError, LakeError
from cdp_assets.lakehouse.rewrite import bind
from cdp_assets.lakehouse.tables import TableVersion

ROOT = Path("/lake")
VERSIONS = {"domain.orders": 3, "domain.people": 5, "orders": 9}


def _resolve(reference: exp.Table) -> TableVersion:
    name = ".".join(part.name for part in reference.parts)
    return TableVersion(name.replace(".", "/"), VERSIONS[name])


def _bound(sql: str) -> str:
    return bind(sql, ROOT, _resolve)


ORDERS, PEOPLE = "delta.`/lake/domain/orders` VERSION AS OF 3", "delta.`/lake/domain/people` VERSION AS OF 5"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", "SELECT 1"),
        ("SELECT * FROM domain.orders", f"SELECT * FROM {ORDERS} AS orders"),
        ("SELECT o.id FROM domain.orders AS o", f"SELECT o.id FROM {ORDERS} AS o"),
        ("SELECT orders.id FROM domain.orders", f"SELECT orders.id FROM {ORDERS} AS orders"),
        ("SELECT domain.orders.id FROM domain.orders", f"SELECT orders.id FROM {ORDERS} AS orders"),
        (
            "SELECT * FROM domain.orders o JOIN domain.people p ON o.who = p.id",
            f"SELECT * FROM {ORDERS} AS o JOIN {PEOPLE} AS p ON o.who = p.id",
        ),
        (
            "SELECT * FROM domain.orders a JOIN domain.orders b ON a.id = b.id",
            f"SELECT * FROM {ORDERS} AS a JOIN {ORDERS} AS b ON a.id = b.id",
        ),
        (
            "SELECT (SELECT MAX(id) FROM domain.people) FROM domain.orders WHERE EXISTS(SELECT 1 FROM domain.people)",
            f"SELECT (SELECT MAX(id) FROM {PEOPLE} AS people) FROM {ORDERS} AS orders "
            f"WHERE EXISTS(SELECT 1 FROM {PEOPLE} AS people)",
        ),
        (
            "SELECT id FROM domain.orders UNION ALL SELECT id FROM domain.people",
            f"SELECT id FROM {ORDERS} AS orders UNION ALL SELECT id FROM {PEOPLE} AS people",
        ),
        (
            "SELECT x FROM domain.orders LATERAL VIEW EXPLODE(items) t AS x",
            f"SELECT x FROM {ORDERS} AS orders LATERAL VIEW EXPLODE(items) t AS x",
        ),
        (
            "SELECT * FROM (domain.orders o JOIN domain.people p ON o.a = p.a)",
            f"SELECT * FROM ({ORDERS} AS o JOIN {PEOPLE} AS p ON o.a = p.a)",
        ),
    ],
)
def test_references_are_pinned_and_aliases_kept(sql: str, expected: str) -> None:
    assert _bound(sql) == expected


def test_name_of_a_common_table_expression_shadows_a_table() -> None:
    bound = _bound("WITH orders AS (SELECT * FROM domain.orders) SELECT * FROM orders")
    assert bound == f"WITH orders AS (SELECT * FROM {ORDERS} AS orders) SELECT * FROM orders"


def test_shadowing_ends_with_its_scope() -> None:
    bound = _bound("SELECT * FROM (WITH orders AS (SELECT 1) SELECT * FROM orders) AS x JOIN orders ON TRUE")
    assert bound.endswith("JOIN delta.`/lake/orders` VERSION AS OF 9 AS orders ON TRUE")
    assert bound.count("delta.") == 1


def test_common_table_expression_may_read_the_table_whose_name_it_takes() -> None:
    bound = _bound("WITH orders AS (SELECT * FROM orders) SELECT * FROM orders")
    assert bound == "WITH orders AS (SELECT * FROM delta.`/lake/orders` VERSION AS OF 9 AS orders) SELECT * FROM orders"


def test_given_tree_is_not_changed() -> None:
    tree = sqlglot.parse_one("SELECT * FROM domain.orders", read="spark")
    before = tree.sql()
    assert isinstance(tree, exp.Query)
    bind(tree, ROOT, _resolve)
    assert tree.sql() == before


def test_parameter_becomes_a_date() -> None:
    bound = bind("SELECT :business_date AS d", ROOT, _resolve, {"business_date": dt.date(2026, 11, 20)})
    assert bound == "SELECT CAST('2026-11-20' AS DATE) AS d"


def test_parameter_without_a_value_is_refused() -> None:
    with pytest.raises(LakeError, match=":today: has no value"):
        _bound("SELECT :today")


def test_sample_is_refused() -> None:
    with pytest.raises(LakeError, match=r"domain\.orders: TABLESAMPLE"):
        _bound("SELECT * FROM domain.orders TABLESAMPLE (10 PERCENT)")


def test_version_in_the_text_is_refused() -> None:
    with pytest.raises(LakeError, match=r"domain\.orders: names a version"):
        _bound("SELECT * FROM domain.orders VERSION AS OF 1")


def test_anything_but_a_query_is_refused() -> None:
    with pytest.raises(ConfigError):
        _bound("DROP TABLE domain.orders")
