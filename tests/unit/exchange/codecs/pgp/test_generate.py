"""A key pair of ours is one that we would take from others."""

from __future__ import annotations

import io

import pytest

from cdp_assets.errors import SecretError
from cdp_assets.exchange.codecs.pgp.decrypt import Keyring, decrypted
from cdp_assets.exchange.codecs.pgp.encrypt import Recipient, validate
from cdp_assets.exchange.codecs.pgp.generate import RSA_BITS, pgp_key_pair
from cdp_assets.exchange.key_pair import KeyPair
from cdp_assets.secrets import Secret
from tests.pgp import GpgTool, Key

PASSPHRASE = Secret("our passphräse")


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    """A small one, which takes a tenth of the time."""
    return pgp_key_pair("acme of the platform", "acme@data.example", PASSPHRASE, bits=1024)


def test_the_primary_key_signs_and_one_subkey_encrypts(pair: KeyPair, gpg_tool: GpgTool) -> None:
    gpg_tool.run("--import", given=pair.public.encode())
    listed = gpg_tool.run("--with-colons", "--list-keys", pair.fingerprint).decode().splitlines()
    keys = [line.split(":") for line in listed if line.startswith(("pub", "sub"))]
    assert [(key[0], key[2], key[6], key[11]) for key in keys] == [
        ("pub", "1024", "", "scESC"),
        ("sub", "1024", "", "e"),
    ]
    assert validate(Recipient(pair.public)) != pair.fingerprint


def test_a_customer_encrypts_to_it_and_only_its_passphrase_opens_that(pair: KeyPair, gpg_tool: GpgTool) -> None:
    message = gpg_tool.encrypt(b"id\n1\n", Key(pair.fingerprint, pair.public, ""))
    with decrypted(io.BytesIO(message), "in.pgp", Keyring(Secret(pair.private), PASSPHRASE)) as stream:
        assert stream.read() == b"id\n1\n"
    with (
        decrypted(io.BytesIO(message), "in.pgp", Keyring(Secret(pair.private), Secret("other"))) as stream,
        pytest.raises(Exception, match="the passphrase does not open"),
    ):
        stream.read()


def test_keys_are_long_unless_said_otherwise() -> None:
    assert RSA_BITS == 4096


def test_a_name_cannot_bring_orders_of_its_own_to_gpg() -> None:
    with pytest.raises(SecretError, match="control characters"):
        pgp_key_pair("acme", "acme@data.example\n%no-protection", PASSPHRASE, bits=1024)
