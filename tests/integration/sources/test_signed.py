"""A file that must have a signature beside it waits for it, and is loaded only with a good one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.errors import MissingFilesError, SourceError
from cdp_assets.exchange.codecs import Keyring
from cdp_assets.secrets import Secret
from tests.integration.sources.shop import Shop
from tests.pgp import PASSPHRASE, GpgTool, Key

NAME = "orders_2026_11_20.csv"
ROWS, CORRECTED = (f"id,amount,ordered_on,note\n1,{amount},2026-11-20,x\n" for amount in ("1.50", "2.50"))


@pytest.fixture(scope="module")
def sender(gpg_tool: GpgTool) -> Key:
    """A key that signs."""
    return gpg_tool.key("Signs files <files@acme.example>")


@pytest.fixture
def shop(tmp_path: Path, sender: Key) -> Shop:
    """A shop whose courier takes signed files only; nothing is encrypted."""
    keyring = Keyring(signers=sender.public, beside=True)
    return Shop(tmp_path, courier={"signatures": "beside"}, keyring=keyring)


def signed(gpg_tool: GpgTool, content: bytes | str, by: Key) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return gpg_tool.run("--local-user", by.fingerprint, "--armor", "--detach-sign", given=data)


def test_a_file_without_its_signature_is_not_there_yet(shop: Shop, gpg_tool: GpgTool, sender: Key) -> None:
    shop.drop(NAME, ROWS)
    with pytest.raises(MissingFilesError, match="with its signature beside it in the courier's location"):
        shop.land()
    assert shop.landed() == 0
    shop.drop(f"{NAME}.asc", signed(gpg_tool, ROWS, sender))
    assert [(result.file, result.rows_loaded) for result in shop.run()] == [(NAME, 1)]


def test_a_bad_signature_loads_nothing_until_a_good_one_comes(shop: Shop, gpg_tool: GpgTool, sender: Key) -> None:
    shop.drop(NAME, ROWS)
    shop.drop(f"{NAME}.sig", signed(gpg_tool, CORRECTED, sender))
    with pytest.raises(SourceError, match=rf"{NAME}: the signature of key \w+ is bad"):
        shop.run()
    assert len(shop.rows()) == 0
    assert [load["state"] for load in shop.ledger()] == ["failed"]
    shop.drop(f"{NAME}.sig", signed(gpg_tool, ROWS, sender))
    assert [result.rows_loaded for result in shop.run()] == [1]


def test_a_table_that_is_made_anew_takes_every_version_with_its_own_signature(
    shop: Shop, gpg_tool: GpgTool, sender: Key
) -> None:
    for content in (ROWS, CORRECTED):
        shop.drop(NAME, content)
        shop.drop(f"{NAME}.sig", signed(gpg_tool, content, sender))
        shop.run()
    shop.table = "production/domain/shop_orders/f2"
    assert len(shop.load()) == 2
    assert [str(amount) for amount in shop.rows()["amount"]] == ["2.50"]


def test_what_is_encrypted_is_signed_as_it_lies_there(shop: Shop, gpg_tool: GpgTool, sender: Key, our_key: Key) -> None:
    shop.keyring = Keyring(Secret(our_key.private), Secret(PASSPHRASE), sender.public, beside=True)
    message = gpg_tool.encrypt(ROWS.encode(), our_key)
    shop.drop(f"{NAME}.pgp", message)
    shop.drop(f"{NAME}.pgp.sig", signed(gpg_tool, message, sender))
    assert [result.rows_loaded for result in shop.run()] == [1]
