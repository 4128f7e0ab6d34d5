"""Records in the spelling that Stitch compares."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.stitch.normalise.records import normalised


def one(**values: str | None) -> dict[str, str | None]:
    """Normalise a single record."""
    record = pl.DataFrame({"datasource": ["a:b"], "pk": ["1"], **{name: [value] for name, value in values.items()}})
    return normalised(record.cast(pl.String)).row(0, named=True)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Ann.Lee+shop@Mail.com", "ANN.LEE@MAIL.COM"),
        (" ann@mail.co.uk ", "ANN@MAIL.CO.UK"),
        ("noreply@mail.com", None),
        ("test+1@mail.com", None),
        ("ann@nodomain", None),
        ("ann", None),
        ("@mail.com", None),
        ("n/a", None),
    ],
)
def test_emails(given: str, wanted: str | None) -> None:
    """Upper-case, no plus tag, no mailbox that is nobody's."""
    assert one(email=given)["email"] == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("+1 (555) 867-5309", "5558675309"),
        ("555.867.5309", "5558675309"),
        ("8675309", "8675309"),
        ("1111111111", None),
        ("1234567890", None),
        ("12", None),
        ("none", None),
    ],
)
def test_phones(given: str, wanted: str | None) -> None:
    """The last ten digits; runs of one digit are no phone."""
    assert one(phone=given)["phone"] == wanted


@pytest.mark.parametrize(
    ("full", "given", "surname", "suffix"),
    [
        ("Smith, John", "JOHN", "SMITH", None),
        ("Dr. John A. Smith Jr.", "JOHN", "SMITH", "JR"),
        ("John Smith, III", "JOHN", "SMITH", "III"),
        ("María O'Neil-Peña", "MARIA", "ONEIL-PENA", None),
        ("Cher", "CHER", None, None),
        ("  ", None, None, None),
        ("Guest", None, None, None),
    ],
)
def test_full_names(full: str, given: str | None, surname: str | None, suffix: str | None) -> None:
    """Titles and middle initials go, a suffix stands apart, accents do not matter."""
    found = one(full_name=full)
    assert (found["given_name"], found["surname"], found["suffix"]) == (given, surname, suffix)


def test_what_is_compared_rarely_is_there_too() -> None:
    """A middle initial, a second line, a country and the key of 1:1 mode have columns of their own."""
    found = one(full_name="John A. Smith", address="1 Elm St", address2="Rose House", country="Italy", ck=" c1 ")
    assert (found["middle_name"], found["address2"], found["country"], found["ck"]) == (
        "A", "ROSE HOUSE", "ITALY", "c1",
    )  # fmt: skip


def test_parts_of_a_name_win_over_the_full_name() -> None:
    """The full name is read only where there is no part."""
    found = one(given_name="Liz", surname="Jones Sr", full_name="Somebody Else")
    assert (found["given_name"], found["surname"], found["suffix"]) == ("LIZ", "JONES", "SR")


@pytest.mark.parametrize(
    ("address", "address2", "street", "unit", "box"),
    [
        ("1000 1st Ave. Ste. 1960", None, "1000 FIRST AVENUE", "1960", None),
        ("12 N. Main St", "Apt 4B", "12 NORTH MAIN STREET", "4B", None),
        ("12 North Main Street #7", None, "12 NORTH MAIN STREET", "7", None),
        ("P.O. Box 77", None, None, None, "77"),
        ("N/A", None, None, None, None),
    ],
)
def test_addresses(address: str, address2: str | None, street: str | None, unit: str | None, box: str | None) -> None:
    """Words in full, the unit and the box apart."""
    found = one(address=address, address2=address2)
    assert (found["address"], found["unit"], found["po_box"]) == (street, unit, box)


def test_postal_codes_dates_and_genders() -> None:
    """Nine digits become five; placeholders say nothing; words become letters."""
    found = one(postal="98101-1234", birthdate="1900-01-01", gender="female")
    assert (found["postal"], found["birthdate"], found["gender"]) == ("98101", None, "F")
    assert one(postal="00000", birthdate="1980-02-03", gender="x")["birthdate"] == "1980-02-03"
    assert one(postal="k1a 0b1")["postal"] == "K1A0B1"


def test_rows_come_in_the_order_of_their_keys() -> None:
    """Whatever order they came in."""
    records = pl.DataFrame({"datasource": ["b", "a", "a"], "pk": ["1", "2", "1"]})
    assert normalised(records).select("datasource", "pk").rows() == [("a", "1"), ("a", "2"), ("b", "1")]
