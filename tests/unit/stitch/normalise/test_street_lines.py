"""One line of an address read."""

from __future__ import annotations

import pytest

from cdp_assets.stitch.normalise.street_lines import ORDINALS, line


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12 NORTH MAIN STREET #7", ("12 NORTH MAIN STREET", "7", None)),
        ("12 MAIN ST., UNIT 5B", ("12 MAIN STREET", "5B", None)),
        ("12 MAIN ST NO 5", ("12 MAIN STREET", "5", None)),
        ("12 HIGH ST APT 4 FL 3", ("12 HIGH STREET", "4 3", None)),
        ("12 HIGH ST, 3RD FLOOR", ("12 HIGH STREET", "3", None)),
        ("3RD FLOOR, 12 HIGH ST", ("12 HIGH STREET", "3", None)),
        ("12 HIGH ST REAR", ("12 HIGH STREET", "REAR", None)),
        ("12 FRONT ST", ("12 FRONT STREET", None, None)),
        ("12 FLOOR LN", ("12 FLOOR LANE", None, None)),
        ("FLAT 2, 12 HIGH STREET", ("12 HIGH STREET", "2", None)),
        ("5/12 HIGH STREET", ("12 HIGH STREET", "5", None)),
        ("UNIT 5/12 HIGH ST", ("12 HIGH STREET", "5", None)),
        ("LEVEL 3, 12 PITT ST", ("12 PITT STREET", "3", None)),
        ("HAUPTSTR. 5", ("5 HAUPTSTRASSE", None, None)),
        ("HAUPTSTRASSE 5A", ("5A HAUPTSTRASSE", None, None)),
        ("12 BIS RUE DE LA PAIX", ("12BIS RUE DE LA PAIX", None, None)),
        ("12 TER AV FOCH", ("12TER AVENUE FOCH", None, None)),
        ("12 TER WAARBEEK WAY", ("12 TERRACE WAARBEEK WAY", None, None)),
        ("12, RUE DE LA PAIX", ("12 RUE DE LA PAIX", None, None)),
        ("CALLE MAYOR 3, 2O B", ("3 CALLE MAYOR", "2B", None)),
        ("C/ MAYOR 3, 2O IZQ", ("3 CALLE MAYOR", "2IZQ", None)),
        ("VIA ROMA, 12/A", ("12A VIA ROMA", None, None)),
        ("KERKSTRAAT 12 A", ("12A KERKSTRAAT", None, None)),
        ("KERKSTRAAT 12-3", ("12-3 KERKSTRAAT", None, None)),
        ("UL. MARSZALKOWSKA 5/7", ("5 ULICA MARSZALKOWSKA", "7", None)),
        ("12 ST JAMES ST", ("12 SAINT JAMES STREET", None, None)),
        ("1000 DR MARTIN LUTHER KING BLVD", ("1000 DOCTOR MARTIN LUTHER KING BOULEVARD", None, None)),
        ("1400 E ST NW", ("1400 EAST STREET NORTHWEST", None, None)),
        ("12 A ST", ("12 A STREET", None, None)),
        ("US HWY 1", ("US HIGHWAY 1", None, None)),
        ("12 CR 7", ("12 COUNTY ROAD 7", None, None)),
        ("I-5 EXIT 3", ("INTERSTATE 5 EXIT 3", None, None)),
        ("100 WINSTON-SALEM PKWY", ("100 WINSTON SALEM PARKWAY", None, None)),
        ("12-14 O'NEILL RD", ("12-14 ONEILL ROAD", None, None)),
        ("C/O JOHN SMITH 12 ELM ST", ("12 ELM STREET", None, None)),
        ("P.O. BOX 77", (None, None, "77")),
        ("12 ELM ST P.O.BOX 77", ("12 ELM STREET", None, "77")),
        ("BP 123", (None, None, "123")),
        ("POSTFACH 1234", (None, None, "1234")),
        ("APARTADO DE CORREOS 55", (None, None, "55")),
        ("CASILLA 12", (None, None, "12")),
        ("GPO BOX 555", (None, None, "555")),
        ("123 MAIN ST, APT 4, SEATTLE, WA 98101", ("123 MAIN STREET", "4", None)),
        ("11", ("11", None, None)),
        ("", (None, None, None)),
    ],
)
def test_lines(text: str, wanted: tuple[str | None, ...]) -> None:
    """Words in full, the number first, the unit and the box apart, in several countries' habits."""
    found = line(text)
    assert (found.address, found.unit, found.po_box) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("P.O. BOX 12, SEATTLE", (None, None, "12")),
        ("PO BOX 12 SEATTLE WA 98101", (None, None, "12")),
        ("PO BOX 1234-5 SEATTLE", (None, None, "1234")),
        ("PO BOX 12, APT 5, ST LOUIS", (None, "5", "12")),
        ("PO BOX 12, DUBLIN 2", (None, None, "12")),
        ("PO BOX 12, LONDON SW1A 1AA", (None, None, "12")),
        ("GPO BOX 555, BONDI BEACH NSW 2026", (None, None, "555")),
        ("POSTFACH 1234, 10115 BERLIN", (None, None, "1234")),
        ("PO BOX 12, 111 22 STOCKHOLM", (None, None, "12")),
        ("12 HIGH ST, PO BOX 5, SEATTLE", ("12 HIGH STREET", None, "5")),
    ],
)
def test_what_follows_a_box_is_a_town(text: str, wanted: tuple[str | None, ...]) -> None:
    """Not a street that everybody there would share; the line is still shown as it was."""
    found = line(text)
    assert (found.address, found.unit, found.po_box) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("PO BOX 5, 12 HIGH ST", "12 HIGH STREET"),
        ("PO BOX 5, APT 7, 12 HIGH ST", "12 HIGH STREET"),
        ("PO BOX 5, 12 BROADWAY", "12 BROADWAY"),
        ("PO BOX 5 12345 MAIN ST", "12345 MAIN STREET"),
        ("PO BOX 5 5TH AVE", "FIFTH AVENUE"),
        ("BP 5, 12 RUE DE LA PAIX", "12 RUE DE LA PAIX"),
        ("POSTFACH 1234, HAUPTSTR. 5", "5 HAUPTSTRASSE"),
        ("APARTADO 55, CALLE MAYOR 3", "3 CALLE MAYOR"),
    ],
)
def test_what_follows_a_box_with_a_house_number_is_a_street(text: str, wanted: str) -> None:
    """In either order, with a unit or without."""
    assert line(text).address == wanted


