"""Records in the spelling that Stitch compares."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from cdp_assets.stitch.normalise.records import COMPARED, DOCUMENTED, READ, normalised
from tests.unit.stitch.normalise.one import one

HOSTILE = (
    "",
    " ",
    "\x00",
    "\x00\x01\x1b",
    "\u200b\ufeff",
    "😀🎉",
    "'" * 9,
    "((((((",
    ",,,,",
    "@@@@",
    "+",
    "#",
    "/",
)
"""What forms let through."""


def test_rows_come_in_the_order_of_their_keys() -> None:
    """Whatever order they came in."""
    records = pl.DataFrame({"datasource": ["b", "a", "a"], "pk": ["1", "2", "1"], "surname": ["B", "A2", "A1"]})
    found = normalised(records).select("datasource", "pk", "surname")
    assert found.rows() == [("a", "1", "A1"), ("a", "2", "A2"), ("b", "1", "B")]


@pytest.mark.parametrize("rows", [0, 1])
def test_columns_are_the_same_whatever_is_given(rows: int) -> None:
    """All texts, even of an empty table and of columns without a type."""
    nothing = pl.DataFrame(
        {"datasource": ["a"] * rows, "pk": ["1"] * rows, "fk_crm": [None] * rows, "city": [None] * rows}
    )
    found = normalised(nothing)
    assert found.columns == ["datasource", "pk", *COMPARED, *DOCUMENTED, "fk_crm", "ck"]
    assert found.height == rows
    assert normalised(nothing.cast({"datasource": pl.String, "pk": pl.String})).dtypes == [pl.String] * len(
        found.columns
    )


def test_values_of_other_types_are_read_as_texts() -> None:
    """A date, a moment and a number."""
    records = pl.DataFrame(
        {
            "datasource": ["a"],
            "pk": ["1"],
            "birthdate": [dt.datetime(1980, 2, 3, 4)],
            "phone": [2065550143],
            "fk_x": [7],
        }
    )
    found = normalised(records).row(0, named=True)
    assert (found["birthdate"], found["phone"], found["fk_x"]) == ("1980-02-03", "2065550143", "7")


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_say_nothing(value: str) -> None:
    """In any column: no error, and nothing to compare."""
    found = one(**dict.fromkeys((*READ, "ck", "fk_x"), value))
    kept = {name for name in COMPARED if found[name] is not None}
    assert kept <= {"title"}


@pytest.mark.parametrize("piece", ["a", "a ", "(", "a,", "1 a ", "a.", "é", "12 ", "Apt 1 ", "van ", "\u0000"])
def test_values_of_100_kb_are_cut(piece: str) -> None:
    """What is compared is short, whatever comes."""
    found = one(**dict.fromkeys(READ, piece * (100_000 // len(piece))))
    assert all(len(found[name] or "") <= 1000 for name in (*COMPARED, *DOCUMENTED))


def test_every_word_for_no_value_says_nothing() -> None:
    """In every semantic, whatever its case."""
    for word in ("N/A", "none", "Null", "UNKNOWN", "not available", "TBD", "Declined", "test", "No Value"):
        found = one(
            **dict.fromkeys(("given_name", "surname", "address", "city", "state", "postal", "company", "fk_x"), word)
        )
        assert [name for name, value in found.items() if value][:3] == ["datasource", "pk"][:3], word


def test_a_title_tells_the_gender_where_the_record_does_not() -> None:
    """A title of its own, or one in the name."""
    assert one(title="Mrs.", given_name="Kim")["gender"] == "F"
    assert one(full_name="Mr. Kim Lee")["gender"] == "M"
    assert one(title="Dr", given_name="Kim")["gender"] is None


def test_what_is_normalised_stays_as_it_is() -> None:
    """Explanations read the documented forms again."""
    found = one(
        given_name="Mary-Lou Ann",
        surname="van den Berg-Smith Jr.",
        email="a.b+c@googlemail.com",
        phone="+44 20 7946 0958",
        address="Apt 3, 12 St. James St.",
        address2="Rose House",
        city="St. Louis",
        state="Calif.",
        postal="98101-1234",
        country="Deutschland",
        birthdate="3.2.1980",
        gender="woman",
        company="Acme Inc.",
    )
    shown = {"address": found["full_address"], "email": found["full_email"], "generational_suffix": found["suffix"]}
    kept = {name: found[name] for name in ("given_name", "surname", "phone", "city", "state", "postal", "country")}
    kept |= {name: found[name] for name in ("birthdate", "gender", "company")}
    again = one(**kept, **shown)
    assert {name: again[name] for name in kept} == kept
    assert (again["email"], again["unit"], again["suffix"]) == (found["email"], "3", "JR")


@pytest.mark.parametrize(
    ("semantic", "spellings"),
    [
        ("phone", ("(206) 555-0100", "2065550100")),
        ("birthdate", ("05/14/1980", "1980-05-14")),
        ("email", ("ann+x@mail.com", " Ann@Mail.com")),
        ("address", ("12 High St.", "12 HIGH STREET")),
        ("postal", ("98101-1234", "98101")),
        ("city", ("St. Louis", "SAINT LOUIS")),
        ("state", ("Calif.", "CA")),
        ("country", ("Deutschland", "DE")),
        ("surname", ("van den Berg", "Vandenberg")),
        ("given_name", ("Mary Ann", "mary-ann")),
        ("gender", ("woman", "F")),
        ("company", ("The ACME Co., Inc.", "Acme")),
        ("generational_suffix", ("Jr.", "junior")),
    ],
)
def test_a_separation_key_is_spelled_as_its_semantic_is(semantic: str, spellings: tuple[str, str]) -> None:
    """And is that semantic's normalised value, so that two spellings of one part nobody."""
    column = {"generational_suffix": "suffix"}.get(semantic, semantic)
    for text in spellings:
        alone, keyed = one(**{semantic: text}), one(**{f"sk_{semantic}": text})
        assert keyed[f"sk_{semantic}"] == alone[column] is not None
        assert keyed[column] is None
    assert len({one(**{f"sk_{semantic}": text})[f"sk_{semantic}"] for text in spellings}) == 1


