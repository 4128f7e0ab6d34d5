"""Real servers that speak as S3, Azure Blob Storage and Google Cloud Storage do: one of each for the whole session."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import pytest
from azure.storage.blob import ContentSettings
from botocore.httpsession import URLLib3Session
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cdp_assets.config.location import AzureLocation, CloudLocation, GcsLocation, S3Location
from cdp_assets.defs.resources import CloudClients
from cdp_assets.exchange.locations import Secrets
from cdp_assets.exchange.locations.azure import AzureContainer
from cdp_assets.exchange.locations.gcs import GcsBucket
from cdp_assets.exchange.locations.object_store import ObjectStore
from cdp_assets.exchange.locations.s3 import S3Bucket
from cdp_assets.home import REPOSITORY
from cdp_assets.secrets import Secret
from tests.lifetimes import ended_with_us
from tests.ports import free_port

CLIENTS = CloudClients()
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
SERVERS = REPOSITORY / ".cdp" / "servers"
"""Where `.ci/servers` puts the servers that are no Python packages; a program on the PATH does as well."""
STARTS_WITHIN_S = 60
MOTO = {"S3_UPLOAD_PART_MIN_SIZE": "1", "MOTO_S3_DEFAULT_KEY_BUFFER_SIZE": str(16 << 20)}
"""Parts may be small, and objects up to 16 MiB take memory rather than an open file each."""


def program(name: str, below: str) -> Path:
    """Give a server's program; where it is not installed, the test is skipped and says so."""
    _wait_for_installation()
    placed = SERVERS / below / name
    found = str(placed) if placed.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; .ci/servers does it")
    return Path(found)


def _wait_for_installation() -> None:
    """Wait while `.ci/servers` is at work, as it is in CI while the first tests run."""
    lock = SERVERS / ".lock"
    if lock.exists():
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH)


@contextlib.contextmanager
def running(command: list[str], port: int, log: Path, **environment: str) -> Iterator[None]:
    """Run a server for the block; it listens on a port when the block begins."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            cwd=log.parent,
            env=os.environ | environment,
            start_new_session=True,
        )
    try:
        _wait_for(process, port, log)
        with ended_with_us(process.pid):
            yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STARTS_WITHIN_S)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{Path(process.args[0]).name} did not start:\n{log.read_text()}")
        time.sleep(0.05)


class Server(Protocol):
    """A running server of one kind of store."""

    port: int
    secrets: Secrets
    """What a credential for it holds."""

    def config(self, bucket: str, prefix: str = "", *, port: int | None = None) -> CloudLocation:
        """Give a bucket's configuration; `port` is that of a proxy before the server."""
        ...

    def store(self, bucket: str, *, port: int | None = None, **tuning: Any) -> ObjectStore:
        """Give a bucket, with parts and patience as a test wants them."""
        ...

    def new_bucket(self) -> str:
        """Make an empty bucket and give its name."""
        ...

    def put_gzip(self, bucket: str, key: str, content: bytes) -> None:
        """Store what is said to be gzip, past the platform."""
        ...


@dataclass(frozen=True)
class S3Server:
    """moto's."""

    port: int
    secrets: Secrets = field(default_factory=lambda: _secrets(access_key_id="us", secret_access_key="hush"))

    def config(self, bucket: str, prefix: str = "", *, port: int | None = None) -> S3Location:
        address = f"http://127.0.0.1:{port or self.port}"
        return S3Location(bucket=bucket, prefix=prefix, region="us-east-1", endpoint_url=address)

    def store(
        self, bucket: str, *, port: int | None = None, timeout_s: float | None = None, **tuning: Any
    ) -> ObjectStore:
        client = CLIENTS.s3(self.config(bucket, port=port), self.secrets)
        if timeout_s is not None:  # dagster-aws leaves it at botocore's 60 s
            client._endpoint.http_session = URLLib3Session(timeout=timeout_s)
        return S3Bucket(lambda: client, bucket, **tuning)

    def new_bucket(self) -> str:
        self.client.create_bucket(Bucket=(name := _new_name()))
        return name

    def put_gzip(self, bucket: str, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=bucket, Key=key, Body=content, ContentEncoding="gzip")

    @property
    def client(self) -> Any:
        return CLIENTS.s3(self.config("any"), self.secrets)


