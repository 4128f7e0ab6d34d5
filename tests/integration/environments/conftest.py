"""A shop with a sandbox, and an engineer with one: each made once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.environments.sandboxed import Sandboxed
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


@pytest.fixture(scope="session")
def first_engineer(tmp_path_factory: pytest.TempPathFactory) -> Sandboxed:
    """An engineer who has applied the demo tenant and made the sandbox."""
    made = Sandboxed(tmp_path_factory.mktemp("first"))
    assert made.run("apply", "--yes").exit_code == 0
    assert made.run("sandbox", "create", "s", "--description", "a try").exit_code == 0
    return made


@pytest.fixture
def engineer(first_engineer: Sandboxed, tmp_path: Path) -> Sandboxed:
    """Another with the same, made once for all tests."""
    return first_engineer.copy(tmp_path / "another")
