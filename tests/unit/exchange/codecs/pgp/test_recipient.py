"""Which keys of a customer files are encrypted to, and what is said of the others."""

from __future__ import annotations

import re

import pytest

from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.codecs.pgp.encrypt import Recipient, validate
from tests.pgp import GpgTool, Key

REMEDY = "Please provide a subkey or a keyring with exactly one subkey."


def refusal(public_key: str) -> str:
    with pytest.raises(DeliveryError) as caught:
        validate(Recipient(public_key))
    return str(caught.value)


def test_the_one_encryption_subkey_is_taken(gpg_tool: GpgTool, our_key: Key) -> None:
    listed = gpg_tool.run("--with-colons", "--list-keys", our_key.fingerprint).decode().splitlines()
    subkey = [line.split(":")[9] for line in listed if line.startswith("fpr")][1]
    assert validate(Recipient(our_key.public)) == subkey


def test_a_signing_subkey_beside_it_is_no_obstacle(gpg_tool: GpgTool) -> None:
    key = gpg_tool.key("Beside <beside@acme.example>", "cv25519 encr", "ed25519 sign")
    assert validate(Recipient(key.public)) != key.fingerprint


@pytest.mark.parametrize("primary", ["ed25519 sign", "rsa1024 sign,encr"])
def test_a_primary_key_is_refused_in_the_documented_words(gpg_tool: GpgTool, primary: str) -> None:
    """Also one that could encrypt itself, as old RSA keys can."""
    key = gpg_tool.key(f"Primary {primary[:3]} <primary@acme.example>", primary=primary)
    assert refusal(key.public) == f"Destination failed validation: PGP public key is a primary key. {REMEDY}"


def test_two_encryption_subkeys_are_refused(gpg_tool: GpgTool) -> None:
    """gpg would take the newest, which need not be the one that the customer means."""
    key = gpg_tool.key("Two <two@acme.example>", "cv25519 encr", "cv25519 encr")
    assert refusal(key.public) == f"Destination failed validation: PGP public key has 2 encryption subkeys. {REMEDY}"


def test_two_keys_in_one_ring_have_two_subkeys(gpg_tool: GpgTool, our_key: Key) -> None:
    other = gpg_tool.key("Other <other@acme.example>", "cv25519 encr")
    assert "has 2 encryption subkeys" in refusal(our_key.public + other.public)


def test_an_expired_subkey_is_refused(gpg_tool: GpgTool) -> None:
    key = gpg_tool.key("Expired <expired@acme.example>", "cv25519 encr", expired=True)
    assert f"the encryption subkey of the PGP public key has expired. {REMEDY}" in refusal(key.public)


def test_a_key_that_only_signs_is_refused(gpg_tool: GpgTool) -> None:
    key = gpg_tool.key("Signs <signs@acme.example>", "ed25519 sign")
    assert refusal(key.public) == f"Destination failed validation: PGP public key has a signing subkey only. {REMEDY}"


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxxxx\n-----END"])
def test_what_is_no_key_is_refused(text: str) -> None:
    assert refusal(text).startswith("Destination failed validation: that is no PGP public key.")


def test_a_private_key_is_refused_and_not_shown(our_key: Key) -> None:
    said = refusal(our_key.private)
    assert "private key" in said
    assert not re.search("BEGIN PGP|" + our_key.private.splitlines()[3][:20], said)