def test_a_separation_key_that_is_nobodys_value_is_no_key() -> None:
    """A phone of zeroes, a mailbox of the shop's, a birthdate that a form fills in."""
    found = one(sk_phone="000-000-0000", sk_email="noreply@shop.com", sk_birthdate="1900-01-01", sk_city="n/a")
    assert [found[name] for name in ("sk_phone", "sk_email", "sk_birthdate", "sk_city")] == [None] * 4


def test_a_separation_key_is_read_in_the_country_and_state_of_its_record() -> None:
    """As the field for it would be."""
    abroad = one(country="RU", phone="8 495 123 45 67", sk_phone="8 495 123 45 67")
    assert abroad["sk_phone"] == abroad["phone"] == "4951234567"
    home = one(state="MA", postal="2138", sk_postal="2138")
    assert home["sk_postal"] == home["postal"] == "02138"


def test_a_key_of_another_namespace_is_a_text() -> None:
    """As is one that only begins like a semantic."""
    found = one(sk_account=" (206) 555-0100 ", sk_phones="a b", fk_phone="(206) 555-0100")
    assert (found["sk_account"], found["sk_phones"], found["fk_phone"]) == (
        "(206) 555-0100", "a b", "(206) 555-0100",
    )  # fmt: skip


def test_separation_keys_stay_with_their_records_and_in_their_place() -> None:
    """When rows are put in order."""
    records = pl.DataFrame(
        {
            "datasource": ["b", "a"],
            "pk": ["1", "1"],
            "sk_phone": ["(206) 555-0100", "206.555.0199"],
            "fk_x": ["fb", "fa"],
        }
    )
    found = normalised(records)
    assert found.columns[-3:] == ["sk_phone", "fk_x", "ck"]
    assert found.select("datasource", "sk_phone", "fk_x").rows() == [
        ("a", "2065550199", "fa"), ("b", "2065550100", "fb"),
    ]  # fmt: skip
