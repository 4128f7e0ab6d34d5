"""A tenant of one feed and one table, so that a whole run takes seconds; made of the demo tenant's own files."""

from __future__ import annotations

import shutil
from pathlib import Path

from cdp_assets.home import REPOSITORY

ACME = REPOSITORY / "tenant_config"
FILES = ("tenant.yaml", "feeds/products_products.yaml", "couriers/products.yaml")
SQL = "databases/shop/categories.sql"
OURS = {
    "courier_groups/daily.yaml": 'couriers: [products]\nschedule: "30 4 * * *"\ntime_zone: UTC\nrun_type: full\n',
    "databases/shop/database.yaml": "description: What is sold.\n",
    "databases/shop/categories.yaml": "description: How many products each category has.\nmode: sql\n",
    SQL: "SELECT\n  product_category,\n  COUNT(*) AS products\nFROM products_products\nGROUP BY product_category\n",
}


def make_tenant(folder: Path) -> Path:
    """Write the tenant's files, and give their folder."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ACME / name, folder / name)
    for name, text in OURS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def drop_products(drop: Path) -> None:
    """Bring the one file that the feed waits for."""
    (drop / "products").mkdir(parents=True, exist_ok=True)
    name = "products_2026_11_20.tsv"
    shutil.copyfile(REPOSITORY / "sample_data" / "acme" / "products" / name, drop / "products" / name)


def edit(folder: Path, old: str, new: str) -> None:
    """Change the one table's SQL."""
    text = (folder / SQL).read_text()
    assert old in text
    (folder / SQL).write_text(text.replace(old, new))
