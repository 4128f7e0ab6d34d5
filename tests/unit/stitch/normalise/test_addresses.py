"""Address lines of a record."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cdp_assets.stitch.normalise import street_lines
from cdp_assets.stitch.normalise.addresses import lines
from tests.unit.stitch.normalise.one import one

KNOWN = (
    "N", "S", "E", "W", "NE", "ST", "DR", "AVE", "RD", "CT", "MT", "FT", "BIS", "TER", "FLAT", "APT", "FLOOR", "REAR",
    "BOX", "PO", "BP", "CP", "HWY", "NO", "LA", "STR", "ELM", "MAIN", "KIRCHSTR", "1ST", "22ND", "99TH", "101ST",
    "212TH", "1001ST", "WINSTON", "SAINT", "NORTH", "SOUTHEAST",
)  # fmt: skip
"""Words that mean something to the parser, and some that mean nothing."""


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("123 W. Elm St.", "123 WEST ELM STREET"),
        ("123 West Elm St.", "123 WEST ELM STREET"),
        ("123 W Elm St", "123 WEST ELM STREET"),
        ("123 West Elm Street", "123 WEST ELM STREET"),
        ("44 holiday dr.", "44 HOLIDAY DRIVE"),
        ("44 Holiday Dr.", "44 HOLIDAY DRIVE"),
        ("44 Holiday Drive", "44 HOLIDAY DRIVE"),
        ("1000 1st Ave. Ste. 1960", "1000 FIRST AVENUE SUITE 1960"),
    ],
)
def test_documented_examples(given: str, wanted: str) -> None:
    """Word for word. Source: docs.amperity.com/reference/stitch.html, Addresses."""
    assert one(address=given)["full_address"] == wanted


def test_two_lines_are_shown_as_one() -> None:
    """The documented example of a PO box, which has a column of its own besides."""
    found = one(address="555 Puget Ave", address2="P.O. Box 555")
    assert found["full_address"] == "555 PUGET AVENUE PO BOX 555"
    assert (found["address"], found["po_box"], found["address2"]) == ("555 PUGET AVENUE", "555", None)


@pytest.mark.parametrize(
    ("address", "address2", "wanted"),
    [
        ("12 N. Main St", "Apt 4B", ("12 NORTH MAIN STREET", "4B", None)),
        ("12 N. Main St", "4B", ("12 NORTH MAIN STREET", "4B", None)),
        ("12 N. Main St", "Rose House", ("12 NORTH MAIN STREET", None, "ROSE HOUSE")),
        ("Rose House", "12 Main St", ("12 MAIN STREET", None, "ROSE HOUSE")),
        (None, "12 Main St #7", ("12 MAIN STREET", "7", None)),
        ("12 Main St", "C/O Bob Jones", ("12 MAIN STREET", None, None)),
        ("12 Main St #7", "Apt 8", ("12 MAIN STREET", "7", None)),
        ("12 Main St", "n/a", ("12 MAIN STREET", None, None)),
        ("General Delivery", None, (None, None, None)),
    ],
)
def test_two_lines(address: str | None, address2: str | None, wanted: tuple[str | None, ...]) -> None:
    """The unit from either line; the line with a house number is the street."""
    found = one(address=address, address2=address2)
    assert (found["address"], found["unit"], found["address2"]) == wanted


@pytest.mark.parametrize("form", ["12 {}", "{} 12", "{}, 12A", "12 {} #5", "12 {}, APT 5B", "{} 12 WHG 3", "12, {}"])
def test_plain_lines_are_read_all_at_once_as_one_by_one(form: str) -> None:
    """A number and words, of any kind of word that the parser knows."""
    draw = np.random.default_rng(1)
    words = [" ".join(KNOWN[place] for place in draw.integers(0, len(KNOWN), count)) for count in [1, 2, 3] * 100]
    texts = [form.format(some) for some in words]
    assert lines(pl.Series(texts)).rows() == [tuple(street_lines.line(text)) for text in texts]
