"""What a file is wrapped in: told by its first bytes, and promised by its name."""

from __future__ import annotations

import re
from typing import Literal

from cdp_assets.errors import SourceError

Layer = Literal["pgp", "gzip", "tar", "zip"]
FRONT_BYTES = 512
"""Enough to tell every layer: one header of a tar."""

SPELLED: dict[Layer, str] = {"pgp": "PGP encrypted", "gzip": "gzip", "tar": "a tar archive", "zip": "a zip archive"}
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x00\x00PK\x03\x04", b"PK\x07\x08PK\x03\x04")
"""With members, without any, and the first of several disks, which may be the only one."""
_ARMOUR = b"-----BEGIN PGP MESSAGE-----"
_TO_A_KEY, _TO_A_PASSPHRASE = 1, 3
"""The two packets that an encrypted message can begin with (RFC 9580, 5.1 and 5.3)."""
_ALGORITHMS = {1, 2, 16, 18, 25, 26}
"""That keys encrypt by. CBOR and EBCDIC may begin as a packet does, and then differ here."""
_CHECKSUM = slice(148, 156)
_ENDINGS: dict[str, tuple[Layer, ...]] = {
    "pgp": ("pgp",),
    "gpg": ("pgp",),
    "gz": ("gzip",),
    "gzip": ("gzip",),
    "tgz": ("gzip", "tar"),
    "tar": ("tar",),
    "zip": ("zip",),
}


def layer_of(front: bytes) -> Layer | None:
    """Give what a file's first bytes show it to be wrapped in, if anything.

    >>> layer_of(b"\\x1f\\x8b\\x08"), layer_of(b"id,name\\n")
    ('gzip', None)
    """
    if front.startswith(_GZIP):
        return "gzip"
    if front.startswith(_ZIP):
        return "zip"
    if front.lstrip().startswith(_ARMOUR) or _begins_message(front):
        return "pgp"
    return "tar" if _is_tar_header(front) else None


def is_empty_tar(front: bytes) -> bool:
    """Say whether a file begins as a tar without members does: with a block of zeros, as other files may."""
    return len(front) == FRONT_BYTES and not any(front)


def promised(name: str) -> tuple[Layer, ...]:
    """Give what a name says that its file is wrapped in, the outermost first.

    >>> promised("orders_2026_11_20.csv.tar.gz.pgp"), promised("orders.csv")
    (('pgp', 'gzip', 'tar'), ())
    """
    layers: list[Layer] = []
    for ending in reversed(name.lower().split(".")[1:]):
        if ending not in _ENDINGS:
            break
        layers += _ENDINGS[ending]
    return tuple(layers)


def refuse_broken_promise(name: str, found: list[Layer], file: str) -> None:
    """Raise SourceError where a name promises a layer that its file does not have.

    A file that should be encrypted and is not, or one of which nothing arrived, would pass as its content otherwise.
    More layers than the name says are no harm.
    """
    for layer in promised(name):
        if layer not in found:
            problem = f"is named as if it were {SPELLED[layer]}, and is not"
            raise SourceError(file, problem, "a whole file of that kind, or a name without that ending")


def _begins_message(front: bytes) -> bool:
    """Say whether these are the first bytes of an encrypted message: its first packet's header and what must follow."""
    if len(front) < 2 or not front[0] & 0x80:
        return False
    if front[0] & 0x40:
        tag, first = front[0] & 0x3F, front[1]
        length_bytes = 1 if first < 192 else 2 if first < 224 else 5
    else:
        tag, length_bytes = (front[0] >> 2) & 0x0F, (1, 2, 4, 0)[front[0] & 3]
    body = front[1 + length_bytes : 11 + length_bytes]
    if tag == _TO_A_KEY:  # version, eight bytes of the key's id, algorithm
        return len(body) == 10 and body[0] == 3 and body[9] in _ALGORITHMS
    # version, cipher, kind of hashing
    return (
        tag == _TO_A_PASSPHRASE and len(body) > 2 and body[0] == 4 and body[1] in range(1, 14) and body[2] in range(4)
    )


def _is_tar_header(front: bytes) -> bool:
    """Say whether the block's checksum is right: older tars have no other mark."""
    stated = front[_CHECKSUM].strip(b" \0")
    if len(front) < FRONT_BYTES or not re.fullmatch(rb"[0-7]+", stated):
        return False
    blanked = front[: _CHECKSUM.start] + b" " * 8 + front[_CHECKSUM.stop : FRONT_BYTES]
    return sum(blanked) == int(stated, 8)
