"""The checks that every table carries."""

from __future__ import annotations

import dagster as dg
import polars as pl

from cdp_assets.config.catalog import Table, build_catalog
from cdp_assets.config.database import DatabaseTable
from cdp_assets.config.loader import load_tenant
from cdp_assets.defs import checks
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName
from cdp_assets.security.obfuscation import person_name

CATALOG = build_catalog(load_tenant(REPOSITORY / "tenant_config"))
KEY = dg.AssetKey(["production", "x", "y"])


def judged(name: TableName, values: pl.DataFrame) -> dict[str, bool]:
    """Give each check's outcome."""
    table = CATALOG.tables[name]
    specs = {spec.name for spec in checks.check_specs(KEY, table)}
    results = checks.check_results(KEY, table, values.height, values)
    assert {result.check_name for result in results} == specs
    return {str(result.check_name): bool(result.passed) for result in results}


def test_a_repeated_key_fails() -> None:
    """A domain table's key is `_pk`."""
    name = TableName("domain", "ecom_customers")
    assert judged(name, pl.DataFrame({"_pk": ["a", "b"]})) == {"not_empty": True, "primary_key_unique": True}
    assert not judged(name, pl.DataFrame({"_pk": ["a", "a"]}))["primary_key_unique"]


def test_an_empty_table_is_told() -> None:
    """It warns and does not stop."""
    assert not judged(TableName("domain", "ecom_customers"), pl.DataFrame({"_pk": []}, schema={"_pk": pl.String}))[
        "not_empty"
    ]


def test_id_coverage_counts_rows_with_an_id() -> None:
    """Half of the order lines must have a buyer."""
    name = TableName("unified", "unified_itemized_transactions")
    assert judged(name, pl.DataFrame({"amperity_id": ["a", None]}))["id_coverage"]
    assert not judged(name, pl.DataFrame({"amperity_id": ["a", None, None]}))["id_coverage"]


def test_what_a_database_says_about_a_column_is_checked() -> None:
    """Unique ignores NULL, required does not."""
    name = TableName("database__customer_360", "customer_360")
    found = judged(name, pl.DataFrame({"amperity_id": ["a", "a", None]}))
    assert (found["amperity_id_unique"], found["amperity_id_required"]) == (False, False)
    found = judged(name, pl.DataFrame({"amperity_id": ["a", "b"]}))
    assert (found["amperity_id_unique"], found["amperity_id_required"]) == (True, True)


def test_results_hold_counts_and_no_values() -> None:
    """What is stored with a check names nobody."""
    table = CATALOG.tables[TableName("database__customer_360", "customer_360")]
    results = checks.check_results(KEY, table, 2, pl.DataFrame({"amperity_id": ["secret", "secret"]}))
    assert "secret" not in str([result.metadata for result in results])


def test_rows_that_break_a_rule_are_named_by_keys_that_may_be_shown() -> None:
    """A person by a name that leads nowhere, another personal key by its shape, any other as it is."""
    columns = {"amperity_id": {"unique": True}, "email": {"unique": True}, "shelf": {"unique": True, "required": True}}
    definition = DatabaseTable.model_validate({"name": "y", "sql": "SELECT 1", "columns": columns})
    table = Table(TableName("database__x", "y"), "database", (), "", definition, "SELECT 1")
    values = pl.DataFrame(
        {"amperity_id": ["1", "2", "3"], "email": ["a@b.c", "d@e.f", "d@e.f"], "shelf": ["s1", None, "s1"]}
    )
    results = checks.check_results(KEY, table, 3, values, frozenset({"amperity_id", "email"}))
    found = {str(one.check_name): one.metadata for one in results if one.metadata and "examples" in one.metadata}
    assert found.keys() == {"email_unique", "shelf_unique", "shelf_required"}
    told = found["shelf_required"]
    assert (told["table"].value, told["column"].value, told["rows"].value) == ("database__x.y", "shelf", 1)
    assert told["examples"].value == f"{person_name('2')}, x@x.x, None"
    assert found["email_unique"]["examples"].value == f"{person_name('2')}, x@x.x, None; {person_name('3')}, x@x.x, s1"
    assert "d@e.f" not in str(found)
