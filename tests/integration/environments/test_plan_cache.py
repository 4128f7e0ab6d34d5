"""A plan is the same whatever is cached: nothing, everything, damage, or what another process writes meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cdp_assets.cache import kept_in
from cdp_assets.config import loader
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.revision import active_tenant
from cdp_assets.environments.said import tenant_of_files
from cdp_assets.environments.unchanged import unchanged_plan
from cdp_assets.errors import ConfigErrors
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION
from tests.integration.environments.shop import SQL, Shop
from tests.unit.cli.test_plan_apply import Engineer

CHANGE = ("c.gender,", "c.gender,\n  UPPER(c.state) AS region,")


class InProcesses(Engineer):
    """An engineer whose every command is a process of its own."""

    @property
    def cache(self) -> Path:
        return self.home.cache

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        places = {"CDP_HOME": str(self.home.root), "CDP_TENANT_CONFIG": str(self.config)}
        environment = os.environ | places | {"PYTHONPATH": str(REPOSITORY)}
        command = [sys.executable, "-m", "cdp_assets.cli.main", *arguments]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def plan(self) -> dict[str, Any]:
        return read(self.begin("plan", "--json"))


def read(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Give the plan that a process prints, without what is of its moment."""
    found: dict[str, Any] = json.loads(process.communicate()[0])
    del found["timestamp"], found["plan_id"]
    return found


@pytest.fixture
def engineer(tmp_path: Path) -> InProcesses:
    made = InProcesses(tmp_path)
    assert made.begin("apply", "--yes").wait() == 0
    return made


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path, str(tmp_path / "state.db"))
    shutil.copytree(REPOSITORY / "tenant_config", made.config)
    made.apply_files()
    return made


def active(shop: Shop) -> tuple[str, Tenant]:
    found = active_tenant(shop.state, PRODUCTION)
    assert found is not None
    return found


@pytest.mark.parametrize("changed", [False, True], ids=["no change", "a change"])
def test_a_cached_plan_is_the_uncached_one(engineer: InProcesses, changed: bool) -> None:
    if changed:
        engineer.edit(*CHANGE)
    shutil.rmtree(engineer.cache)
    uncached = engineer.plan()
    files = sorted(engineer.cache.iterdir())
    assert files
    assert engineer.plan() == uncached
    for file in files:
        file.write_bytes(file.read_bytes()[:-1] + b"!")
    assert engineer.plan() == uncached
    assert len(uncached["resource_changes"]) == changed


def test_two_processes_plan_at_once(engineer: InProcesses) -> None:
    engineer.edit(*CHANGE)
    shutil.rmtree(engineer.cache)
    both = [engineer.begin("plan", "--json") for _ in range(2)]
    first, second = map(read, both)
    assert first == second == engineer.plan()


def test_the_plan_of_known_files_is_the_one_that_is_worked_out(shop: Shop) -> None:
    shop.publish(PRODUCTION)
    _, tenant = active(shop)
    worked_out = make_plan(shop.state, tenant, PRODUCTION, user="ann", lake=shop.lake)
    known = unchanged_plan(shop.state, PRODUCTION, active(shop), user="ann", lake=shop.lake)
    assert replace(known, created_at="") == replace(worked_out, created_at="")
    assert known.is_empty


def test_files_that_are_known_are_not_read_again(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with kept_in(tmp_path / "cache"):
        assert tenant_of_files(shop.config, active(shop)) is active(shop)[1]
        monkeypatch.setattr(loader, "load_tenant", None)
        assert tenant_of_files(shop.config, active(shop)) is active(shop)[1]


def test_an_edit_while_files_are_read_is_not_lost(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read was the active configuration; what lay there just before was not, and must not count as read."""
    shop.edit(SQL, *CHANGE)
    load = loader.load_tenant

    def late(folder: Path, **options: Any) -> Tenant:
        shop.edit(SQL, *reversed(CHANGE))
        return load(folder, **options)

    with kept_in(tmp_path / "cache"):
        monkeypatch.setattr(loader, "load_tenant", late)
        assert tenant_of_files(shop.config, active(shop)) == active(shop)[1]
        monkeypatch.setattr(loader, "load_tenant", load)
        shop.edit(SQL, *CHANGE)
        assert tenant_of_files(shop.config, active(shop)) != active(shop)[1]


def test_rules_hold_for_whatever_differs_from_what_is_active(shop: Shop) -> None:
    shop.edit("stitch.yaml", "stitched_tables:", "stitched_tables:\n  - nobody")
    with pytest.raises(ConfigErrors, match="nobody"):
        tenant_of_files(shop.config, active(shop))
    shop.edit("stitch.yaml", "\n  - nobody", "")
    (shop.config / "fedes").mkdir()
    with pytest.raises(ConfigErrors, match="fedes"):
        tenant_of_files(shop.config, active(shop))
