"""A credential is whole and fits its location, or the mistake is told with file, line and what would be right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from cdp_assets.config.credential import FORMS, CredentialType
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.location import KINDS, Location, SftpLocation
from cdp_assets.config.location_rules import location_mistakes
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigErrors
from cdp_assets.home import REPOSITORY

ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1tQ0nZ8qI2vUqVVZ4vBqYz5vG4Xx1O3J0m4B2yQm0t"
FINGERPRINT = "SHA256:uNiVztksCsDhcc0u9e8BrRGyf8lFyqHcBWjNbvvDMyo"
OPEN = {
    "sftp": {"username": "secret://env/USER", "password": "secret://env/PASS"},
    "s3": {},
    "azure": {"account_key": "secret://env/KEY"},
    "gcs": {"service_account_json": "secret://file/run/gcs.json"},
    "pgp": {"public_key": "secret://file/run/acme.asc"},
}
PLACES = {
    "local": {"kind": "local", "path": "acme"},
    "sftp": {"kind": "sftp", "host": "sftp.example.com", "host_key": FINGERPRINT},
    "s3": {"kind": "s3", "bucket": "acme-drop"},
    "azure": {"kind": "azure", "container": "drop", "account_url": "https://acme.blob.core.windows.net"},
    "gcs": {"kind": "gcs", "bucket": "acme-drop"},
}
LOCATION: TypeAdapter[Location] = TypeAdapter(Location)


def mistakes(place: dict[str, object], credential: dict[str, object] | None) -> list[str]:
    """Give what is wrong with a destination at a place, opened by a credential, and with the credential itself."""
    destination = {"name": "acme", "location": place, "credential": "key" if credential is not None else None}
    credentials = {} if credential is None else {"key": {"name": "key", **credential}}
    values = {"id": "a", "name": "A", "destinations": {"acme": destination}, "credentials": credentials}
    tenant = Tenant.model_validate(values)
    return [str(one) for one in location_mistakes(tenant, lambda *path: ".".join(map(str, path)))]


def test_every_kind_has_an_example_here() -> None:
    assert set(PLACES) == set(KINDS) == {*OPEN, "local"} - {"pgp"}


@pytest.mark.parametrize(
    ("secrets", "problem"),
    [
        ({"private_keys": "secret://file/run/ours.asc"}, None),
        ({"public_key": "secret://file/run/theirs.asc"}, "couriers.in.pgp_credential: pgp opens no files"),
        (None, "couriers.in.pgp_credential: pgp is absent"),
    ],
)
def test_a_courier_opens_encrypted_files_with_private_keys(secrets: dict[str, str] | None, problem: str | None) -> None:
    courier = {"name": "in", "location": PLACES["local"], "files": [], "pgp_credential": "pgp"}
    credentials = {} if secrets is None else {"pgp": {"name": "pgp", "type": "pgp", "secrets": secrets}}
    tenant = Tenant.model_validate({"id": "a", "name": "A", "couriers": {"in": courier}, "credentials": credentials})
    found = [str(one) for one in location_mistakes(tenant, lambda *path: ".".join(map(str, path)))]
    assert [one.split(". Expected")[0] for one in found] == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("secrets", "problem"),
    [
        ({"verification_keys": "secret://file/run/theirs.asc"}, None),
        (
            {"private_keys": "secret://file/run/ours.asc", "verification_keys": "secret://file/run/theirs.asc"},
            None,
        ),
        ({"private_keys": "secret://file/run/ours.asc"}, "couriers.in.signatures: pgp verifies no signatures"),
        (None, "couriers.in.signatures: no keys to verify them by"),
    ],
)
def test_signatures_beside_files_are_verified_by_keys(secrets: dict[str, str] | None, problem: str | None) -> None:
    courier = {"name": "in", "location": PLACES["local"], "files": [], "signatures": "beside"}
    courier |= {} if secrets is None else {"pgp_credential": "pgp"}
    credentials = {} if secrets is None else {"pgp": {"name": "pgp", "type": "pgp", "secrets": secrets}}
    tenant = Tenant.model_validate({"id": "a", "name": "A", "couriers": {"in": courier}, "credentials": credentials})
    found = [str(one) for one in location_mistakes(tenant, lambda *path: ".".join(map(str, path)))]
    assert [one.split(". Expected")[0] for one in found] == ([problem] if problem else [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_place_takes_its_own_kind_of_credential_and_no_other(kind: str) -> None:
    for type_, secrets in OPEN.items():
        found = mistakes(PLACES[kind], {"type": type_, "secrets": secrets})
        assert (found == []) == (type_ == kind), found
    assert (mistakes(PLACES[kind], None) == []) == (kind == "local")


@pytest.mark.parametrize("type_", FORMS)
def test_each_form_is_taken_and_none_that_lacks_a_secret(type_: CredentialType) -> None:
    forms = FORMS[type_]
    for form in forms:
        whole = {field: "secret://env/X" for field in (*form.needs, *form.may)}
        assert mistakes(PLACES["local"], {"type": type_, "secrets": whole})[1:] == []
        for field in form.needs:
            part = {other: value for other, value in whole.items() if other != field}
            fits = any(other.fits(frozenset(part)) for other in forms)
            assert (
                any("the secrets" in one for one in mistakes(PLACES["local"], {"type": type_, "secrets": part})) != fits
            )


def test_two_forms_at_once_are_none() -> None:
    both = OPEN["sftp"] | {"private_key": "secret://file/run/key"}
    (found,) = mistakes(PLACES["sftp"], {"type": "sftp", "secrets": both})
    assert "credentials.key.secrets" in found
    assert "username + password; or username + private_key (and perhaps private_key_passphrase)" in found


def test_a_slip_of_the_pen_is_told() -> None:
    secrets = {"user": "secret://env/U", "password": "secret://env/P"}
    (found,) = mistakes(PLACES["sftp"], {"type": "sftp", "secrets": secrets})
    assert found == "credentials.key.secrets.user: user: no secret of type sftp. Expected username."


def test_an_accounts_address_is_told_once() -> None:
    told = {"type": "azure", "secrets": {"connection_string": "secret://env/C"}}
    plain = {key: value for key, value in PLACES["azure"].items() if key != "account_url"}
    assert mistakes(plain, told) == []
    assert "one of both" in mistakes(PLACES["azure"], told)[0]
    assert "account_url: no account" in mistakes(plain, {"type": "azure", "secrets": OPEN["azure"]})[0]


@pytest.mark.parametrize("host_key", [ED25519, f"{ED25519} root@sftp\n", FINGERPRINT])
def test_a_host_key_is_a_public_key_or_its_fingerprint(host_key: str) -> None:
    assert SftpLocation(host="h", host_key=host_key).host_key == host_key.strip()


@pytest.mark.parametrize("host_key", ["", "any", "MD5:16:27:ac:a5", "SHA256:short", "-----BEGIN RSA PRIVATE KEY-----"])
def test_a_host_key_is_nothing_else(host_key: str) -> None:
    with pytest.raises(ValidationError, match="SHA256"):
        SftpLocation(host="h", host_key=host_key)


@pytest.mark.parametrize(
    "place",
    [
        {"kind": "sftp", "host": "h"},
        {"kind": "sftp", "host": "h", "host_key": FINGERPRINT, "port": 0},
        {"kind": "s3", "bucket": "acme-drop", "external_id": "ours"},
        {"kind": "s3"},
        {"kind": "ftp", "host": "h"},
    ],
)
def test_a_place_that_is_none_is_refused(place: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LOCATION.validate_python(place)


def test_mistakes_are_told_by_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "tenant_config"
    shutil.copytree(REPOSITORY / "tenant_config", folder)
    (folder / "credentials").mkdir()
    (folder / "credentials" / "acme.yaml").write_text("type: sftp\nsecrets:\n  user: secret://env/U\n")
    place = f"location:\n  kind: sftp\n  host: h\n  host_key: '{FINGERPRINT}'\n  prot: 22\n"
    (folder / "destinations" / "acme.yaml").write_text(f"{place}credential: acme\n")
    (folder / "destinations" / "ours.yaml").write_text("location: {kind: local, path: x}\ncredential: acme\n")
    with pytest.raises(ConfigErrors) as error:
        load_tenant(folder)
    found = "\n".join(map(str, error.value.errors))
    assert "credentials/acme.yaml, line 3, secrets.user: user: no secret of type sftp. Expected username." in found
    assert "destinations/acme.yaml, line 5, location.prot: an unknown field. Expected port." in found
    assert "destinations/ours.yaml, line 2, credential: a folder of this machine needs none." in found
