"""Phone numbers."""

from __future__ import annotations

import pytest

from tests.unit.stitch.normalise.one import one


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("(333)-444-5678", "3334445678"),
        ("415 290 5727", "4152905727"),
        ("+1 (978) 425 6779", "9784256779"),
        ("222 4455", "2224455"),
    ],
)
def test_documented_examples(given: str, wanted: str) -> None:
    """Word for word. Source: docs.amperity.com/reference/stitch.html, Phone numbers."""
    assert one(phone=given)["phone"] == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("206-555-0143 ext. 12", "2065550143"),
        ("206.555.0143x7", "2065550143"),
        ("2065550143.0", "2065550143"),
        ("12065550143.0", "2065550143"),
        ("2.065550143E9", "2065550143"),
        ("2.065550143e+09", "2065550143"),
        ("206.555.0000", "2065550000"),
        ("206-555-0143 / 206-555-0199", "2065550143"),
        ("٢٠٦٥٥٥٠١٤٣", "2065550143"),
        ("８６７５３０９", "8675309"),
        ("1111111111", None),
        ("1234567890", None),
        ("000-000-0001", None),
        ("(206) 555-1212", None),
        ("12", None),
        ("none", None),
    ],
)
def test_phones(given: str, wanted: str | None) -> None:
    """Extensions go; runs of one digit, sequences and directory assistance are nobody's phone."""
    assert one(phone=given)["phone"] == wanted


@pytest.mark.parametrize(
    "given", ["+44 20 7946 0958", "+44 (0)20 7946 0958", "0044 20 7946 0958", "020 7946 0958", "(020) 7946-0958"]
)
def test_a_number_is_one_at_home_and_abroad(given: str) -> None:
    """Whether its country's code stands before it or the zero of its own area."""
    assert one(phone=given)["phone"] == one(phone=given, country="United Kingdom")["phone"] == "2079460958"


@pytest.mark.parametrize(
    ("country", "given", "wanted"),
    [
        ("DE", "49 30 1234567", "301234567"),
        ("Deutschland", "030 1234567", "301234567"),
        ("FR", "01 44 55 66 77", "144556677"),
        ("RU", "8 912 345-67-89", "9123456789"),
        ("ES", "912 345 678", "912345678"),
        ("GB", "12", None),
        ("GB", "not a number", None),
    ],
)
def test_the_country_of_the_record_says_more(country: str, given: str, wanted: str | None) -> None:
    """Its rules say which digits are the subscriber's."""
    assert one(phone=given, country=country)["phone"] == wanted


def test_australia_is_home_with_its_profile() -> None:
    """Where the record names no country."""
    number = "61 412 345 678"
    assert one(("australian-customer",), phone=number)["phone"] == one(phone="0412 345 678")["phone"] == "412345678"
    assert one(phone=number)["phone"] == "1412345678"
    assert one(("australian-customer",), phone="+1 978 425 6779", country="US")["phone"] == "9784256779"
