"""A sandbox reaches nothing outside that it does not bind itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cdp_assets.config.courier import Courier
from cdp_assets.config.credential import Credential
from cdp_assets.config.destination import Destination
from cdp_assets.config.location import LocalLocation, S3Location, SftpLocation
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.resources import CloudClients
from cdp_assets.environments.outside import Outside, endpoint, secret_bindings
from cdp_assets.errors import SandboxError, SecretError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.secrets import resolve
from cdp_assets.state import environments, revisions, sandboxes
from cdp_assets.state.database import State

BUCKET = Credential(name="bucket", type="s3")
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


def test_a_sandboxes_place_is_opened_below_its_own_outbox(state: State, tmp_path: Path) -> None:
    outside = Outside(state, Home(tmp_path), SANDBOX, Tenant(id="a", name="A"), CloudClients())
    assert outside.destination(WAREHOUSE) is None
    bind(state, destinations={"warehouse": {"kind": "local", "path": "try"}})
    (tmp_path / "a.csv").write_text("x")
    outside.destination(WAREHOUSE).put("a.csv", tmp_path / "a.csv")
    assert (Home(tmp_path).outbox(SANDBOX) / "try" / "a.csv").read_text() == "x"


SFTP = {"kind": "sftp", "host": "h", "host_key": "SHA256:uNiVztksCsDhcc0u9e8BrRGyf8lFyqHcBWjNbvvDMyo"}


def test_a_sandboxes_place_is_opened_with_the_secrets_that_it_binds(state: State, tmp_path: Path) -> None:
    """By the destination's credential, or by one that the binding names, which must be of the place's kind."""
    secrets = {"username": "secret://env/U", "password": "secret://env/P"}
    credentials = {"theirs": Credential(name="theirs", type="sftp", secrets=secrets), "bucket": BUCKET}
    tenant = Tenant(id="a", name="A", credentials=credentials)
    outside = Outside(state, Home(tmp_path), SANDBOX, tenant, CloudClients())
    sent = Destination(name="warehouse", location=SftpLocation.model_validate(SFTP), credential="theirs")
    bind(state, destinations={"warehouse": SFTP})
    with pytest.raises(SecretError, match=r"secret://env/U: not bound"):
        outside.destination(sent)
    bind(state, destinations={"warehouse": SFTP | {"credential": "bucket"}})
    with pytest.raises(SandboxError, match="with bucket, a credential of s3"):
        outside.destination(sent)
    bind(state, destinations={"warehouse": SFTP | {"credential": "absent"}})
    with pytest.raises(SandboxError, match="absent"):
        outside.destination(sent)


def test_a_store_goes_to_others_with_the_secrets_that_an_environment_binds(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox reads production's files in their store by what it binds, or not at all."""
    secrets = {"access_key_id": "secret://env/K", "secret_access_key": "secret://env/S"}
    credential = BUCKET.model_copy(update={"secrets": secrets})
    tenant = Tenant(id="a", name="A", credentials={"bucket": credential})
    courier = Courier(name="orders", location=S3Location(bucket="acme"), files=(), credential="bucket")
    monkeypatch.setenv("K", "us")
    monkeypatch.setenv("S", "hush")
    store = Outside(state, Home(tmp_path), PRODUCTION, tenant, CloudClients()).store(courier)
    assert json.loads(store.spelled_secrets()) == {"access_key_id": "us", "secret_access_key": "hush"}
    assert "hush" not in repr(store)
    with pytest.raises(SecretError, match=r"secret://env/K: not bound"):
        Outside(state, Home(tmp_path), SANDBOX, tenant, CloudClients()).store(courier)


def test_a_sandbox_opens_encrypted_files_with_the_keys_that_it_binds(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pgp = Credential(name="pgp", type="pgp", secrets={"private_keys": "secret://env/OURS"})
    tenant = Tenant(id="a", name="A", credentials={"pgp": pgp})
    outside = Outside(state, Home(tmp_path), SANDBOX, tenant, CloudClients())
    courier = Courier(name="in", location=LocalLocation(path="in"), files=())
    assert outside.keyring(courier) is None
    courier = courier.model_copy(update={"pgp_credential": "pgp"})
    with pytest.raises(SecretError, match=r"secret://env/OURS: not bound"):
        outside.keyring(courier)
    monkeypatch.setenv("TRY", "the sandbox's")
    bind(state, secrets={"secret://env/OURS": "secret://env/TRY"})
    keyring = outside.keyring(courier)
    assert keyring is not None
    assert (keyring.private_keys.reveal(), keyring.passphrase, keyring.signers) == ("the sandbox's", None, None)


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


def test_a_plan_that_tries_places_waits_for_no_engine() -> None:
    code = "import sys, cdp_assets.environments.connections; sys.exit(len({'pandas', 'pyspark'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
