"""Companies."""

from __future__ import annotations

import pytest

from tests.unit.stitch.normalise.one import one


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("The ACME Co., Inc.", "ACME"),
        ("Acme", "ACME"),
        ("Müller & Söhne GmbH", "MULLER AND SOHNE"),
        ("Müller und Co. KG", "MULLER UND"),
        ("Inc", "INC"),
        ("self-employed", None),
        ("N/A", None),
    ],
)
def test_companies(given: str, wanted: str | None) -> None:
    """Without the legal form."""
    assert one(company=given)["company"] == wanted
