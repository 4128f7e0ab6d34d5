"""Unpacks what arrives and packs what leaves: one module per kind of packing."""

from __future__ import annotations

from cdp_assets.exchange.codecs.layer import promised
from cdp_assets.exchange.codecs.limits import LIMITS, Limits
from cdp_assets.exchange.codecs.names import decrypted_name, inner_name
from cdp_assets.exchange.codecs.pack import PACKERS, Packing, pack
from cdp_assets.exchange.codecs.peel import UNPACKERS, contents
from cdp_assets.exchange.codecs.pgp.decrypt import Keyring
from cdp_assets.exchange.codecs.pgp.detached import ENDINGS as SIGNATURE_ENDINGS
from cdp_assets.exchange.codecs.pgp.detached import refuse_unsigned, sign
from cdp_assets.exchange.codecs.pgp.encrypt import Recipient

__all__ = [
    "LIMITS",
    "PACKERS",
    "SIGNATURE_ENDINGS",
    "UNPACKERS",
    "Keyring",
    "Limits",
    "Packing",
    "Recipient",
    "contents",
    "decrypted_name",
    "inner_name",
    "pack",
    "promised",
    "refuse_unsigned",
    "sign",
]
