"""Hashes and encodings of bytes that Spark has not, or has with another seed or alphabet."""

from __future__ import annotations

import base64
import binascii
import hmac
import unicodedata
import urllib.parse
from collections.abc import Callable
from functools import partial

MASK = (1 << 64) - 1
P1, P2, P3, P4, P5 = (
    0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5,
)  # fmt: skip
C1, C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F


def _rotl(value: int, count: int) -> int:
    return (value << count | value >> (64 - count)) & MASK


def _round(total: int, lane: int) -> int:
    return _rotl((total + lane * P2) & MASK, 31) * P1 & MASK


def _word(data: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(data[at : at + size], "little")


def xxhash64(data: bytes | None) -> bytes | None:
    """Give the hash of bytes, seed 0, most significant byte first.

    Source: Collet, xxHash fast digest algorithm, version 0.1.1.

    >>> xxhash64(b"abc").hex()
    '44bc2cf5ad770999'
    """
    if data is None:
        return None
    at, size = 0, len(data)
    if size >= 32:
        lanes = [(P1 + P2) & MASK, P2, 0, -P1 & MASK]
        while at <= size - 32:
            lanes = [_round(lane, _word(data, at + 8 * place)) for place, lane in enumerate(lanes)]
            at += 32
        total = sum(_rotl(lane, turn) for lane, turn in zip(lanes, (1, 7, 12, 18), strict=True)) & MASK
        for lane in lanes:
            total = ((total ^ _round(0, lane)) * P1 + P4) & MASK
    else:
        total = P5
    return _finished(_tail(data, at, (total + size) & MASK)).to_bytes(8, "big")


def _tail(data: bytes, at: int, total: int) -> int:
    while at + 8 <= len(data):
        total = (_rotl(total ^ _round(0, _word(data, at)), 27) * P1 + P4) & MASK
        at += 8
    if at + 4 <= len(data):
        total = (_rotl(total ^ _word(data, at, 4) * P1 & MASK, 23) * P2 + P3) & MASK
        at += 4
    for byte in data[at:]:
        total = _rotl(total ^ byte * P5 & MASK, 11) * P1 & MASK
    return total


def _finished(total: int) -> int:
    total = (total ^ total >> 33) * P2 & MASK
    total = (total ^ total >> 29) * P3 & MASK
    return total ^ total >> 32


def murmur3(data: bytes | None) -> bytes | None:
    """Give the hash of 128 bits, seed 0.

    Source: Appleby, MurmurHash3_x64_128.

    >>> murmur3(b"abc").hex()
    '6778ad3f3f3f96b4522dca264174a23b'
    """
    if data is None:
        return None
    one = other = 0
    whole = len(data) // 16 * 16
    for at in range(0, whole, 16):
        one ^= _rotl(_word(data, at) * C1 & MASK, 31) * C2 & MASK
        one = ((_rotl(one, 27) + other) * 5 + 0x52DCE729) & MASK
        other ^= _rotl(_word(data, at + 8) * C2 & MASK, 33) * C1 & MASK
        other = ((_rotl(other, 31) + one) * 5 + 0x38495AB5) & MASK
    rest = data[whole:]
    other ^= _rotl(_word(rest, 8) * C2 & MASK, 33) * C1 & MASK
    one ^= _rotl(_word(rest, 0) * C1 & MASK, 31) * C2 & MASK
    one, other = one ^ len(data), other ^ len(data)
    one = (one + other) & MASK
    other = (other + one) & MASK
    one, other = _mixed(one), _mixed(other)
    one = (one + other) & MASK
    return one.to_bytes(8, "little") + ((other + one) & MASK).to_bytes(8, "little")


def _mixed(value: int) -> int:
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & MASK
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return value ^ value >> 33


def _hmac(name: str, data: bytes | None, key: bytes | None) -> bytes | None:
    return None if data is None or key is None else hmac.digest(bytes(key), bytes(data), name)


def _encoded(encode: Callable[[bytes], bytes], data: bytes | None) -> str | None:
    return None if data is None else encode(bytes(data)).decode()


def _decoded(decode: Callable[[str], bytes], text: str | None) -> bytes | None:
    try:
        return None if text is None else decode(text)
    except (binascii.Error, ValueError):
        return None


def _padded(text: str, size: int) -> str:
    return text + "=" * (-len(text.rstrip("=")) % size) if "=" not in text else text


def from_base64(text: str) -> bytes:
    """Read base 64, padded or not."""
    return base64.b64decode(_padded(text, 4), validate=True)


def from_base64url(text: str) -> bytes:
    """Read base 64 with the alphabet of URLs."""
    return base64.b64decode(_padded(text, 4), altchars=b"-_", validate=True)


def from_base32(text: str) -> bytes:
    """Read base 32."""
    return base64.b32decode(_padded(text, 8))


def from_utf8(data: bytes | None) -> str | None:
    """Read UTF-8; what is none becomes the replacement character."""
    return None if data is None else bytes(data).decode("utf-8", "replace")


def normalize(text: str | None, form: str) -> str | None:
    """Give text in one of Unicode's normal forms."""
    return None if text is None else unicodedata.normalize(form, text)  # type: ignore[arg-type]


def url_part(url: str | None, part: str) -> str | None:
    """Give a part of a URL, empty where it has none; nothing for what is no URL."""
    split = _split(url)
    if split is None:
        return None
    if part == "port":
        try:
            return None if split.port is None else str(split.port)
        except ValueError:
            return None
    host = (split.netloc.rpartition("@")[2].partition(":")[0]) if part == "host" else ""
    found = {
        "protocol": split.scheme,
        "host": host,
        "path": split.path,
        "query": split.query,
        "fragment": split.fragment,
    }
    return found[part] if part == "host" else urllib.parse.unquote(found[part])


def _split(url: str | None) -> urllib.parse.SplitResult | None:
    if url is None or any(letter in ' "<>\\^`{|}' or ord(letter) < 32 for letter in url):
        return None
    try:
        return urllib.parse.urlsplit(url)
    except ValueError:
        return None


def url_parameter(url: str | None, name: str | None) -> str | None:
    """Give the first value of a parameter; empty where it stands without one."""
    split = _split(url)
    if split is None or name is None:
        return None
    for part in split.query.split("&"):
        key, _, value = part.partition("=")
        if split.query and urllib.parse.unquote_plus(key) == name:
            return urllib.parse.unquote_plus(value)
    return None


def url_encode(text: str | None) -> str | None:
    """Escape text as forms do."""
    return None if text is None else urllib.parse.quote_plus(text, safe="*-_.").replace("~", "%7E")


def url_decode(text: str | None) -> str | None:
    """Undo the escapes of forms."""
    return None if text is None else urllib.parse.unquote_plus(text)


KERNELS: dict[str, tuple[Callable[..., object], str]] = {
    "xxhash64": (xxhash64, "binary"),
    "murmur3": (murmur3, "binary"),
    **{f"hmac_{name}": (partial(_hmac, name), "binary") for name in ("md5", "sha1", "sha256", "sha512")},
    "to_base64": (partial(_encoded, base64.b64encode), "string"),
    "to_base64url": (partial(_encoded, base64.urlsafe_b64encode), "string"),
    "to_base32": (partial(_encoded, base64.b32encode), "string"),
    "from_base64": (partial(_decoded, from_base64), "binary"),
    "from_base64url": (partial(_decoded, from_base64url), "binary"),
    "from_base32": (partial(_decoded, from_base32), "binary"),
    "from_utf8": (from_utf8, "string"),
    "normalize": (normalize, "string"),
    "url_part": (url_part, "string"),
    "url_parameter": (url_parameter, "string"),
    "url_encode": (url_encode, "string"),
    "url_decode": (url_decode, "string"),
}
