"""Hashes that stay the same across processes, machines and versions of Python."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

CHUNK_BYTES = 1 << 20


def canonical_json(value: Any) -> str:
    """Give one spelling to equal values: sorted keys, no spaces, no NaN.

    >>> canonical_json({"b": 1, "a": [True, None]})
    '{"a":[true,null],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_of(value: Any) -> str:
    """Hash a JSON-like value by its canonical spelling; 64 hex digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Hash a file's bytes in chunks; 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def keyed_uuids(key: bytes, rows: Iterable[Sequence[str]]) -> list[str]:
    """Make a UUID (version 8, RFC 9562) of each row's parts that only the holder of `key` can make.

    The same key and parts give the same id everywhere; parts are length-prefixed, so
    ("ab", "c") and ("a", "bc") differ.
    """
    return [_uuid(hmac.digest(key, b"".join(map(_prefixed, row)), "sha256").hex()) for row in rows]


def _prefixed(part: str) -> bytes:
    raw = part.encode()
    return len(raw).to_bytes(4, "big") + raw


def _uuid(digits: str) -> str:
    """Spell 32 digits of a hash as a UUID, with the bits of its version and variant set."""
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
