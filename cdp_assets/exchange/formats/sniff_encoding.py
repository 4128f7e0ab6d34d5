"""Tells in which encoding a text is, from its first bytes."""

from __future__ import annotations

import codecs
import string

from cdp_assets.exchange.formats.text import encoding_of

_EBCDIC, WESTERN = "cp037", "cp1252"
_PLAIN = frozenset(string.ascii_letters + string.digits + " .,;:|'\"-_/@\t\r\n\x85")
_MOSTLY = 0.8


def decoded(front: bytes) -> tuple[str, str | None]:
    """Give a text's beginning, and the encoding to configure: nothing where its mark says it, or it is UTF-8.

    UTF-16 without a mark is known by its zero bytes, IBM's by how few characters are odd in it; what is neither is
    taken for Windows' western one, which reads nearly everything.
    """
    marked, bom = encoding_of(front)
    if bom:
        return _front_of(front[len(bom) :], marked), None
    wide = _wide(front)
    if wide is not None:
        return _front_of(front, wide), wide
    try:
        return codecs.getincrementaldecoder("utf-8")("strict").decode(front), None
    except UnicodeDecodeError:
        encoding = _unmarked(front)
        return _front_of(front, encoding), encoding


def _wide(front: bytes) -> str | None:
    """Give the UTF-16 whose upper bytes are mostly zero, as western letters have them, nothing where neither's are."""
    upper, lower = (front[at::2].count(0) * 4 > len(front) for at in (0, 1))
    return None if upper == lower else "utf-16-be" if upper else "utf-16-le"


def _unmarked(front: bytes) -> str:
    return _EBCDIC if _plain_share(front, _EBCDIC) > max(_MOSTLY, _plain_share(front, WESTERN)) else WESTERN


def _plain_share(front: bytes, encoding: str) -> float:
    text = _front_of(front, encoding)
    return sum(character in _PLAIN for character in text) / max(1, len(text))


def _front_of(front: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)("replace").decode(front).replace("\x85", "\n")
