"""Addresses that were written into one line."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.normalise.one import one

PLACE = ("address", "unit", "city", "state", "postal")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("123 Main St, Seattle, WA 98101", ("123 MAIN STREET", None, "SEATTLE", "WA", "98101")),
        ("123 Main St., Apt 4B, Seattle, Wash. 98101-1234, USA", ("123 MAIN STREET", "4B", "SEATTLE", "WA", "98101")),
        ("123 Main St\nSeattle WA 98101", ("123 MAIN STREET", None, "SEATTLE", "WA", "98101")),
        ("123 Main St\r\nSt. Louis, MO", ("123 MAIN STREET", None, "SAINT LOUIS", "MO", None)),
        ("7 Elm Rd, New York, New York 10001", ("7 ELM ROAD", None, "NEW YORK", "NY", "10001")),
        ("5 King St, Toronto, ON M5V 2T6, Canada", ("5 KING STREET", None, "TORONTO", "ON", "M5V2T6")),
        ("1 George St, Sydney NSW 2000", ("1 GEORGE STREET", None, "SYDNEY", "NSW", "2000")),
        ("10 High Street, London SW1A 1AA", ("10 HIGH STREET", None, "LONDON", None, "SW1A1AA")),
        ("Hauptstr. 5, D-10115 Berlin", ("5 HAUPTSTRASSE", None, "BERLIN", None, "10115")),
        ("12 rue de la Paix, 75002 Paris, France", ("12 RUE DE LA PAIX", None, "PARIS", None, "75002")),
        ("Rua Augusta 44, 01310-100 São Paulo", ("44 RUA AUGUSTA", None, "SAO PAULO", None, "01310100")),
        ("123 Main St, Apt 4B", ("123 MAIN STREET", "4B", None, None, None)),
        ("123 Main St, Suite 5, CO", ("123 MAIN STREET SUITE 5 CO", None, None, None, None)),
        ("123 Main St", ("123 MAIN STREET", None, None, None, None)),
    ],
)
def test_a_line_says_where_it_is_as_columns_would(line: str, wanted: tuple[str | None, ...]) -> None:
    found = one(address=line)
    assert tuple(found[name] for name in PLACE) == wanted


def test_columns_of_their_own_win() -> None:
    """What they do not say, the line does."""
    found = one(address="123 Main St, Seattle, WA 98101", city="Tacoma", postal=" ")
    assert tuple(found[name] for name in PLACE) == ("123 MAIN STREET", None, "TACOMA", "WA", "98101")


def test_one_line_and_several_columns_are_the_same() -> None:
    keys = {"datasource": ["a"], "pk": ["1"]}
    line = pl.DataFrame({**keys, "address": ["123 Main St #4, Seattle, WA 98101"]})
    columns = pl.DataFrame(
        {**keys, "address": ["123 Main St #4"], "city": ["Seattle"], "state": ["WA"], "postal": ["98101"]}
    )
    assert normalised(line).equals(normalised(columns))
