"""The benchmark of many small files says so when the last of them cost more than the first, or one is lost."""

from __future__ import annotations

import pytest

from benchmarks.exchange.many import Figures, growth, missed, table


def figures(files: int, load_s: float, rows: int | None = None) -> Figures:
    """Give what a number of files took."""
    seconds = {"land": files / 1000, "load": load_s, "look again": files / 10_000}
    return {"files": files, "rows": files if rows is None else rows, "memory_mb": 300.0} | seconds


def test_a_straight_line_meets_the_aim() -> None:
    """Ten times the files, ten times the time."""
    found = [figures(1_000, 5.0), figures(10_000, 50.0)]
    assert growth(found, "load") == pytest.approx(1.0)
    assert missed(found) == []
    assert "every aim is met" in table(found)


def test_time_that_grows_with_the_square_is_told() -> None:
    """As it did when each file had a commit of its own."""
    assert missed([figures(1_000, 5.0), figures(10_000, 500.0)]) == ["load grows"]


def test_a_lost_row_is_told() -> None:
    """Also of a single number of files, where nothing can grow."""
    assert missed([figures(1_000, 5.0, rows=999)]) == ["999 rows of 1,000"]
