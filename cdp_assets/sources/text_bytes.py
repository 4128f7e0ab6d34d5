"""Looks at a column of texts as the bytes that Arrow holds, without making a value of any of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.types as is_

_LAST_SPACE, _FIRST_BEYOND_ASCII = 0x20, 0x80

Offsets = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


def text_bytes(column: pa.Array) -> tuple[Offsets, Bytes]:
    """Give where each text begins and the last one ends, and the bytes that this is about; a null has any."""
    width = np.int64 if is_.is_large_string(column.type) else np.int32
    _, offsets, data = column.buffers()
    if not len(column):
        return np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    found = np.frombuffer(offsets, dtype=width)[column.offset : column.offset + len(column) + 1]
    return found.astype(np.int64, copy=False), np.frombuffer(data or b"", dtype=np.uint8)


def may_have_space_around(column: pa.Array) -> bool:
    """Say whether a text may begin or end with space: with a control character, or one beyond ASCII, which may be any.

    >>> may_have_space_around(pa.array(["a b", "", None])), may_have_space_around(pa.array(["a", "b "]))
    (False, True)
    """
    if not (is_.is_string(column.type) or is_.is_large_string(column.type)):
        return True
    offsets, data = text_bytes(column)
    some = offsets[1:] > offsets[:-1]
    outer = data[offsets[:-1][some]], data[offsets[1:][some] - 1]
    return any(bool(((one <= _LAST_SPACE) | (one >= _FIRST_BEYOND_ASCII)).any()) for one in outer)
