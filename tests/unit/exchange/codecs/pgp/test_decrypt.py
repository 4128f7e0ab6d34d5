"""What the stock tool has encrypted comes out whole, or an error comes in place of its end."""

from __future__ import annotations

import io
import os
import random
import tempfile
from pathlib import Path

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.pgp.decrypt import Keyring, decrypted
from cdp_assets.exchange.codecs.pgp.home import PREFIX
from cdp_assets.secrets import Secret
from tests.pgp import PASSPHRASE, GpgTool, Key

PLAIN = os.urandom(3_000_000)


@pytest.fixture(scope="session")
def message(gpg_tool: GpgTool, our_key: Key) -> bytes:
    """A file of random bytes, encrypted to our key."""
    return gpg_tool.encrypt(PLAIN, our_key)


@pytest.fixture(scope="session")
def sender(gpg_tool: GpgTool) -> Key:
    """A key that signs."""
    return gpg_tool.key("Sender in <in@acme.example>")


def keyring(*keys: Key, passphrase: str = PASSPHRASE, signers: str | None = None) -> Keyring:
    return Keyring(Secret("".join(key.private for key in keys)), Secret(passphrase), signers)


def opened(message: bytes, ring: Keyring) -> bytes:
    with decrypted(io.BytesIO(message), "in.csv.pgp", ring) as stream:
        return stream.read()


def refusal(message: bytes, ring: Keyring) -> str:
    with pytest.raises(SourceError) as caught:
        opened(message, ring)
    assert caught.value.file == "in.csv.pgp"
    assert PASSPHRASE not in str(caught.value)
    return str(caught.value)


def test_it_comes_out_as_it_went_in(message: bytes, our_key: Key) -> None:
    assert opened(message, keyring(our_key)) == PLAIN


def test_ascii_armour_is_read_too(gpg_tool: GpgTool, our_key: Key) -> None:
    assert opened(gpg_tool.encrypt(PLAIN, our_key, "--armor"), keyring(our_key)) == PLAIN


def test_an_empty_file_is_empty(gpg_tool: GpgTool, our_key: Key) -> None:
    assert opened(gpg_tool.encrypt(b"", our_key), keyring(our_key)) == b""


def test_while_keys_change_files_for_either_are_read_and_afterwards_only_for_the_new(gpg_tool: GpgTool) -> None:
    old, new = (gpg_tool.key(f"{age} <{age}@acme.example>", "cv25519 encr") for age in ("old", "new"))
    before, after = (gpg_tool.encrypt(b"id\n1\n", key) for key in (old, new))
    assert opened(before, keyring(old, new)) == opened(after, keyring(old, new)) == b"id\n1\n"
    assert opened(after, keyring(new)) == b"id\n1\n"
    assert "the courier's PGP credential has no such" in refusal(before, keyring(new))


def test_a_wrong_passphrase_is_told_also_after_a_right_one(message: bytes, our_key: Key) -> None:
    """An agent that lived on would still know the right one."""
    opened(message, keyring(our_key))
    assert "the passphrase does not open private key" in refusal(message, keyring(our_key, passphrase="wrong"))


def test_a_key_without_a_passphrase_needs_none(tmp_path: Path, gpg_tool: GpgTool) -> None:
    gpg_tool.run("--passphrase", "", "--quick-gen-key", "Open <open@acme.example>", "ed25519", "sign", passphrase="")
    made = gpg_tool.run("--with-colons", "--list-keys", "open@acme.example").decode().splitlines()
    fingerprint = next(line.split(":")[9] for line in made if line.startswith("fpr"))
    gpg_tool.run("--quick-add-key", fingerprint, "cv25519", "encr", passphrase="")
    private = gpg_tool.run("--armor", "--export-secret-keys", fingerprint, passphrase="").decode()
    message = gpg_tool.run("--encrypt", "--recipient", fingerprint, given=PLAIN)
    assert opened(message, Keyring(Secret(private))) == PLAIN


@pytest.mark.parametrize("left", [0.001, 0.3, 0.999999])
def test_a_cut_file_is_refused(message: bytes, our_key: Key, left: float) -> None:
    refusal(message[: int(len(message) * left)], keyring(our_key))


def test_a_changed_file_is_refused_at_its_end(message: bytes, our_key: Key) -> None:
    """gpg gives out nearly all of it before it notices."""
    changed = bytearray(message)
    changed[-1000] ^= 1
    with decrypted(io.BytesIO(bytes(changed)), "in.csv.pgp", keyring(our_key)) as stream:
        assert stream.read(1_000_000) == PLAIN[:1_000_000]
        for _ in range(2):
            with pytest.raises(SourceError, match="its integrity check fails"):
                stream.read()


