"""The stock tool verifies what we sign beside a file; of what it signs, only a good signature of a signer's will do."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.errors import DeliveryError, SourceError
from cdp_assets.exchange.codecs.pgp.decrypt import Keyring
from cdp_assets.exchange.codecs.pgp.detached import MOST_BYTES, refuse_unsigned, sign
from cdp_assets.exchange.codecs.pgp.encrypt import Recipient
from cdp_assets.secrets import Secret
from tests.pgp import PASSPHRASE, GpgTool, Key

CONTENT = b"id,name\n" + b"7,Zoe\n" * 20_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file as it is sent or has arrived."""
    path = tmp_path / "a.csv"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture(scope="module")
def sender(gpg_tool: GpgTool) -> Key:
    """A key that signs."""
    return gpg_tool.key("Sender beside <beside@acme.example>")


@pytest.fixture(scope="module")
def stranger(gpg_tool: GpgTool) -> Key:
    """A key that nobody has named."""
    return gpg_tool.key("Stranger beside <other@acme.example>")


def signature(gpg_tool: GpgTool, file: Path, by: Key, *options: str, kind: str = "--detach-sign") -> Path:
    """Sign as a customer does."""
    target = file.with_name(f"{len(list(file.parent.iterdir()))}.sig")
    gpg_tool.run("--local-user", by.fingerprint, "--output", str(target), *options, kind, str(file))
    return target


def refusal(file: Path, by: Key, *signatures: Path) -> str:
    with pytest.raises(SourceError) as caught:
        refuse_unsigned(file, signatures, "a.csv", Keyring(signers=by.public, beside=True))
    assert caught.value.file == "a.csv"
    return str(caught.value)


def test_the_stock_tool_verifies_our_signature(file: Path, gpg_tool: GpgTool, our_key: Key, sender: Key) -> None:
    target = file.with_name("a.csv.sig")
    sign(file, target, Recipient(our_key.public, Secret(sender.private), Secret(PASSPHRASE), beside=True))
    said = gpg_tool.run("--status-fd", "1", "--verify", str(target), str(file)).decode()
    assert f"VALIDSIG {sender.fingerprint}" in said


def test_all_of_a_large_file_is_signed(file: Path, gpg_tool: GpgTool, our_key: Key, sender: Key) -> None:
    """More than is read at once."""
    file.write_bytes(CONTENT * 300)
    target = file.with_name("a.csv.sig")
    sign(file, target, Recipient(our_key.public, Secret(sender.private), Secret(PASSPHRASE), beside=True))
    assert b"VALIDSIG" in gpg_tool.run("--status-fd", "1", "--verify", str(target), str(file))


@pytest.mark.parametrize("form", ["--no-armor", "--armor"])
def test_a_signature_of_the_stock_tool_is_taken(form: str, file: Path, gpg_tool: GpgTool, sender: Key) -> None:
    made = signature(gpg_tool, file, sender, form)
    refuse_unsigned(file, [made], "a.csv", Keyring(signers=sender.public, beside=True))


def test_a_file_that_was_changed_is_refused(file: Path, gpg_tool: GpgTool, sender: Key) -> None:
    made = signature(gpg_tool, file, sender)
    file.write_bytes(CONTENT[:-2] + b"y\n")
    assert "the signature of key" in refusal(file, sender, made)
    assert "is bad" in refusal(file, sender, made)


def test_a_strangers_signature_is_refused_also_beside_a_known_ones(
    file: Path, gpg_tool: GpgTool, sender: Key, stranger: Key
) -> None:
    strange, known = (signature(gpg_tool, file, key) for key in (stranger, sender))
    assert "is not of a known signer" in refusal(file, sender, strange)
    both = file.with_name("both.sig")
    both.write_bytes(known.read_bytes() + strange.read_bytes())
    assert "is not of a known signer" in refusal(file, sender, both)


def test_of_several_the_one_that_fits_will_do_and_else_the_first_is_told(
    file: Path, gpg_tool: GpgTool, sender: Key, stranger: Key
) -> None:
    strange, known = (signature(gpg_tool, file, key) for key in (stranger, sender))
    refuse_unsigned(file, [strange, known], "a.csv", Keyring(signers=sender.public, beside=True))
    file.write_bytes(b"id\n")
    assert "is not of a known signer" in refusal(file, sender, strange, known)
    assert "is bad" in refusal(file, sender, known, strange)


def test_a_message_that_holds_what_it_signs_is_no_signature_of_the_file(
    file: Path, gpg_tool: GpgTool, sender: Key
) -> None:
    """It would prove another content than the file's."""
    other = file.with_name("other")
    other.write_bytes(b"id\n1\n")
    for kind in ("--sign", "--clear-sign"):
        refusal(file, sender, signature(gpg_tool, other, sender, kind=kind))


def test_what_is_no_signature_is_refused_and_not_read_whole(file: Path, sender: Key) -> None:
    assert "has no signature beside it. Expected one of the credential's `verification_keys`" in refusal(file, sender)
    for content, problem in ((b"", "is not signed"), (CONTENT[:100], "is not signed")):
        file.with_name("a.sig").write_bytes(content)
        assert problem in refusal(file, sender, file.with_name("a.sig"))
    file.with_name("a.sig").write_bytes(b"x" * (MOST_BYTES + 1))
    assert "has beside it what is no signature" in refusal(file, sender, file.with_name("a.sig"))


def test_without_keys_to_verify_by_nothing_passes(file: Path, gpg_tool: GpgTool, sender: Key) -> None:
    made = signature(gpg_tool, file, sender)
    with pytest.raises(SourceError, match="`verification_keys` hold no public key"):
        refuse_unsigned(file, [made], "a.csv", Keyring(beside=True))


def test_a_wrong_passphrase_and_no_key_sign_nothing(file: Path, our_key: Key, sender: Key) -> None:
    for wrong in (Recipient(our_key.public, Secret(sender.private), Secret("wrong")), Recipient(our_key.public)):
        with pytest.raises(DeliveryError, match=r"a\.csv: cannot be signed"):
            sign(file, file.with_name("a.csv.sig"), wrong)
