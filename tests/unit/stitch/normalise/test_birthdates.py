"""Birthdates."""

from __future__ import annotations

import pytest

from tests.unit.stitch.normalise.one import one


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("1980-02-03", "1980-02-03"),
        ("1980-02-03T04:05:06Z", "1980-02-03"),
        ("1980-02-03 00:00:00.000", "1980-02-03"),
        ("19800203", "1980-02-03"),
        ("2/3/1980", "1980-02-03"),
        ("25/3/1980", "1980-03-25"),
        ("3.2.1980", "1980-02-03"),
        ("1862-10-71", "1862-10-71"),
        ("1899-12-31", None),
        ("1900-01-01", None),
        ("1920-01-01", None),
        ("0000-02-29", None),
        ("0000-00-00", None),
        ("sometime", None),
        ("", None),
    ],
)
def test_birthdates(given: str, wanted: str | None) -> None:
    """ISO text; placeholders say nothing; a slip of the pen still resembles the right day."""
    assert one(birthdate=given)["birthdate"] == wanted
