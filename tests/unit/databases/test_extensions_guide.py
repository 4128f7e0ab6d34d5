"""The guide's examples are the demo tenant's own lines."""

from __future__ import annotations

import re

import pytest

from cdp_assets.home import REPOSITORY

GUIDE = (REPOSITORY / "docs" / "guides" / "extend-a-database.md").read_text()
TABLES = REPOSITORY / "tenant_config" / "databases" / "customer_360"
EXAMPLES = re.findall(r"```sql\n-- (\w+\.sql)\n(.*?)```", GUIDE, re.DOTALL)
EXTENSIONS = ["Blocklisted values", "Labels", "Calculations", "Address households", "First- and third-party data"]


def test_each_of_the_five_documented_extensions_has_an_example() -> None:
    parts = re.split(r"^## (.*)$", GUIDE, flags=re.MULTILINE)[1:]
    titles, texts = parts[::2], parts[1::2]
    assert titles == EXTENSIONS
    assert all("```sql" in text for text in texts)


@pytest.mark.parametrize(("file", "lines"), EXAMPLES)
def test_an_example_stands_in_the_file_that_it_names(file: str, lines: str) -> None:
    assert lines in (TABLES / file).read_text()
