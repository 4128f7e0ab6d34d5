"""Columns of records by number."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cdp_assets.stitch.column import column_of


@pytest.mark.parametrize("texts", [["b", None, "a", "b"], [None, "a", None, "b"], [None, None, None, None]])
def test_the_texts_of_some_records_are_those_that_they_hold(texts: list[str | None]) -> None:
    """Wherever one holds none, the first included."""
    rows = np.array([1, 0, 3, 3, 2], dtype=np.int32)
    found = column_of(pl.Series(texts, dtype=pl.String)).texts_of(rows)
    assert found.to_list() == [texts[row] for row in rows]
    assert found.dtype == pl.String
