"""Encrypts a finished file to one subkey of its recipient, signed where the sender has a key to sign with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.codecs.pgp.home import gnupg_home, spelled, statuses
from cdp_assets.exchange.codecs.pgp.recipient import encryption_subkey
from cdp_assets.secrets import Secret

if TYPE_CHECKING:
    import gnupg

_AS_IT_IS = ["-z", "0"]
"""Do not compress: what is compressed already takes 13 times as long otherwise, and stays as large."""


@dataclass(frozen=True)
class Recipient:
    """Whom files are encrypted to, and by whom they are signed."""

    public_key: str
    """With ASCII armour; must hold exactly one encryption subkey."""
    signing_key: Secret | None = None
    """A private key with ASCII armour, which signs."""
    signing_passphrase: Secret | None = None
    beside: bool = False
    """Whether what is encrypted is signed in a file beside, and not inside the encryption."""

    @classmethod
    def of(cls, secrets: Mapping[str, Secret], *, beside: bool = False) -> Recipient:
        """Make it from the secrets of a destination's PGP credential, by their fields."""
        public_key = secrets["public_key"].reveal()
        return cls(public_key, secrets.get("signing_key"), secrets.get("signing_passphrase"), beside)


def validate(recipient: Recipient) -> str:
    """Give the fingerprint of the subkey that files would be encrypted to; raises DeliveryError where there is none."""
    with gnupg_home() as gpg:
        subkey = encryption_subkey(gpg, recipient.public_key)
        signer_of(gpg, recipient)
        return subkey


def encrypt(source: Path, target: Path, recipient: Recipient, name: str, *, is_compressed: bool) -> None:
    """Write `source`, encrypted, to `target`; no two encryptions of one file are alike.

    Args:
        source: The finished file.
        target: Where the encrypted file goes.
        recipient: Whose subkey alone opens it.
        name: What the file is called after decryption, for tools that ask the message.
        is_compressed: Whether compressing it again would gain nothing.

    Raises DeliveryError for a key that cannot be used, and where gpg does not say that all went well.
    """
    with gnupg_home() as gpg:
        subkey = encryption_subkey(gpg, recipient.public_key)
        signer = None if recipient.beside else signer_of(gpg, recipient)
        passphrase = recipient.signing_passphrase if signer else None
        answer = gpg.encrypt_file(
            str(source),
            [f"0x{subkey}!"],  # this subkey and no other of the key
            sign=signer,
            passphrase=None if passphrase is None else spelled(passphrase),
            always_trust=True,
            armor=False,
            output=str(target),
            extra_args=["--set-filename", name, *(_AS_IT_IS if is_compressed else ())],
        )
    _require_done(answer, target.name, is_signed=signer is not None)


def signer_of(gpg: gnupg.GPG, recipient: Recipient) -> str | None:
    """Give the fingerprint of the key to sign with, taken into the ring, if there is one; raises DeliveryError."""
    if recipient.signing_key is None:
        return None
    gpg.import_keys(recipient.signing_key.reveal())
    found = gpg.list_keys(secret=True)
    if len(found) != 1 or "S" not in found[0]["cap"]:
        raise DeliveryError("The PGP credential's `signing_key` is not one private key that signs. Expected one.")
    return str(found[0]["fingerprint"])


def _require_done(answer: object, file: str, *, is_signed: bool) -> None:
    said = {words[0] for words in statuses(answer)}
    needed = {"END_ENCRYPTION", *(["SIG_CREATED"] if is_signed else [])}
    if needed <= said and getattr(answer, "returncode", None) == 0:
        return
    if is_signed and "SIG_CREATED" not in said:
        raise unsigned(file)
    raise DeliveryError(f"{file}: gpg could not encrypt it. Expected room on the disk and a key that encrypts.")


def unsigned(file: str) -> DeliveryError:
    """Make the error for a file that gpg has not signed."""
    return DeliveryError(f"{file}: cannot be signed. Expected the passphrase of the credential's `signing_key`.")
