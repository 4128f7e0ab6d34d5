"""Texts as bytes, where a slice shares them with others."""

from __future__ import annotations

import itertools

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.sources.text_bytes import may_have_space_around, text_bytes

TEXTS = st.lists(st.none() | st.text(max_size=6), max_size=8)
KINDS = st.sampled_from([pa.string(), pa.large_string()])


@given(TEXTS, KINDS, st.integers(0, 8))
def test_the_bytes_of_each_text_are_between_its_places(texts: list[str | None], kind: pa.DataType, start: int) -> None:
    offsets, data = text_bytes(pa.array(texts, kind)[start:])
    found = [data[begin:end].tobytes() for begin, end in itertools.pairwise(offsets)]
    assert found == [(text or "").encode() for text in texts[start:]]


@given(TEXTS, KINDS, st.integers(0, 8))
def test_no_space_is_overlooked(texts: list[str | None], kind: pa.DataType, start: int) -> None:
    """Python's own idea of space is the oracle; that some texts are looked at in vain does no harm."""
    column = pa.array(texts, kind)[start:]
    assert may_have_space_around(column) or all(text == text.strip() for text in column.to_pylist() if text)


@pytest.mark.parametrize("text", [" a", "a ", "\ta", "a\u00a0", "\u3000a", "\x85a"])
def test_space_of_every_kind_is_seen(text: str) -> None:
    assert may_have_space_around(pa.array(["b", text]))


def test_plain_texts_have_none() -> None:
    assert not may_have_space_around(pa.array(["a b", "", None, "2026-11-20 10:00:00"]))


def test_columns_that_are_no_texts_may() -> None:
    """They become texts first."""
    assert may_have_space_around(pa.array([1, 2]))
