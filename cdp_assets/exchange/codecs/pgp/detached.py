"""Signatures in files of their own, beside what they sign: made for what is sent, verified for what arrives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.pgp.decrypt import Keyring, known_signers
from cdp_assets.exchange.codecs.pgp.encrypt import Recipient, signer_of, unsigned
from cdp_assets.exchange.codecs.pgp.home import gnupg_home, spelled, statuses
from cdp_assets.exchange.codecs.pgp.verdict import refuse_signature

if TYPE_CHECKING:
    import gnupg

ENDINGS = (".sig", ".asc")
"""What is added to a file's name for that of its signature: binary as we make it, and with ASCII armour."""
MOST_BYTES = 1 << 16
"""Of a file with signatures; each has a few hundred."""


def sign(path: Path, target: Path, recipient: Recipient) -> None:
    """Write the signature of the file `path`, as it is sent, to `target`, in binary.

    Raises DeliveryError for a key that cannot be used, and where gpg does not say that it has signed.
    """
    # Given the path, the library closes the file after a hundredth of a second, whatever has been read of it by then.
    with gnupg_home() as gpg, path.open("rb") as file:
        signer, passphrase = signer_of(gpg, recipient), recipient.signing_passphrase
        answer = gpg.sign_file(
            file,
            signer,
            passphrase=None if passphrase is None else spelled(passphrase),
            detach=True,
            binary=True,
            output=str(target),
        )
    if answer.returncode != 0 or "SIG_CREATED" not in {words[0] for words in statuses(answer)}:
        raise unsigned(path.name)


def refuse_unsigned(path: Path, signatures: Sequence[Path], file: str, keyring: Keyring) -> None:
    """Raise SourceError unless one of the files with signatures is of exactly these bytes and by a known signer.

    Args:
        path: The file as it arrived.
        signatures: What came beside it, the newest first: its error is the one that is told.
        file: How errors call the file.
        keyring: Whose signature is needed.
    """
    refusal = None
    with gnupg_home() as gpg:
        signers = known_signers(gpg, keyring.signers or "", file)
        for signature in signatures:
            try:
                return _verify(gpg, path, signature, file, signers)
            except SourceError as error:
                refusal = refusal or error
    expected = f"one of the credential's `verification_keys` in a file named with {' or '.join(ENDINGS)} behind"
    raise refusal or SourceError(file, "has no signature beside it", expected)


def _verify(gpg: gnupg.GPG, path: Path, signature: Path, file: str, signers: frozenset[str]) -> None:
    if signature.stat().st_size > MOST_BYTES:
        raise SourceError(file, "has beside it what is no signature", f"at most {MOST_BYTES:,} bytes")
    answer = gpg.verify_file(str(signature), data_filename=str(path))
    refuse_signature(statuses(answer), file, signers)
    if answer.returncode != 0:
        raise SourceError(file, "its signature cannot be verified: gpg ended with an error", "a whole signature")
