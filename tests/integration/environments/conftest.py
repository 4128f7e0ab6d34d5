"""A shop with a sandbox, made once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.environments.shop import NEW_COLUMN, SANDBOX, SQL, Shop


@pytest.fixture(scope="session")
def first_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published production, and a sandbox that has built one changed table and what reads it."""
    root = tmp_path_factory.mktemp("shop")
    made = Shop(root, str(root / "state.db"))
    made.set_up()
    made.make_sandbox()
    made.edit(SQL, *NEW_COLUMN, sandbox=True)
    made.apply_sandbox()
    made.publish(SANDBOX)
    made.state.engine.dispose()
    return root


@pytest.fixture
def shop(first_shop: Path, tmp_path: Path) -> Shop:
    """A copy of it."""
    root = tmp_path / "shop"
    shutil.copytree(first_shop, root)
    return Shop(root, str(root / "state.db"))