def test_a_line_that_is_nothing_but_a_box_is_shown() -> None:
    """With its town, as it was written."""
    assert line("P.O. BOX 12, SEATTLE").full_address == "PO BOX 12 SEATTLE"


def test_numbers_of_streets_are_words() -> None:
    """From the first to the nine hundred and ninety-ninth."""
    assert len(ORDINALS) == 999
    assert [ORDINALS[number] for number in ("1ST", "12TH", "20TH", "22ND", "99TH")] == [
        "FIRST", "TWELFTH", "TWENTIETH", "TWENTY SECOND", "NINETY NINTH",
    ]  # fmt: skip
    assert [ORDINALS[number] for number in ("100TH", "101ST", "111TH", "212TH", "322ND", "999TH")] == [
        "ONE HUNDREDTH", "ONE HUNDRED FIRST", "ONE HUNDRED ELEVENTH", "TWO HUNDRED TWELFTH",
        "THREE HUNDRED TWENTY SECOND", "NINE HUNDRED NINETY NINTH",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12 101ST ST", "12 ONE HUNDRED FIRST STREET"),
        ("12 W 125TH ST APT 4", "12 WEST ONE HUNDRED TWENTY FIFTH STREET"),
        ("101 ST", "101 STREET"),
        ("101 ST JAMES ST", "101 SAINT JAMES STREET"),
    ],
)
def test_only_numbers_with_their_ending_are_words(text: str, wanted: str) -> None:
    """After a number and a space, ST is a street or a saint."""
    assert line(text).address == wanted
