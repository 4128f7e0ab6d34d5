"""What gpg has said of a message that was decrypted: whole, unchanged and by the right sender, or why it is refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cdp_assets.errors import SourceError

Statuses = Sequence[Sequence[str]]
"""The words of each status line (GnuPG's doc/DETAILS)."""
_BAD_SIGNATURE = {"BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"}
_BAD_PASSPHRASE = 11
"""libgpg-error's code, in the low 16 bits of what gpg says."""


def refuse_unless_whole(
    said: Statuses, returncode: int | None, file: str, signers: Collection[str] | None = None
) -> None:
    """Raise SourceError unless gpg confirmed the message's integrity and, with signers named, a signature of theirs.

    gpg gives out what it decrypts before it knows that nothing was changed, so only this says whether it may be used.

    Args:
        said: What gpg said.
        returncode: How gpg ended.
        file: How errors call the file.
        signers: Fingerprints of primary keys; every signature must be of one of them, and there must be one.
    """
    words = [line[0] for line in said if line]
    if words.count("DECRYPTION_OKAY") != 1 or "GOODMDC" not in words or words.count("PLAINTEXT") != 1:
        raise _unopened(said, words, file)
    if signers is not None:
        refuse_signature(said, file, signers)
    if returncode != 0:
        raise SourceError(file, "cannot be decrypted: gpg ended with an error", "a whole PGP message")


def _unopened(said: Statuses, words: Sequence[str], file: str) -> SourceError:
    keys = [line[1] for line in said if line[0] == "ENC_TO"]
    if "DECRYPTION_KEY" in words or "BADMDC" in words:
        problem = "cannot be decrypted: it was changed or cut short on its way, its integrity check fails"
        return SourceError(file, problem, "the whole file as it was encrypted; have it sent again")
    if any(line[0] == "ERROR" and _is_passphrase(line) for line in said):
        problem = f"cannot be decrypted: the passphrase does not open private key {', '.join(keys)}"
        return SourceError(file, problem, "the passphrase of that key in the courier's PGP credential")
    if keys:
        problem = f"cannot be decrypted: it is for key {', '.join(keys)}, and the courier's PGP credential has no such"
        return SourceError(file, problem, "a file encrypted to one of the credential's keys, or that key in it")
    if "NEED_PASSPHRASE_SYM" in words:
        return SourceError(file, "is encrypted with a passphrase alone", "a file encrypted to a key of the credential")
    return SourceError(file, "holds no PGP message", "a whole file, encrypted")


def _is_passphrase(line: Sequence[str]) -> bool:
    return line[1:2] == ["pkdecrypt_failed"] and int(line[2]) & 0xFFFF == _BAD_PASSPHRASE


def refuse_signature(said: Statuses, file: str, signers: Collection[str]) -> None:
    """Raise SourceError unless gpg found a signature, and every one it found is a good one of a signer's."""
    expected = "a signature of one of the credential's `verification_keys`"
    wrong = [line for line in said if line[0] in _BAD_SIGNATURE]
    if wrong:
        known = {"BADSIG": "is bad", "ERRSIG": "is not of a known signer"}.get(wrong[0][0], "is of an expired key")
        raise SourceError(file, f"the signature of key {wrong[0][1]} {known}", expected)
    valid = [line for line in said if line[0] == "VALIDSIG"]
    if not valid:
        raise SourceError(file, "is not signed", expected)
    for line in valid:
        if line[-1] not in signers:  # the primary key's fingerprint comes last
            raise SourceError(file, f"is signed by key {line[-1]}, which is not a known signer", expected)
