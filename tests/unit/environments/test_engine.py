"""Queries go to the engine that the tenant's configuration names."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.audiences.engines import OnSpark, OnTrino
from cdp_assets.config.query_engine import TrinoEngine
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.engine import engine_of
from cdp_assets.errors import SecretError
from cdp_assets.names import PRODUCTION
from cdp_assets.state.database import State


def test_queries_go_to_the_cluster_that_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To Spark without one; a sandbox resolves the password only where it binds it."""
    state = State.open(tmp_path / "state.db")
    monkeypatch.setenv("WAREHOUSE", "s")
    trino = TrinoEngine(kind="trino", host="h", catalog="lake", user="cdp", password="secret://env/WAREHOUSE")
    tenant = Tenant(id="a", name="A", query_engine=trino)
    assert engine_of(state, PRODUCTION, Tenant(id="a", name="A")) == OnSpark()
    found = engine_of(state, PRODUCTION, tenant)
    assert isinstance(found, OnTrino)
    assert (found.catalog, found.client.address, found.client.user) == ("lake", "https://h:443", "cdp")
    with pytest.raises(SecretError, match="not bound"):
        engine_of(state, "sandbox__s", tenant)
