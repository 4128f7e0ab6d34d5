"""An encrypted file is loaded whole, or nothing of it is and the file stays for a look."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import Keyring
from cdp_assets.secrets import Secret
from tests.integration.sources.shop import Shop
from tests.pgp import PASSPHRASE, GpgTool, Key

ROWS = "id,amount,ordered_on,note\n" + "".join(f"{n},{n % 97}.50,2026-11-20,note {n * 7919}\n" for n in range(60_000))


@pytest.fixture
def shop(tmp_path: Path, our_key: Key) -> Shop:
    """A shop whose courier has our private key."""
    return Shop(tmp_path, keyring=Keyring(Secret(our_key.private), Secret(PASSPHRASE)))


def test_its_rows_are_in_the_table(shop: Shop, gpg_tool: GpgTool, our_key: Key) -> None:
    shop.drop("orders_2026_11_20.csv.gz.pgp", gpg_tool.encrypt(gzip.compress(ROWS.encode()), our_key))
    assert [result.rows_loaded for result in shop.run()] == [60_000]


@pytest.mark.parametrize("place", [-3000, -40])
def test_of_a_changed_file_nothing_is_loaded_though_nearly_all_of_it_was_read(
    shop: Shop, gpg_tool: GpgTool, our_key: Key, place: int
) -> None:
    """All rows have come out of gpg when it says that it was changed."""
    message = bytearray(gpg_tool.encrypt(ROWS.encode(), our_key, "--compress-algo", "none"))
    message[place] ^= 1
    shop.drop("orders_2026_11_20.csv.pgp", bytes(message))
    with pytest.raises(SourceError, match=r"orders_2026_11_20\.csv\.pgp: cannot be decrypted: it was changed"):
        shop.run()
    assert len(shop.rows()) == 0
    assert [load["state"] for load in shop.ledger()] == ["failed"]
    assert [path.read_bytes() for path in shop.lake.glob("landing/*/*/*/orders*")] == [bytes(message)]


def test_without_its_key_a_file_says_what_is_missing(shop: Shop, gpg_tool: GpgTool, our_key: Key) -> None:
    shop.keyring = None
    shop.drop("orders_2026_11_20.csv.gpg", gpg_tool.encrypt(ROWS.encode(), our_key))
    with pytest.raises(SourceError, match=r"is encrypted with PGP\. Expected `pgp_credential` in the courier"):
        shop.run()
    shop.keyring = Keyring(Secret(our_key.private), Secret(PASSPHRASE))
    assert [result.rows_loaded for result in shop.load()] == [60_000]
