"""Decrypts what arrives as a stream whose end comes only after gpg has confirmed that nothing was changed."""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO

from cdp_assets.errors import CdpError, SourceError
from cdp_assets.exchange.codecs.pgp.home import gnupg_home, spelled, statuses
from cdp_assets.exchange.codecs.pgp.verdict import refuse_unless_whole
from cdp_assets.exchange.streams import CHUNK_BYTES
from cdp_assets.secrets import Secret

if TYPE_CHECKING:
    import gnupg

_NO_QUESTIONS = ["--pinentry-mode", "error"]
"""For a key without a passphrase: nobody is there to be asked for one."""
_PIPE_BYTES = 1 << 20
"""How far gpg may be ahead of the reader."""


@dataclass(frozen=True)
class Keyring:
    """What opens a courier's files."""

    private_keys: Secret | None = None
    """One or more, with ASCII armour: while keys change, the old and the new. None where nothing is encrypted."""
    passphrase: Secret | None = None
    """Of all of them."""
    signers: str | None = None
    """Public keys with ASCII armour; where given, each file must be signed by one of them."""
    beside: bool = False
    """Whether signatures are looked for in files beside, and not inside the encryption."""

    @classmethod
    def of(cls, secrets: Mapping[str, Secret], *, beside: bool = False) -> Keyring:
        """Make it from the secrets of a courier's PGP credential, by their fields."""
        signers = secrets.get("verification_keys")
        public_keys = signers.reveal() if signers else None
        return cls(secrets.get("private_keys"), secrets.get("passphrase"), public_keys, beside)

    @property
    def signers_inside(self) -> str | None:
        """The public keys one of which must have signed what is decrypted."""
        return None if self.beside else self.signers


def decrypted(stream: BinaryIO, file: str, keyring: Keyring) -> BinaryIO:
    """Give the decrypted bytes of a PGP message; the caller closes the stream.

    gpg runs beside the reader and a pipe's worth ahead of it. Bytes come before their integrity is known: reading
    raises SourceError in place of the end where gpg does not confirm it, and again on each further read.

    Args:
        stream: The encrypted bytes, binary or with ASCII armour.
        file: How errors call the file.
        keyring: The keys to try, and whose signature is needed.
    """
    return io.BufferedReader(_Message(stream, file, keyring), CHUNK_BYTES)


class _Message(io.RawIOBase):
    """The reading end of a pipe that gpg decrypts into, and at its end gpg's verdict.

    We hold the writing end as well until gpg is done and its verdict is here, so the pipe cannot end before.
    """

    def __init__(self, stream: BinaryIO, file: str, keyring: Keyring) -> None:
        self._stream, self._file, self._keyring = stream, file, keyring
        self._answer: Any = None
        self._failure: Exception | None = None
        with ExitStack() as opened:
            self._gpg = opened.enter_context(gnupg_home())
            inside = keyring.signers_inside
            self._signers = None if inside is None else known_signers(self._gpg, inside, file)
            _import_private(self._gpg, keyring, file)
            self._pipe = Path(self._gpg.gnupghome) / "plain"
            self._from_gpg, self._kept = _opened_pipe(self._pipe)
            self._thread = Thread(target=self._decrypt, name="decrypt", daemon=True)
            self._thread.start()
            opened.callback(self._stop)
            self._ended = opened.pop_all()

    def readable(self) -> bool:
        """Say yes: this is all it can do."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the front of `buffer`; say how many bytes came, 0 at the end of a message that gpg vouches for."""
        count = os.readv(self._from_gpg, [buffer])
        if count == 0:
            self._judge()
        return count

    def close(self) -> None:
        """Stop gpg, remove its home; what was not read is not judged."""
        if not self.closed:
            self._ended.close()
        super().close()

    def _decrypt(self) -> None:
        passphrase = self._keyring.passphrase
        options = [] if passphrase else _NO_QUESTIONS
        try:
            self._answer = self._gpg.decrypt_file(
                self._stream,
                passphrase=spelled(passphrase) if passphrase else None,
                output=str(self._pipe),
                extra_args=options if self._signers is not None else [*options, "--skip-verify"],
            )
        except Exception as error:  # noqa: BLE001 - told by the thread that reads
            self._failure = error
        finally:
            os.close(self._kept)

    def _judge(self) -> None:
        if isinstance(self._failure, CdpError):
            raise self._failure
        if self._failure is not None:
            problem = f"cannot be decrypted: gpg gave up ({type(self._failure).__name__})"
            raise SourceError(self._file, problem, "a whole PGP message") from self._failure
        refuse_unless_whole(statuses(self._answer), self._answer.returncode, self._file, self._signers)

    def _stop(self) -> None:
        os.close(self._from_gpg)  # gpg cannot write any more and ends
        self._thread.join()


def _opened_pipe(path: Path) -> tuple[int, int]:
    """Make a named pipe and give both its ends, opened without waiting for anybody."""
    os.mkfifo(path, 0o600)
    both = os.open(path, os.O_RDWR)
    try:
        ends = os.open(path, os.O_RDONLY), os.open(path, os.O_WRONLY)
    finally:
        os.close(both)
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(ends[0], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return ends


def known_signers(gpg: gnupg.GPG, public_keys: str, file: str) -> frozenset[str]:
    """Take the signers' keys into the ring; give their fingerprints. Raises SourceError where there are none."""
    gpg.import_keys(public_keys)
    found = frozenset(str(key["fingerprint"]) for key in gpg.list_keys())
    if not found:
        problem = "cannot be verified: the PGP credential's `verification_keys` hold no public key"
        raise SourceError(file, problem, "public keys with ASCII armour")
    return found


def _import_private(gpg: gnupg.GPG, keyring: Keyring, file: str) -> None:
    if keyring.private_keys is not None:
        gpg.import_keys(keyring.private_keys.reveal())
    if not gpg.list_keys(secret=True):
        problem = "cannot be decrypted: the PGP credential's `private_keys` hold no private key"
        raise SourceError(file, problem, "one or more private keys with ASCII armour")
