"""The columns that every domain table has beside its feed's: `_pk`, `_uuid_pk`, `_updated`."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from cdp_assets.sources.text_bytes import text_bytes

PK, UUID_PK, UPDATED = "_pk", "_uuid_pk", "_updated"
SEPARATOR = "|"
OLDEST = int(np.iinfo(np.int64).min)
"""`_updated` of a record whose last-updated field is empty: any other one is newer."""
ROW_BITS = 32
Words = npt.NDArray[np.uint64]

_PRIMES = (0x87C37B91114253D5, 0x4CF5AD432745937F)
_FINAL = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
_WORD_BYTES = 8
_HEX = np.frombuffer(b"".join(b"%02x" % value for value in range(256)), dtype=np.uint16)
_GROUPS = ((0, 8, 0), (8, 12, 9), (12, 16, 14), (16, 20, 19), (20, 32, 24))
"""Of a UUID's hexadecimal digits: from, to, and where they stand between the dashes."""


def primary_key(parts: list[pl.Series]) -> pl.Series:
    """Give `_pk`: a single key as its text, several joined by `|`; null where a part is null.

    In a key of several parts a `|` or `\\` of a value is escaped, so that no two keys are spelled alike.
    """
    texts = [part.cast(pl.String) for part in parts]
    if len(texts) == 1:
        return texts[0].alias(PK)
    escaped = [
        text.str.replace_all("\\", "\\\\", literal=True).str.replace_all("|", "\\|", literal=True) for text in texts
    ]
    return pl.select(pl.concat_str([pl.lit(text) for text in escaped], separator=SEPARATOR)).to_series().alias(PK)


def updated(sequence: int, rows: npt.NDArray[np.int64]) -> pl.Series:
    """Give `_updated` where no field says it: the file's place in the order of arrival, then the row in it.

    A file that the courier landed later beats an earlier one; of one look, the later file date; of one date, the
    later name; of one file, the last row. The same however many runs the files are spread over.
    """
    return pl.Series(UPDATED, (np.int64(sequence) << ROW_BITS) | rows)


def told_apart(table: pa.Schema) -> pa.Schema:
    """Give a domain table's columns without those that follow from the digest of a record's key and its `_updated`."""
    return pa.schema([field for field in table if field.name not in (UUID_PK, UPDATED)])


def digests(texts: pl.Series, seed: str) -> Words:
    """Give 128 bits per text as two columns of words; equal for equal texts and seeds, everywhere and always.

    This is MurmurHash3's mixing (Austin Appleby, public domain), a word at a time over all rows at once. It
    makes ids and finds repeats; it protects nothing.
    """
    words, lengths = _padded_words(texts)
    start = np.frombuffer(hashlib.sha256(seed.encode()).digest()[:16], dtype=np.uint64)
    lanes = np.empty((len(lengths), 2), dtype=np.uint64)
    for lane in range(2):
        lanes[:, lane] = _mixed(words, lengths, start[lane], lane)
    return lanes


def _mixed(words: Words, lengths: Words, start: np.uint64, lane: int) -> Words:
    first, second = (np.uint64(prime) for prime in (_PRIMES if lane == 0 else _PRIMES[::-1]))
    state = np.full(len(lengths), start, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in range(words.shape[1]):
            word = _rotated(words[:, column] * first, 31) * second
            mixed = _rotated(state ^ word, 27) * np.uint64(5) + np.uint64(0x52DCE729)
            state = np.where(lengths > column * _WORD_BYTES, mixed, state)
        state ^= lengths
        for prime in _FINAL:
            state = (state ^ (state >> np.uint64(33))) * np.uint64(prime)
        return state ^ (state >> np.uint64(33))


def _rotated(words: Words, bits: int) -> Words:
    return (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))


def _padded_words(texts: pl.Series) -> tuple[Words, Words]:
    """Spell texts as rows of 8-byte words, zero-padded; give the lengths in bytes too. A null is empty."""
    offsets, data = text_bytes(texts.fill_null("").to_arrow())
    lengths = np.diff(offsets)
    width = max(1, -(-int(lengths.max(initial=0)) // _WORD_BYTES)) * _WORD_BYTES
    padded = np.zeros((len(lengths), width), dtype=np.uint8)
    inside = np.arange(width) < lengths[:, None]
    padded[inside] = data[offsets[0] : offsets[-1]]
    return padded.view("<u8").astype(np.uint64, copy=False), lengths.astype(np.uint64)


def uuids(lanes: Words) -> pa.Array:
    """Spell 128 bits as UUIDs (version 8, a hash of our own)."""
    raw = np.ascontiguousarray(lanes).view(np.uint8).reshape(-1, 16).copy()
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x80
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    text = np.full((len(raw), 36), ord("-"), dtype=np.uint8)
    digits = _HEX[raw].view(np.uint8).reshape(len(raw), 32)
    for start, end, at in _GROUPS:
        text[:, at : at + end - start] = digits[:, start:end]
    offsets = np.arange(len(raw) + 1, dtype=np.int32) * 36
    return pa.Array.from_buffers(pa.string(), len(raw), [None, pa.py_buffer(offsets), pa.py_buffer(text)])
