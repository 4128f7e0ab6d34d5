"""docs/concepts/policies.md shows the matrix that the code decides by."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from cdp_assets.config.actions import ACTIONS
from cdp_assets.config.loader import load_tenant
from cdp_assets.home import REPOSITORY
from cdp_assets.security.matrix import cell, legend, table

PAGE = (REPOSITORY / "docs" / "concepts" / "policies.md").read_text(encoding="utf-8")


def test_the_pages_matrix_is_the_codes() -> None:
    """When this fails: `python -m cdp_assets.security.matrix`, and paste."""
    assert table() in PAGE
    assert legend() in PAGE


def test_the_page_says_what_each_action_is() -> None:
    """In the words of the list."""
    for action, meaning in ACTIONS.items():
        assert f"- `{action}`: {meaning}" in PAGE


def test_a_cell_says_when() -> None:
    """Always, in one's own sandbox, with an option, or never."""
    assert cell("DataGrid Administrator", "environment:apply") == "yes"
    assert cell("DataGrid Operator", "sandbox:open") == "own +3"
    assert cell("DataGrid Operator", "pii:view") == "yes -11"
    assert cell("AmpIQ User", "query:run") == "·"


def test_the_pages_example_is_a_valid_tenant(tmp_path: Path) -> None:
    """Each block starts with its file's name."""
    folder = tmp_path / "tenant_config"
    shutil.copytree(REPOSITORY / "tenant_config", folder)
    blocks = [block.split("```")[0] for block in PAGE.split("```yaml\n")[1:]]
    assert len(blocks) == 4
    for block in blocks:
        path = folder / block.splitlines()[0].removeprefix("# tenant_config/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(block)
        assert yaml.safe_load(block)
    assert set(load_tenant(folder).users) == {"ann", "bob.ross@acme.com"}