def test_a_message_without_integrity_protection_is_refused(gpg_tool: GpgTool, our_key: Key) -> None:
    """As programs of the last century make them: what was changed could not be noticed."""
    options = ("--rfc2440", "--disable-mdc", "--cipher-algo", "3DES")
    refusal(gpg_tool.encrypt(PLAIN[:1000], our_key, *options), keyring(our_key))


@pytest.mark.parametrize(
    "data", [b"", b"id,name\n1,x\n", random.Random(1).randbytes(5000)], ids=["empty", "text", "noise"]
)
def test_what_is_no_message_is_refused(data: bytes, our_key: Key) -> None:
    """The noise is the same each time: one in forty of another kind begins as a message to a passphrase would."""
    assert "holds no PGP message" in refusal(data, keyring(our_key))


def test_two_messages_in_one_file_are_refused(gpg_tool: GpgTool, our_key: Key) -> None:
    """Anybody could add one that our public key encrypts."""
    one = gpg_tool.encrypt(b"id\n1\n", our_key)
    refusal(one + one, keyring(our_key))


def test_a_file_that_is_signed_but_not_encrypted_is_refused(gpg_tool: GpgTool, our_key: Key, sender: Key) -> None:
    signed = gpg_tool.run("--sign", "--local-user", sender.fingerprint, given=PLAIN[:1000])
    refusal(signed, keyring(our_key))


def test_a_signature_of_a_named_signer_is_needed(gpg_tool: GpgTool, our_key: Key, sender: Key, message: bytes) -> None:
    by_sender = gpg_tool.encrypt(b"id\n1\n", our_key, "--sign", "--local-user", sender.fingerprint)
    by_us = gpg_tool.encrypt(b"id\n1\n", our_key, "--sign", "--local-user", our_key.fingerprint)
    ring = keyring(our_key, signers=sender.public)
    assert opened(by_sender, ring) == b"id\n1\n"
    assert "is not signed" in refusal(message, ring)
    assert f"is signed by key {our_key.fingerprint}, which is not a known signer" in refusal(by_us, ring)
    stranger = gpg_tool.key("Stranger <stranger@acme.example>")
    by_stranger = gpg_tool.encrypt(b"id\n1\n", our_key, "--sign", "--local-user", stranger.fingerprint)
    assert "is not of a known signer" in refusal(by_stranger, ring)


def test_an_expired_signer_is_no_signer(gpg_tool: GpgTool, our_key: Key) -> None:
    past = ("--faked-system-time", "20200101T000000")
    gpg_tool.run(*past, "--quick-gen-key", "Past <past@acme.example>", "ed25519", "sign", "1d")
    public = gpg_tool.run("--armor", "--export", "past@acme.example").decode()
    past += ("--ignore-time-conflict", "--ignore-valid-from")
    signed = gpg_tool.encrypt(b"id\n1\n", our_key, *past, "--sign", "--local-user", "past@acme.example")
    assert "expired" in refusal(signed, keyring(our_key, signers=public))


def test_without_named_signers_any_signature_will_do(gpg_tool: GpgTool, our_key: Key, sender: Key) -> None:
    signed = gpg_tool.encrypt(b"id\n1\n", our_key, "--sign", "--local-user", sender.fingerprint)
    assert opened(signed, keyring(our_key)) == b"id\n1\n"


def test_keys_that_are_none_are_told(message: bytes, our_key: Key) -> None:
    assert "`private_keys` hold no private key" in refusal(message, Keyring(Secret(our_key.public)))
    assert "`verification_keys` hold no public key" in refusal(message, keyring(our_key, signers="nobody"))


def test_a_reader_may_stop_in_the_middle_and_nothing_stays(
    message: bytes, our_key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tempfile.mkdtemp()
    monkeypatch.setattr(tempfile, "tempdir", folder)
    with decrypted(io.BytesIO(message), "in.csv.pgp", keyring(our_key)) as stream:
        assert stream.read(10) == PLAIN[:10]
        assert [name.startswith(PREFIX) for name in os.listdir(folder)] == [True]
    Path(folder).rmdir()


def test_an_error_of_what_is_around_the_message_comes_through(message: bytes, our_key: Key) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 1_000_000:
                raise SourceError("in.gz", "is damaged", "a whole one")
            return super().read(size)

    with (
        decrypted(Broken(message), "in.csv.pgp", keyring(our_key)) as stream,
        pytest.raises(SourceError, match=r"in\.gz"),
    ):
        stream.read()
