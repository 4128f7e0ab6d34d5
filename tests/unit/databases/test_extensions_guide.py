"""The guide's examples are what it says: tables that a plan of the demo tenant takes."""

from __future__ import annotations

import re

import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.columns import columns_of
from cdp_assets.environments.sql_mistakes import sql_mistakes
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName

GUIDE = (REPOSITORY / "docs" / "guides" / "extend-a-database.md").read_text()
EXAMPLES = dict(re.findall(r"```sql\n-- (\w+)\.sql\n(.*?)```", GUIDE, re.DOTALL))


def test_the_five_documented_extensions_have_an_example() -> None:
    titles = re.findall(r"^## (.*)$", GUIDE, re.MULTILINE)
    assert titles == [
        "Blocklisted values",
        "Labels",
        "Calculations",
        "Address households",
        "First- and third-party data",
    ]
    assert len(EXAMPLES) >= len(titles)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_planned_without_a_mistake(name: str) -> None:
    before = load_tenant(REPOSITORY / "tenant_config")
    document = before.model_dump(mode="json", by_alias=True)
    document["databases"]["customer_360"]["tables"][name] = {"name": name, "sql": EXAMPLES[name]}
    target = Tenant.model_validate(document)
    made = TableName("database__customer_360", name)
    assert [mistakes for _, mistakes in sql_mistakes(before, target, {made})] == []
    assert "amperity_id" in columns_of(target).of(made)
