"""Columns that say one semantic several times."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.semantics import semantic
from cdp_assets.stitch.normalise.ordinals import columns_of
from cdp_assets.stitch.normalise.records import COMPARED, DOCUMENTED, READ, normalised
from tests.unit.stitch.normalise.one import one

SAYING = {
    "address": "12 High St",
    "address2": "Apt 4",
    "birthdate": "1980-05-14",
    "city": "Seattle",
    "company": "Acme",
    "country": "Germany",
    "email": "ann@mail.com",
    "full_name": "Ann Ash",
    "gender": "F",
    "generational_suffix": "Jr",
    "given_name": "Ann",
    "phone": "206 555 0143",
    "postal": "98101",
    "state": "WA",
    "surname": "Ash",
    "title": "Mrs",
}
"""A value of each semantic that says something."""
TAGGED = [name for name in READ if semantic(f"{name.replace('_', '-')}-1")]


def test_every_documented_semantic_that_is_compared_has_ordinals() -> None:
    """A middle name is no documented tag, with an ordinal or without."""
    assert set(TAGGED) == SAYING.keys() == set(READ) - {"middle_name"}


@pytest.mark.parametrize("name", TAGGED)
@pytest.mark.parametrize("before", [None, "", " ", "N/A"])
def test_the_first_that_says_something_is_read(name: str, before: str | None) -> None:
    """In the order of the numbers; one without a number comes first."""
    alone = one(**{name: SAYING[name]})
    assert any(alone[column] for column in COMPARED)
    assert one(**{f"{name}_1": SAYING[name]}) == alone
    assert one(**{f"{name}_2": "N/A", f"{name}_10": SAYING[name], name: before}) == alone
    assert one(**{f"{name}_2": SAYING[name], f"{name}_10": "Bob Lee", f"{name}_1": before}) == alone


def test_a_value_that_says_something_is_not_asked_twice() -> None:
    """What follows it is not read."""
    found = one(email="ann@mail.com", email_1="bob@mail.com", address="PO Box 5", address_1="12 High St")
    assert (found["email"], found["full_email"]) == ("ANN@MAIL.COM", "ANN@MAIL.COM")
    assert (found["address"], found["po_box"]) == (None, "5")


def test_a_mailbox_that_is_nobodys_own_gives_way_to_the_next() -> None:
    """Under the profiles by which the records are read."""
    records = {"email": "info@shop.com", "email_1": "ann@mail.com"}
    assert one(**records)["email"] == "ANN@MAIL.COM"
    assert one(("allow-business-email",), **records)["email"] == "INFO@SHOP.COM"


def test_a_second_line_is_no_second_address() -> None:
    """`address2` is a semantic of its own, and so is `address2_1` of it."""
    found = one(address=None, address2="Rose House", address_2="12 High St")
    assert (found["address"], found["address2"]) == ("12 HIGH STREET", "ROSE HOUSE")
    assert one(address="12 High St", address2_1="Apt 4")["unit"] == "4"


@pytest.mark.parametrize("name", ["email_0", "email_01", "email_100", "email1", "email_one", "note_1", "middle_name_1"])
def test_what_is_no_ordinal_is_not_read(name: str) -> None:
    """Ordinals are 1 to 99, of documented semantics."""
    assert columns_of(READ, [name]) == {}


def test_values_stay_with_their_records() -> None:
    """When rows are put in order, and where there are none."""
    records = pl.DataFrame(
        {
            "datasource": ["b", "a", "a"],
            "pk": ["1", "2", "1"],
            "phone": ["206 555 0101", None, "000"],
            "phone_1": ["206 555 0111", "206 555 0112", None],
            "phone_2": [None, None, "206 555 0123"],
        }
    )
    assert normalised(records)["phone"].to_list() == ["2065550123", "2065550112", "2065550101"]
    assert normalised(records.clear()).columns == ["datasource", "pk", *COMPARED, *DOCUMENTED, "ck"]
