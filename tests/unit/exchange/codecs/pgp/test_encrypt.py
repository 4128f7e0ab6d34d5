"""What we encrypt is opened by the stock tool with the one subkey's private part, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.codecs import Packing, pack
from cdp_assets.exchange.codecs.pgp.encrypt import Recipient, validate
from cdp_assets.secrets import Secret
from tests.pgp import PASSPHRASE, GpgTool, Key

PLAIN = b"id,name\n" + b"7,Zoe\n" * 20_000


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A finished file."""
    path = tmp_path / "plain"
    path.write_bytes(PLAIN)
    return path


def sent(plain: Path, recipient: Recipient, packing: Packing | None = None) -> Path:
    target = plain.with_name("sent")
    pack({"out.csv": plain}, target, packing or Packing(recipient=recipient), "out.csv.pgp")
    return target


def test_the_stock_tool_decrypts_it(plain: Path, gpg_tool: GpgTool, our_key: Key) -> None:
    message = sent(plain, Recipient(our_key.public)).read_bytes()
    assert gpg_tool.decrypt(message) == PLAIN


def test_it_is_encrypted_to_exactly_the_subkey(plain: Path, gpg_tool: GpgTool) -> None:
    key = gpg_tool.key("One <one@acme.example>", "cv25519 encr", "ed25519 sign")
    message = sent(plain, Recipient(key.public))
    packets = gpg_tool.run("--list-packets", str(message)).decode()
    found = [line.split()[-1] for line in packets.splitlines() if line.startswith(":pubkey enc packet")]
    assert found == [validate(Recipient(key.public))[-16:]]


def test_the_message_holds_the_name_after_decryption(plain: Path, gpg_tool: GpgTool, our_key: Key) -> None:
    packets = gpg_tool.run("--list-packets", str(sent(plain, Recipient(our_key.public)))).decode()
    assert 'name="out.csv"' in packets


@pytest.mark.parametrize("packing", [Packing("gzip"), Packing("tgz"), Packing("zip"), Packing(is_compressed=True)])
def test_what_is_compressed_already_is_not_compressed_again(
    packing: Packing, plain: Path, gpg_tool: GpgTool, our_key: Key
) -> None:
    recipient = Recipient(our_key.public)
    closed = Packing(packing.compression, recipient, is_compressed=packing.is_compressed)
    assert ":compressed packet" not in gpg_tool.run("--list-packets", str(sent(plain, recipient, closed))).decode()
    assert ":compressed packet" in gpg_tool.run("--list-packets", str(sent(plain, recipient))).decode()


def test_a_signed_file_names_its_signer(plain: Path, gpg_tool: GpgTool, our_key: Key) -> None:
    sender = gpg_tool.key("Sender <sender@acme.example>")
    recipient = Recipient(our_key.public, Secret(sender.private), Secret(PASSPHRASE))
    message = sent(plain, recipient)
    said = gpg_tool.run("--status-fd", "1", "--output", f"{message}.plain", "--decrypt", str(message)).decode()
    assert f"VALIDSIG {sender.fingerprint}" in said


def test_a_wrong_signing_passphrase_sends_nothing(plain: Path, our_key: Key, gpg_tool: GpgTool) -> None:
    recipient = Recipient(our_key.public, Secret(our_key.private), Secret("wrong"))
    with pytest.raises(DeliveryError, match="cannot be signed") as caught:
        sent(plain, recipient)
    assert "wrong" not in str(caught.value)


def test_the_hash_is_of_what_was_encrypted(plain: Path, our_key: Key) -> None:
    """Two encryptions of one file differ, and a delivery must know that its content does not."""
    targets, packing = (
        [plain.with_name(name) for name in ("first", "second")],
        Packing("gzip", Recipient(our_key.public)),
    )
    first, second = (pack({"a": plain}, target, packing, "a.gz.pgp") for target in targets)
    assert first == second == pack({"a": plain}, plain.with_name("third"), Packing("gzip"), "a.gz")
    assert targets[0].read_bytes() != targets[1].read_bytes()


def test_nothing_is_left_beside_the_file(plain: Path, our_key: Key) -> None:
    sent(plain, Recipient(our_key.public), Packing("tgz", Recipient(our_key.public)))
    assert {path.name for path in plain.parent.iterdir()} == {"plain", "sent"}
