"""A database with a static schema keeps its columns, whatever its SQL would make of them."""

from __future__ import annotations

import pytest

from cdp_assets.config.database import Database
from cdp_assets.config.tenant import Tenant
from cdp_assets.databases.static_schema import is_static, refuse_changed_schema
from cdp_assets.errors import ConfigError
from cdp_assets.names import TableName

PEOPLE = TableName("database__c360", "people")
WAS = {"id": "string", "age": "int", "city": "string"}


def test_what_would_change_is_told_with_the_file_and_the_way_out() -> None:
    with pytest.raises(ConfigError) as refused:
        refuse_changed_schema(PEOPLE, WAS, {"id": "string", "age": "bigint", "town": "string"})
    assert str(refused.value) == (
        "databases/c360/people.sql: the schema of c360 is static, and would change: age is bigint, was int; "
        "city (string) is gone; town (string) is new. Expected the columns that are published, or "
        "`enforce_static_schema: false` in databases/c360/database.yaml."
    )


def test_another_order_is_no_change() -> None:
    refuse_changed_schema(PEOPLE, WAS, dict(reversed(WAS.items())))


@pytest.mark.parametrize(
    ("table", "static"),
    [
        (PEOPLE, True),
        (TableName("database__loose", "people"), False),
        (TableName("database__gone", "people"), False),
        (TableName("c360", "people"), False),
    ],
)
def test_it_is_a_databases_own_setting(table: TableName, static: bool) -> None:
    databases = {"c360": Database(name="c360", enforce_static_schema=True), "loose": Database(name="loose")}
    assert is_static(Tenant(id="acme", name="Acme", databases=databases), table) is static
