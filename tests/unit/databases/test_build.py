"""A table of a database is another table passed through, or SQL."""

from __future__ import annotations

import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.databases.build import passed_through
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName


@pytest.mark.parametrize(
    ("table", "source"),
    [
        ("database__customer_360.merged_customers", "unified.merged_customers"),
        ("database__customer_360.customer_360", None),
        ("unified.merged_customers", None),
        ("customer_360.merged_customers", None),
    ],
)
def test_a_pass_through_names_its_source(table: str, source: str | None) -> None:
    """Any other table has none, one of a layer that is called like a database included."""
    found = passed_through(load_tenant(REPOSITORY / "tenant_config"), TableName.parse(table))
    assert found == (TableName.parse(source) if source else None)
