"""A template gives a new database the tables that the tenant has, as files that load."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.loader import load_tenant
from cdp_assets.databases.templates import database_files
from cdp_assets.home import REPOSITORY

CATALOG = build_catalog(load_tenant(REPOSITORY / "tenant_config"))


@pytest.mark.parametrize(
    ("template", "some", "none"),
    [
        ("customer_360", {"unified.merged_customers", "unified.unified_transactions"}, {"stitch.detailed_examples"}),
        ("stitch_qa", {"stitch.detailed_examples", "unified.unified_scores"}, {"unified.merged_customers"}),
        ("passthrough", {"unified.merged_customers", "unified.unified_scores"}, {"stitch.detailed_examples"}),
        ("none", set(), {"unified.merged_customers"}),
    ],
)
def test_a_new_database_passes_its_templates_tables_through(
    tmp_path: Path, template: str, some: set[str], none: set[str]
) -> None:
    folder = shutil.copytree(REPOSITORY / "tenant_config", tmp_path / "tenant")
    (folder / "databases" / "made").mkdir()
    for path, text in database_files(CATALOG, "made", template).items():
        (folder / path).write_text(text)
    tenant = load_tenant(folder)
    assert tenant.databases["made"].template == template
    made = {table.inputs[0] for table in build_catalog(tenant).tables.values() if table.name.layer == "database__made"}
    assert {str(name) for name in made} >= some
    assert not {str(name) for name in made} & none
