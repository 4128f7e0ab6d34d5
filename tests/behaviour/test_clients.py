"""Clients of the cloud's stores: what they are made of, when they are made again, and secrets that make none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cdp_assets.config.location import AzureLocation, GcsLocation, S3Location
from cdp_assets.defs import resources
from cdp_assets.defs.resources import CloudClients
from cdp_assets.errors import DeliveryError, SecretError
from cdp_assets.exchange.locations import open_location
from cdp_assets.exchange.locations.azure import AzureContainer
from cdp_assets.secrets import Secret
from tests.object_stores import S3Server

AZURE = AzureLocation(container="drop", account_url="https://acme.blob.core.windows.net")
KEY = "aHVzaA=="


@pytest.fixture
def clients() -> CloudClients:
    """None made yet."""
    return CloudClients()


def connection_string(text: str) -> dict[str, Secret]:
    return {"connection_string": Secret(text)}


def test_nothing_is_imported_before_a_client_is_asked_for() -> None:
    heavy = "{'boto3', 'azure', 'google.cloud.storage', 'dagster', 'dagster_aws'} & set(sys.modules)"
    code = f"import sys, cdp_assets.defs.resources; sys.exit(1 if {heavy} else 0)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_lies_in_one_account_shares_its_client(clients: CloudClients) -> None:
    key = {"account_key": Secret(KEY)}
    first = clients.azure(AZURE, key)
    assert clients.azure(AZURE.model_copy(update={"container": "other", "prefix": "in"}), key) is first
    assert clients.azure(AZURE, {"account_key": Secret("bmV3")}) is not first
    elsewhere = AZURE.model_copy(update={"account_url": "https://other.blob.core.windows.net"})
    assert clients.azure(elsewhere, key) is not first


class TestRole:
    """A role that is taken on with the credential's keys."""

    @pytest.fixture
    def location(self, s3_server: S3Server) -> S3Location:
        arn = "arn:aws:iam::123456789012:role/partner"
        config = s3_server.config(s3_server.new_bucket())
        return config.model_copy(update={"role_arn": arn, "external_id": "agreed"})

    def test_files_go_and_come_as_the_role(
        self, location: S3Location, s3_server: S3Server, clients: CloudClients, tmp_path: Path
    ) -> None:
        (tmp_path / "a").write_text("x")
        place = open_location(location, tmp_path, s3_server.secrets, clients)
        place.put("a.csv", tmp_path / "a")
        assert [file.name for file in place.list()] == ["a.csv"]
        used = clients.s3(location, s3_server.secrets)._request_signer._credentials
        assert used.token
        assert used.access_key != s3_server.secrets["access_key_id"].reveal()

    def test_its_login_is_renewed_before_it_ends(
        self, location: S3Location, s3_server: S3Server, clients: CloudClients, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = clients.s3(location, s3_server.secrets)
        assert clients.s3(location, s3_server.secrets) is first
        monkeypatch.setattr(resources, "ROLE_KEPT_S", -1.0)
        assert clients.s3(location, s3_server.secrets) is not first

    def test_a_role_that_may_not_be_taken_on_is_told_of(
        self, location: S3Location, s3_server: S3Server, clients: CloudClients, tmp_path: Path
    ) -> None:
        (tmp_path / "a").write_text("x")
        wrong = location.model_copy(update={"role_arn": "no role"})
        with pytest.raises(DeliveryError, match=r"a\.csv: .*\. Expected "):
            open_location(wrong, tmp_path, s3_server.secrets, clients).put("a.csv", tmp_path / "a")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"AccountName=acme;AccountKey={KEY}", "https://acme.blob.core.windows.net/"),
        (
            f"DefaultEndpointsProtocol=http;AccountName=acme;AccountKey={KEY};EndpointSuffix=core.chinacloudapi.cn;",
            "http://acme.blob.core.chinacloudapi.cn/",
        ),
        (f"AccountName=a;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:1/a;", "http://127.0.0.1:1/a/"),
        (
            "BlobEndpoint=https://acme.blob.core.windows.net;SharedAccessSignature=sv=2026-01-01&sig=aHVzaA%3D%3D",
            "https://acme.blob.core.windows.net/?sv=2026-01-01&sig=aHVzaA%3D%3D",
        ),
    ],
)
def test_a_connection_string_names_the_account(clients: CloudClients, text: str, url: str) -> None:
    location = AZURE.model_copy(update={"account_url": None})
    assert clients.azure(location, connection_string(text)).url == url


def test_a_sas_token_is_an_account_s_too(clients: CloudClients) -> None:
    client = clients.azure(AZURE, {"sas_token": Secret("sv=2026-01-01&sig=aHVzaA%3D%3D")})
    assert client.url == "https://acme.blob.core.windows.net/?sv=2026-01-01&sig=aHVzaA%3D%3D"
    assert AzureContainer(client, "drop").url == "https://acme.blob.core.windows.net/drop"


@pytest.mark.parametrize("text", ["hush", "AccountName=hush", f"AccountKey={KEY}", "BlobEndpoint=https://hush"])
def test_a_connection_string_that_is_none_is_refused_without_its_text(clients: CloudClients, text: str) -> None:
    location = AZURE.model_copy(update={"account_url": None})
    with pytest.raises(SecretError, match="connection_string: no account, or no key to it") as refusal:
        clients.azure(location, connection_string(text))
    assert "hush" not in str(refusal.value)
    assert KEY not in str(refusal.value)


@pytest.mark.parametrize("text", ["hush", "{}", '{"project_id": "hush"}', "[]", '{"private_key": "hush"}'])
def test_a_service_account_that_is_none_is_refused_without_its_text(clients: CloudClients, text: str) -> None:
    with pytest.raises(SecretError, match="service_account_json: not the key of a service account") as refusal:
        clients.gcs(GcsLocation(bucket="drop"), {"service_account_json": Secret(text)})
    assert "hush" not in str(refusal.value)
