"""Unpacks what arrives and packs what leaves: one module per kind of packing."""

from __future__ import annotations

from cdp_assets.exchange.codecs.archive import UNPACKERS, members
from cdp_assets.exchange.codecs.gzipped import decompressed
from cdp_assets.exchange.codecs.limits import LIMITS, Limits
from cdp_assets.exchange.codecs.pack import PACKERS, Packing, pack

__all__ = ["LIMITS", "PACKERS", "UNPACKERS", "Limits", "Packing", "decompressed", "members", "pack"]
