"""A sandbox reaches nothing outside that it does not bind itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.config.destination import Destination
from cdp_assets.config.location import LocalLocation
from cdp_assets.environments.outside import endpoint, secret_bindings
from cdp_assets.errors import SandboxError, SecretError
from cdp_assets.names import PRODUCTION
from cdp_assets.secrets import resolve
from cdp_assets.state import environments, revisions, sandboxes
from cdp_assets.state.database import State

WAREHOUSE = Destination(name="warehouse", location=LocalLocation(path="warehouse"))
SANDBOX = "sandbox__s"
REFERENCES = {"password": "secret://env/WAREHOUSE"}


@pytest.fixture
def state(tmp_path: Path) -> State:
    found = State.open(tmp_path / "state.db")
    with found.write() as conn:
        base = revisions.put(conn, {}, created_by="ann", message="")
        environments.begin_again(conn, SANDBOX, base, None)
        sandboxes.put(conn, SANDBOX, owner="ann", description="", base_revision_id=base)
    return found


def bind(state: State, **bindings: object) -> None:
    with state.write() as conn:
        sandboxes.bind(conn, SANDBOX, bindings)


def test_production_sends_where_it_is_configured_to(state: State) -> None:
    assert endpoint(state, PRODUCTION, WAREHOUSE) == WAREHOUSE.location
    assert secret_bindings(state, PRODUCTION, REFERENCES) == {"secret://env/WAREHOUSE": "secret://env/WAREHOUSE"}


def test_a_sandbox_is_muted_until_it_binds_an_endpoint(state: State) -> None:
    assert endpoint(state, SANDBOX, WAREHOUSE) is None
    bind(state, destinations={"other": {"kind": "local", "path": "x"}})
    assert endpoint(state, SANDBOX, WAREHOUSE) is None
    bind(state, destinations={"warehouse": {"kind": "local", "path": "try"}})
    assert endpoint(state, SANDBOX, WAREHOUSE) == LocalLocation(path="try")


@pytest.mark.parametrize("wrong", [{"kind": "local", "path": "../production"}, {"kind": "ftp"}, "x", None])
def test_an_endpoint_that_is_none_is_refused(state: State, wrong: object) -> None:
    bind(state, destinations={"warehouse": wrong})
    with pytest.raises(SandboxError, match="warehouse"):
        endpoint(state, SANDBOX, WAREHOUSE)


def test_a_sandbox_resolves_only_the_secrets_that_it_binds(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE", "production's")
    monkeypatch.setenv("TRY", "the sandbox's")
    reference = REFERENCES["password"]
    with pytest.raises(SecretError, match="not bound"):
        resolve(reference, secret_bindings(state, SANDBOX, REFERENCES))
    bind(state, secrets={reference: "secret://env/TRY"})
    assert resolve(reference, secret_bindings(state, SANDBOX, REFERENCES)).reveal() == "the sandbox's"