@dataclass(frozen=True)
class AzureServer:
    """Azurite, whose account and key are the same everywhere."""

    port: int
    secrets: Secrets = field(default_factory=lambda: _secrets(account_key=AZURITE_KEY))

    def config(self, bucket: str, prefix: str = "", *, port: int | None = None) -> AzureLocation:
        address = f"http://127.0.0.1:{port or self.port}/devstoreaccount1"
        return AzureLocation(container=bucket, prefix=prefix, account_url=address)

    def store(self, bucket: str, *, port: int | None = None, **tuning: Any) -> ObjectStore:
        return AzureContainer(CLIENTS.azure(self.config(bucket, port=port), self.secrets), bucket, **tuning)

    def new_bucket(self) -> str:
        self.client.create_container(name := _new_name())
        return name

    def put_gzip(self, bucket: str, key: str, content: bytes) -> None:
        settings = ContentSettings(content_encoding="gzip")
        self.client.get_container_client(bucket).upload_blob(key, content, content_settings=settings)

    @property
    def client(self) -> Any:
        return CLIENTS.azure(self.config("any"), self.secrets)


@dataclass(frozen=True)
class GcsServer:
    """fake-gcs-server, and beside it who gives out the tokens, which it never asks for."""

    port: int
    secrets: Secrets

    def config(self, bucket: str, prefix: str = "", *, port: int | None = None) -> GcsLocation:
        return GcsLocation(bucket=bucket, prefix=prefix, endpoint_url=f"http://127.0.0.1:{port or self.port}")

    def store(self, bucket: str, *, port: int | None = None, **tuning: Any) -> ObjectStore:
        return GcsBucket(CLIENTS.gcs(self.config(bucket, port=port), self.secrets), bucket, **tuning)

    def new_bucket(self) -> str:
        self.client.create_bucket(name := _new_name())
        return name

    def put_gzip(self, bucket: str, key: str, content: bytes) -> None:
        blob = self.client.bucket(bucket).blob(key)
        blob.content_encoding = "gzip"
        blob.upload_from_string(content)

    @property
    def client(self) -> Any:
        return CLIENTS.gcs(self.config("any"), self.secrets)


def _new_name() -> str:
    return f"acme-{uuid.uuid4().hex}"


def _secrets(**values: str) -> Secrets:
    return {field: Secret(value) for field, value in values.items()}


@contextlib.contextmanager
def running_s3(folder: Path, *program: str) -> Iterator[S3Server]:
    """Run S3 for the block; `program` is what gets the port and listens there, moto's own server without it."""
    port = free_port()
    module, *more = program or ("moto.server", "-H", "127.0.0.1", "-p")
    command = [sys.executable, "-m", module, *more, str(port)]
    with running(command, port, folder / "log", **MOTO, PYTHONPATH=str(REPOSITORY)):
        yield S3Server(port)


@contextlib.contextmanager
def running_azure(folder: Path) -> Iterator[AzureServer]:
    """Run Azure Blob Storage for the block."""
    port = free_port()
    command = [str(program("azurite-blob", "azurite/node_modules/.bin")), "--blobHost", "127.0.0.1"]
    flags = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--inMemoryPersistence"]
    with running([*command, "--blobPort", str(port), *flags], port, folder / "log"):
        yield AzureServer(port)


@contextlib.contextmanager
def running_gcs(folder: Path, *options: str) -> Iterator[GcsServer]:
    """Run Google Cloud Storage for the block, with further options of fake-gcs-server."""
    port = free_port()
    command = [str(program("fake-gcs-server", "bin")), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port)]
    with running([*command, "-backend", "memory", *options], port, folder / "log"), _tokens() as tokens:
        yield GcsServer(port, _secrets(service_account_json=_service_account(tokens)))


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """S3 for the session."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def azure_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureServer]:
    """Azure Blob Storage for the session."""
    with running_azure(tmp_path_factory.mktemp("azure")) as server:
        yield server


@pytest.fixture(scope="session")
def gcs_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcsServer]:
    """Google Cloud Storage for the session."""
    with running_gcs(tmp_path_factory.mktemp("gcs")) as server:
        yield server


@contextlib.contextmanager
def _tokens() -> Iterator[str]:
    """Give the address of a server that gives everybody a token."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response_only(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"access_token": "anybody", "expires_in": 3600, "token_type": "Bearer"}')

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}/token"
        http.shutdown()


def _service_account(token_uri: str) -> str:
    """Give a service account's file, as Google makes it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {"client_email": "us@acme.test", "private_key": pem, "project_id": "acme", "token_uri": token_uri}
    return json.dumps({"type": "service_account", "private_key_id": "1", **account})
