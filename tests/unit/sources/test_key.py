"""The generated columns of a domain table."""

from __future__ import annotations

import uuid

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.sources import key

TEXT = st.text(max_size=40)
KNOWN = [
    "46a6d31d-d71a-8a77-a743-74b7c80bb362",
    "d9c17fb9-3cda-8233-a51a-59eac3ce135f",
    "7ead2a3e-363c-8ae9-a365-1d47042cb6f9",
]


@given(st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=20, unique=True))
def test_different_keys_are_never_spelled_alike(parts: list[tuple[str, str]]) -> None:
    """Values that hold the separator do not run into each other."""
    spelled = key.primary_key([pl.Series([a for a, _ in parts]), pl.Series([b for _, b in parts])])
    assert spelled.n_unique() == len(parts)


def test_a_key_with_a_missing_part_is_no_key() -> None:
    """NULL stays NULL."""
    assert key.primary_key([pl.Series(["a"]), pl.Series([None], dtype=pl.String)]).to_list() == [None]


@given(st.lists(TEXT, max_size=30))
def test_a_digest_belongs_to_its_text_alone(texts: list[str]) -> None:
    """Equal texts have equal digests, different ones different digests, whatever stands beside them."""
    together = key.digests(pl.Series(texts, dtype=pl.String), "shop:orders")
    assert len({tuple(row) for row in together.tolist()}) == len(set(texts))
    for text, row in zip(texts, together, strict=True):
        assert (key.digests(pl.Series([text]), "shop:orders")[0] == row).all()


def test_the_ids_never_change() -> None:
    """Ids made by an earlier version stay: these were written down."""
    found = key.uuids(key.digests(pl.Series(["r1", "a longer key than eight bytes", ""]), "ecom:customers")).to_pylist()
    assert found == KNOWN
    assert all(uuid.UUID(one).version == 8 for one in found)
    assert found != key.uuids(key.digests(pl.Series(["r1"]), "pos:shoppers")).to_pylist()


def test_later_files_and_rows_are_newer() -> None:
    """Order of arrival first, row second."""
    rows = np.array([1, 2, 4_000_000_000])
    first, second = key.updated(1, rows), key.updated(2, rows)
    assert first.is_sorted()
    assert first.max() < second.min()
