"""Towns, states, postal codes and countries."""

from __future__ import annotations

import pytest

from tests.unit.stitch.normalise.one import one


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("St. Louis", "SAINT LOUIS"),
        ("Saint-Étienne", "SAINT ETIENNE"),
        ("Stow", "STOW"),
        ("NEED CITY", None),
        ("", None),
    ],
)
def test_towns(given: str, wanted: str | None) -> None:
    """Their first word in full, no accents, no hyphens."""
    assert one(city=given)["city"] == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("california", "CA"), ("Calif.", "CA"), ("N.Y.", "NY"), ("Québec", "QC"), ("New South Wales", "NSW"),
        ("Bayern", "BAYERN"), ("NA", None),
    ],
)  # fmt: skip
def test_states(given: str, wanted: str | None) -> None:
    """By their codes."""
    assert one(state=given)["state"] == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("USA", "US"), ("United States of America", "US"), ("u.s.", "US"), ("Deutschland", "DE"), ("España", "ES"),
        ("GBR", "GB"), ("England", "GB"), ("Atlantis", "ATLANTIS"), ("n/a", None),
    ],
)  # fmt: skip
def test_countries(given: str, wanted: str | None) -> None:
    """By the two letters of ISO 3166."""
    assert one(country=given)["country"] == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("98101-1234", "98101"), ("981011234", "98101"), ("02138", "02138"),
        ("98101.0", "98101"), ("k1a 0b1", "K1A0B1"),
        ("SW1A 1AA", "SW1A1AA"), ("00000", None), ("11111", None), ("1", None), ("none", None),
    ],
)  # fmt: skip
def test_postal_codes(given: str, wanted: str | None) -> None:
    """Five digits of nine, no spaces, no placeholders, leading zeros kept."""
    assert one(postal=given)["postal"] == wanted


@pytest.mark.parametrize(
    ("state", "country", "wanted"),
    [("MA", None, "02138"), ("Massachusetts", "USA", "02138"), ("NSW", None, "2138"), ("MA", "AU", "2138")],
)
def test_a_zero_that_a_spreadsheet_ate(state: str, country: str | None, wanted: str) -> None:
    """Comes back where the state's codes begin with one."""
    assert one(postal="2138", state=state, country=country)["postal"] == wanted
