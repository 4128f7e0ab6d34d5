"""Where files live: one model per kind of place. What it is reached with stands in a credential."""

from __future__ import annotations

import re
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from cdp_assets.config.base import ConfigModel, affects

SFTP_PORT = 22
HOST_KEY = re.compile(r"(?:ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/]{40,}={0,3}(?: .*)?|SHA256:[A-Za-z0-9+/]{43}=?")
"""A public key as `ssh-keyscan` prints it, or the fingerprint that `ssh-keygen -l` prints."""


class LocalLocation(ConfigModel):
    """A folder of this machine, below the environment's drop folder or outbox."""

    kind: Literal["local"] = affects("runtime", "local")
    path: str = affects("runtime")
    """Relative; it cannot leave the folder that it is below."""

    @field_validator("path")
    @classmethod
    def _stays_inside(cls, path: str) -> str:
        if path.startswith(("/", "~")) or ".." in path.split("/"):
            msg = "must be relative and stay inside its folder"
            raise ValueError(msg)
        return path

    @property
    def address(self) -> str:
        """How people write the folder."""
        return self.path


class SftpLocation(ConfigModel):
    """A folder of an SFTP server. A server whose key is another one is never talked to."""

    kind: Literal["sftp"] = affects("runtime", "sftp")
    host: str = affects("runtime", min_length=1)
    port: int = affects("runtime", SFTP_PORT, ge=1, le=65_535)
    path: str = affects("runtime", ".", min_length=1)
    """The folder; without a `/` in front, below the one in which the login begins. It must be there already."""
    host_key: str = affects("runtime")
    """The server's public key (`ssh-ed25519 AAAA…`) or its fingerprint (`SHA256:…`), learnt from who runs it."""
    timeout_s: float = affects("runtime", 30.0, gt=0)
    """Seconds without an answer after which the connection counts as dropped."""
    connections: int = affects("runtime", 4, ge=1, le=64)
    """How many at once, at most; for a server that admits fewer."""
    settle_s: float = affects("runtime", 10.0, ge=0)
    """Seconds for which a file must look the same before it is fetched, so that none is that is still being uploaded;
    0 for a server on which files show when they are whole."""

    @field_validator("host_key")
    @classmethod
    def _is_a_key(cls, host_key: str) -> str:
        if HOST_KEY.fullmatch(host_key.strip()) is None:
            msg = "a public key such as `ssh-ed25519 AAAA…`, or its fingerprint, `SHA256:` and 43 characters"
            raise ValueError(msg)
        return host_key.strip()

    @property
    def address(self) -> str:
        """How people write the folder; after `//` its path begins at the server's root.

        >>> key = "SHA256:" + 43 * "A"
        >>> SftpLocation(host="h", host_key=key).address
        'sftp://h'
        >>> SftpLocation(host="h", port=2222, path="/in", host_key=key).address
        'sftp://h:2222//in'
        """
        port = "" if self.port == SFTP_PORT else f":{self.port}"
        path = "" if self.path == "." else f"/{self.path.rstrip('/')}"
        return f"sftp://{self.host}{port}{path}"


def _below(address: str, prefix: str) -> str:
    """Give how people write what lies below a prefix."""
    return f"{address}/{prefix.strip('/')}".rstrip("/")


class S3Location(ConfigModel):
    """A bucket of Amazon S3 or of a store that speaks its language, or what lies below a prefix of one."""

    kind: Literal["s3"] = affects("runtime", "s3")
    bucket: str = affects("runtime", min_length=3, max_length=63)
    prefix: str = affects("runtime", "")
    """What all names begin with, as a folder's path; the whole bucket without it."""
    region: str | None = affects("runtime", None)
    """Such as `eu-central-1`; that of the machine's own settings without it."""
    endpoint_url: str | None = affects("runtime", None)
    """The address of a store other than Amazon's."""
    role_arn: str | None = affects("runtime", None)
    """A role to take on, with the credential's keys or as the machine that this runs on."""
    external_id: str | None = affects("runtime", None, min_length=2, max_length=1224)
    """What the role's owner has agreed with us; it is no secret."""

    @model_validator(mode="after")
    def _an_external_id_is_a_roles(self) -> S3Location:
        if self.external_id is not None and self.role_arn is None:
            msg = "`external_id` only beside `role_arn`"
            raise ValueError(msg)
        return self

    @property
    def address(self) -> str:
        """How people write the bucket and prefix."""
        return _below(f"s3://{self.bucket}", self.prefix)


class AzureLocation(ConfigModel):
    """A container of Azure Blob Storage, or what lies below a prefix of one."""

    kind: Literal["azure"] = affects("runtime", "azure")
    container: str = affects("runtime", min_length=3, max_length=63)
    prefix: str = affects("runtime", "")
    account_url: str | None = affects("runtime", None)
    """Such as `https://acme.blob.core.windows.net`; a connection string in the credential holds it already."""

    @property
    def address(self) -> str:
        """How people write the container and prefix."""
        return _below(f"{self.account_url or 'azure:/'}/{self.container}", self.prefix)


class GcsLocation(ConfigModel):
    """A bucket of Google Cloud Storage, or what lies below a prefix of one."""

    kind: Literal["gcs"] = affects("runtime", "gcs")
    bucket: str = affects("runtime", min_length=3, max_length=222)
    prefix: str = affects("runtime", "")
    endpoint_url: str | None = affects("runtime", None)
    """The address of a store other than Google's."""

    @property
    def address(self) -> str:
        """How people write the bucket and prefix."""
        return _below(f"gs://{self.bucket}", self.prefix)


CloudLocation = S3Location | AzureLocation | GcsLocation
Location = Annotated[LocalLocation | SftpLocation | CloudLocation, Field(discriminator="kind")]
KINDS: tuple[str, ...] = tuple(
    model.model_fields["kind"].default for model in (LocalLocation, SftpLocation, *get_args(CloudLocation))
)
"""The tags of the union."""
