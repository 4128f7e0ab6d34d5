"""A credential: a name for secrets, never the secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import field_validator

from cdp_assets.config.base import Resource, affects
from cdp_assets.secrets import is_reference

CredentialType = Literal["sftp", "s3", "azure", "gcs", "pgp"]
Signatures = Literal["inside", "beside"]
"""Where a PGP signature is: within the encryption, or in a file of its own beside what it signs."""


@dataclass(frozen=True)
class Form:
    """One way to fill a credential in: the secrets that it needs, and those that it may have beside them."""

    needs: tuple[str, ...]
    may: tuple[str, ...] = ()

    def fits(self, fields: frozenset[str]) -> bool:
        """Say whether these fields are this form, whole and nothing else."""
        return set(self.needs) <= fields <= {*self.needs, *self.may}

    def __str__(self) -> str:
        more = f" (and perhaps {', '.join(self.may)})" if self.may else ""
        return (" + ".join(self.needs) or "none") + more


FORMS: Mapping[CredentialType, tuple[Form, ...]] = {
    "sftp": (Form(("username", "password")), Form(("username", "private_key"), ("private_key_passphrase",))),
    "s3": (Form(("access_key_id", "secret_access_key"), ("session_token",)), Form(())),
    "azure": (Form(("connection_string",)), Form(("sas_token",)), Form(("account_key",))),
    "gcs": (Form(("service_account_json",)),),
    "pgp": (
        Form(("private_keys",), ("passphrase", "verification_keys")),
        Form(("verification_keys",)),
        Form(("public_key",), ("signing_key", "signing_passphrase")),
    ),
}
"""Type -> the ways to fill it in. One of S3 without secrets means the machine's own identity."""


class Credential(Resource):
    """References to the secrets that a location needs."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    type: CredentialType = affects("runtime")
    secrets: dict[str, str] = affects("secret", {})
    """Field -> reference such as `secret://env/ACME_SFTP_PASSWORD`."""

    @field_validator("secrets")
    @classmethod
    def _only_references(cls, secrets: dict[str, str]) -> dict[str, str]:
        if wrong := sorted(field for field, value in secrets.items() if not is_reference(value)):
            msg = f"{', '.join(wrong)} must be a reference such as secret://env/NAME, not the secret itself"
            raise ValueError(msg)
        return secrets
