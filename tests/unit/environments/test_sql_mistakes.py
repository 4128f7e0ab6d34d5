"""A plan refuses SQL that names what is absent or compares what does not fit, with its place; valid SQL never."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from benchmarks.big_tenant import write_tenant
from cdp_assets.config import sql
from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.column_types import inference, unfit
from cdp_assets.environments.planning import Source, make_plan
from cdp_assets.environments.sql_mistakes import refuse_mistakes, sql_mistakes
from cdp_assets.environments.sql_names import misnamed
from cdp_assets.errors import ConfigErrors
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION
from cdp_assets.state.database import State
from tests.unit.environments.valid_sql import TABLES, VALID_PRESTO, VALID_SPARK

TENANT = load_tenant(REPOSITORY / "tenant_config")
GOLDEN = REPOSITORY / "tests" / "data" / "presto"
REFUSED_FOR_NAMES_AND_TYPES = {
    "alias in where refused", "alias reuse refused", "ambiguous column refused", "arithmetic on varchar refused",
    "bad id comparison refused", "date equals varchar refused", "double quoted is not string",
    "group by alias refused", "join varchar to bigint refused", "sum of varchar refused", "union type mismatch refused",
    "unknown column", "varchar equals bigint refused",
}  # fmt: skip
"""Golden cases that Trino refuses and that a plan refuses without running anything; others are left to the query."""


def edited(edit: Callable[[dict[str, Any]], object]) -> Tenant:
    document = TENANT.model_dump(mode="json", by_alias=True)
    edit(document)
    return Tenant.model_validate(document)


def with_table(text: str) -> Tenant:
    found = {"name": "more", "sql": text}
    return edited(lambda one: one["databases"]["customer_360"]["tables"].update(more=found))


def with_query(text: str, status: str = "active") -> Tenant:
    found = {"name": "q", "database": "customer_360", "sql": text, "status": status}
    return edited(lambda one: one["queries"].update(q=found))


def refusal(target: Tenant, before: Tenant | None = TENANT) -> str:
    with pytest.raises(ConfigErrors) as refused:
        refuse_mistakes(before, target)
    (one,) = refused.value.errors
    return str(one)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "SELECT\n  c.amperity_id,\n  c.emial\nFROM customer_360 AS c",
            "databases/customer_360/more.sql, line 3, column 3: reads c.emial, which is absent. Expected email.",
        ),
        (
            "SELECT amperity_id FROM customer_360 AS c JOIN customer_attributes AS a ON a.amperity_id = c.amperity_id",
            "databases/customer_360/more.sql, line 1, column 8: reads amperity_id, which may be c.amperity_id or "
            "a.amperity_id. Expected one of c.amperity_id, a.amperity_id.",
        ),
        (
            "SELECT order_id\nFROM domain.orders_order_items\nWHERE item_quantity = order_datetime",
            "databases/customer_360/more.sql, line 3, column 7: orders_order_items.item_quantity = "
            "orders_order_items.order_datetime, a number and a time. Expected types that fit, or a CAST.",
        ),
        (
            "SELECT t.order_id FROM unified_transactions AS t\nJOIN customer_360 AS c ON t.order_quantity = c.email",
            "line 2, column 27: t.order_quantity = c.email, a number and a text.",
        ),
        (
            "SELECT order_datetime AS x FROM domain.orders_order_items\nUNION ALL\n"
            "SELECT item_quantity FROM domain.orders_order_items",
            "line 3, column 8: UNION of columns whose types do not fit",
        ),
        ("SELECT state + 1 AS x FROM customer_360", "line 1, column 8: customer_360.state + 1, a text and a number."),
        ("SELECT SUM(email) AS x FROM customer_360", "SUM(customer_360.email), of a text."),
        ("SELECT email FROM customer_360 WHERE birthdate BETWEEN 1 AND 2", "a time and a number."),
        ("SELECT email FROM customer_360 WHERE birthdate IN (1, 2)", "a time and a number."),
    ],
)
def test_a_databases_sql_is_refused_with_its_place_and_what_would_be_right(text: str, told: str) -> None:
    assert told in refusal(with_table(text))


def test_a_querys_sql_is_refused_as_presto_would() -> None:
    """To Spark a text that is written out may be anything; to Presto it is a text."""
    text = "SELECT email FROM customer_360 WHERE lifetime_order_frequency = '5'"
    assert "queries/q.sql, line 1, column 38: " in refusal(with_query(text))
    refuse_mistakes(TENANT, with_table(text))


def test_a_draft_may_have_mistakes() -> None:
    assert "reads nothing" in refusal(with_query("SELECT nothing FROM customer_360"))
    refuse_mistakes(TENANT, with_query("SELECT nothing FROM customer_360", "draft"))


def test_sql_that_loses_its_column_upstream_is_refused_too() -> None:
    def without_city(document: dict[str, Any]) -> None:
        found = document["databases"]["customer_360"]["tables"]["customer_360"]
        found["sql"] = found["sql"].replace("c.city,", "")

    assert "customer_attributes.sql, line 25, column 31: reads c.city, which is absent." in refusal(
        edited(without_city)
    )


def test_a_setting_that_takes_columns_from_our_tables_is_refused_too() -> None:
    """Who is told by a number is not compared with anybody: no value is found to be bad, and no table has a flag."""
    found = sql_mistakes(TENANT, edited(lambda one: one["stitch"].update(one_to_one=True)))
    mistakes = {table.name.name: str(first) for table, (first, *_) in found}
    assert "c.email_blv, which is absent" in mistakes["customer_360"]


def test_a_mistake_that_runs_already_is_not_found_again() -> None:
    wrong = with_table("SELECT state + 1 AS x FROM customer_360")
    refuse_mistakes(wrong, wrong.model_copy(update={"name": "Renamed"}))
    assert "state + 1" in refusal(wrong, None)


def test_what_makes_one_value_of_several_kinds_has_no_type() -> None:
    refuse_mistakes(
        TENANT,
        with_table(
            "SELECT COALESCE(order_quantity, '0') > 5 AS a, SUM(order_datetime - order_datetime) AS b, "
            "IF(order_quantity > 1, 'x', order_quantity) > 5 AS c FROM unified_transactions GROUP BY 1, 3"
        ),
    )


def test_a_plan_of_files_is_refused_and_one_of_another_source_says_it_itself(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db")
    wrong = with_table("SELECT nothing FROM customer_360")
    with pytest.raises(ConfigErrors, match="reads nothing"):
        make_plan(state, wrong, PRODUCTION)
    assert make_plan(state, wrong, PRODUCTION, source=Source(name="rollback:1")).changes


def test_all_sql_of_the_demo_tenant_passes() -> None:
    refuse_mistakes(None, TENANT)


def test_sql_of_a_tenant_of_a_thousand_resources_passes(tmp_path: Path) -> None:
    """Its tables are made by one rule, so that every thirtieth tells of all; what they read is typed with them."""
    write_tenant(tmp_path)
    tenant = load_tenant(tmp_path)
    some = sorted(build_catalog(tenant).tables)[::30]
    assert {name.layer for name in some} >= {"custom", "database__db_0", "query"}
    assert list(sql_mistakes(None, tenant, some)) == []


@pytest.mark.parametrize(("dialect", "texts"), [("spark", VALID_SPARK), ("trino", VALID_PRESTO)])
def test_types_are_let_be_wherever_they_are_not_known_for_sure(dialect: str, texts: list[str]) -> None:
    for text in texts:
        assert clashes(sql.parse(text, dialect, "here"), {"d": TABLES}, dialect) == [], text


def clashes(tree: sqlglot.exp.Query, schema: dict[str, Any], dialect: str) -> list[str]:
    tree = qualify(
        tree,
        schema=schema,
        dialect=dialect,
        allow_partial_qualification=True,
        validate_qualify_columns=False,
        quote_identifiers=False,
    )
    typed = annotate_types(tree, schema=schema, expression_metadata=inference(dialect), dialect=dialect)
    return [one.problem for one in unfit(typed, strict=dialect == "trino")]


def test_no_golden_query_that_trino_answers_is_refused_and_bad_names_and_types_are() -> None:
    told = json.loads((GOLDEN / "tables" / "schema.json").read_text())
    tables = {one["name"]: {column["name"]: column["type"] for column in one["columns"]} for one in told}
    caught = set()
    for case in json.loads((GOLDEN / "cases.json").read_text()):
        found = golden_mistakes(case["sql"], tables)
        assert not found or "error" in case, (case["name"], found)
        caught |= {case["name"]} if found else set()
    assert caught == REFUSED_FOR_NAMES_AND_TYPES


def golden_mistakes(text: str, tables: dict[str, dict[str, str]]) -> list[str]:
    """Give what is wrong in a golden query; what is no SELECT of known tables is refused elsewhere."""
    tree = sqlglot.parse(text, read="trino", error_level=sqlglot.ErrorLevel.IGNORE)[0]
    if not isinstance(tree, sqlglot.exp.Query) or "`" in text:
        return []
    for reference in sql.references(tree):
        if reference.name not in tables:
            return []
        sql.rename(tree, reference, ("d", reference.name))
    found = [one.problem for one in misnamed(tree, lambda name: tuple(tables[name.name]), "trino")]
    return found or clashes(tree, {"d": tables}, "trino")
