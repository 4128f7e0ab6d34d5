"""A credential: a name for secrets, never the secrets."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from cdp_assets.config.base import Resource, affects
from cdp_assets.secrets import is_reference


class Credential(Resource):
    """References to the secrets that a location needs."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    type: Literal["local", "sftp", "pgp", "s3", "azure", "gcs"] = affects("runtime")
    secrets: dict[str, str] = affects("secret", {})
    """Field -> reference such as `secret://env/ACME_SFTP_PASSWORD`."""

    @field_validator("secrets")
    @classmethod
    def _only_references(cls, secrets: dict[str, str]) -> dict[str, str]:
        if wrong := sorted(field for field, value in secrets.items() if not is_reference(value)):
            msg = f"{', '.join(wrong)} must be a reference such as secret://env/NAME, not the secret itself"
            raise ValueError(msg)
        return secrets
