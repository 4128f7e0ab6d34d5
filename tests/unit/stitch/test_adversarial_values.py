"""One value in many spellings, values that say nothing, and values meant to break whoever reads them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.stitch.world import GIVEN, Case, Record, case, frame, ids_of, people_found, town, who, with_cases

ELM = {"address": "12 Elm Street", "city": "Tacoma", "state": "WA", "postal": "98402"}
LAKE = {"address": "870 Lake Avenue", "city": "Spokane", "state": "WA", "postal": "99201"}
LONG = "Lorem " * 17_000
"""About 100 KB."""

SPELLINGS: Mapping[str, Case] = {
    "a nickname with the same phone and address": case(
        "ab",
        a=who("Elizabeth Hawthorne", phone="2064420101", **ELM),
        b=who("Betty Hawthorne", phone="2064420101", **ELM),
    ),
    "a nickname with the same email": case(
        "ab", a=who("Robert Tannahill", email="rt1960@one.com"), b=who("Bob Tannahill", email="rt1960@one.com")
    ),
    "an initial with the same address and phone": case(
        "ab", a=who("Sylvester Underhill", phone="2064420103", **ELM), b=who("S Underhill", phone="2064420103", **ELM)
    ),
    "given name and surname swapped": case(
        "ab", a=who("Fitzgerald Moreau", email="fm@one.com", **LAKE), b=who("Moreau Fitzgerald", email="fm@one.com")
    ),
    "names swapped, one of them with a slip": case(
        "ab", a=who("Jonathan Peixoto", email="jp@one.com", **LAKE), b=who("Peixotto Jonathan", email="jp@one.com")
    ),
    "names swapped, one of them of two words": case(
        "abc",
        a=who(given_name="Ana Júlia", surname="Quintanilha", email="aj@one.com", **LAKE),
        b=who(given_name="Quintanilha", surname="Ana Júlia", email="aj@one.com"),
        c=who(given_name="Quintanilha", surname="Ana", email="aj@one.com"),
    ),
    "names swapped, one of them with a particle": case(
        "ab",
        a=who(given_name="Ágatha", surname="da Luz", email="al@one.com", **LAKE),
        b=who(given_name="da Luz", surname="Agatha", email="al@one.com"),
    ),
    "a full name with the surname first": case(
        "ab",
        a=who("Theodora Blackwood", phone="2064420105", email="theo.b@one.com"),
        b=who(full_name="Blackwood, Theodora", phone="2064420105"),
    ),
    "a full name with title and middle initial": case(
        "ab",
        a=who("Marguerite Delacroix", email="md@one.com", **ELM),
        b=who(full_name="Dr. Marguerite A. Delacroix", email="md@one.com"),
    ),
    "a slip in the surname": case(
        "ab", a=who("Valentina Kowalczyk", email="vk88@one.com"), b=who("Valentina Kowalcyzk", email="vk88@one.com")
    ),
    "two letters of the email swapped": case(
        "ab",
        a=who("Archibald Penrose", email="archibald.penrose@one.com", phone="2064420108"),
        b=who("Archibald Penrose", email="archibald.pernose@one.com", phone="2064420108"),
    ),
    "two digits of the phone swapped": case(
        "ab", a=who("Lucinda Yarrow", phone="2064420109", **ELM), b=who("Lucinda Yarrow", phone="2064420190", **ELM)
    ),
    "day and month of the birthdate swapped": case(
        "ab",
        a=who("Mortimer Gale", birthdate="1969-04-11", phone="2064420110"),
        b=who("Mortimer Gale", birthdate="1969-11-04", phone="2064420110"),
    ),
    "letter case": case(
        "ab", a=who("ESMERALDA PRYCE", email="ESME.P@ONE.COM"), b=who("esmeralda pryce", email="esme.p@one.com")
    ),
    "a plus tag": case(
        "ab", a=who("Caspian Rowe", email="caspian+shop@one.com"), b=who("Caspian Rowe", email="caspian@one.com")
    ),
    "a phone with and without its country": case(
        "ab", a=who("Drusilla Fenn", phone="+1 (206) 442-0113"), b=who("Drusilla Fenn", phone="206.442.0113")
    ),
    "an address in short and in full": case(
        "ab",
        a=who("Peregrine Stroud", address="12 N. Juniper St., Apt 4", city="Tacoma", state="WA", postal="98402-1234"),
        b=who("Peregrine Stroud", address="12 North Juniper Street", address2="#4", city="TACOMA", postal="98402"),
    ),
    "accents": case(
        "ab",
        a=who("José Peñaranda", birthdate="1980-05-06", phone="2064420115"),
        b=who("Jose Penaranda", birthdate="1980-05-06"),
    ),
    "an umlaut in two letters": case(
        "ab", a=who("Jürgen Mühlhäuser", email="jm@one.de"), b=who("Juergen Muehlhaeuser", email="jm@one.de")
    ),
    "a particle apart and together": case(
        "ab",
        a=who(given_name="Ludwig", surname="van der Merwe", phone="2064420117"),
        b=who(given_name="Ludwig", surname="Vandermerwe", phone="2064420117"),
    ),
    "two surnames and one of them": case(
        "ab",
        a=who(given_name="Maria", surname="Arriaga Beltran", email="mab@one.es"),
        b=who(given_name="Maria", surname="Arriaga", email="mab@one.es"),
    ),
    "a hyphen in the given name": case(
        "ab",
        a=who(given_name="Jean-Pierre", surname="Lacombe", phone="2064420119"),
        b=who(given_name="Jean Pierre", surname="Lacombe", phone="2064420119"),
    ),
    "an apostrophe": case(
        "ab", a=who("Fionnuala O'Shaughnessy", phone="2064420120"), b=who("Fionnuala OShaughnessy", phone="2064420120")
    ),
    "Cyrillic and Latin": case(
        "ab", a=who("Наталья Королева", phone="2064420121"), b=who("Natalya Koroleva", phone="2064420121")
    ),
    "Greek and Latin": case(
        "ab", a=who("Γιάννης Παπαδόπουλος", email="gp@one.gr"), b=who("Giannis Papadopoulos", email="gp@one.gr")
    ),
    "full-width letters": case(
        "ab", a=who("Ｈａｒｕｋａ Ｍｏｒｉｍｏｔｏ", phone="2064420123"), b=who("Haruka Morimoto", phone="2064420123")
    ),
    "characters that are not seen": case(
        "ab",
        a=who("Ann\u200bel\u00adiese \u202eWerner\u202c", email="aw@one.com"),
        b=who("Anneliese Werner", email="aw@one.com"),
    ),
    "control characters and NUL": case(
        "ab", a=who("Magnus\x00 \x07Eklund", email="magnus@one.se"), b=who("Magnus Eklund", email="magnus@one.se")
    ),
    "an emoji": case(
        "ab", a=who("Saoirse🌸 Quinlan", phone="2064420126"), b=who("Saoirse Quinlan", phone="2064420126")
    ),
}
"""Pairs that are one person however the value is written."""

NOTHING: Mapping[str, Case] = {
    "an email that means none": case(
        "a b", a=who("Alaric Boone", email="noemail@noemail.com"), b=who("Beatrix Cole", email="noemail@noemail.com")
    ),
    "a phone that means none": case(
        "a b c d",
        a=who("Cyprian Dale", phone="0000000000"),
        b=who("Delphine Eads", phone="000-000-0000"),
        c=who("Emeric Ford", phone="9999999999"),
        d=who("Florian Gates", phone="9999999999"),
    ),
    "a name that means none": case(
        "a b c",
        a=who("Test Test", phone="2064430103"),
        b=who("Test Test", phone="2064430104"),
        c=who("Test Test", email="testing.it@one.com"),
    ),
    "a customer without a name": case(
        "a b",
        a=who("Guest Customer", city="Tacoma", state="WA", postal="98402"),
        b=who("Guest Customer", city="Tacoma", state="WA", postal="98402"),
    ),
    "a birthdate that means none": case(
        "a b",
        a=who("Gwendolyn Hyde", birthdate="1900-01-01", phone="2064430107"),
        b=who("Hamilton Hyde", birthdate="1900-01-01", phone="2064430108"),
    ),
    "a blank and a dash": case(
        "a b",
        a=who("Isidore Joyce", phone=" ", email="-", address="-", city="?"),
        b=who("Jacinta Kemp", phone=" ", email="-", address="-", city="?"),
    ),
    "an email of many people": case(
        "a b",
        a=who("Katarina Lund", email="clerk@store.com"),
        b=who("Leander Mills", email="clerk@store.com"),
        **{chr(97 + place): who(f"{GIVEN[place]} Shopper{place}", email="clerk@store.com") for place in range(2, 26)},
    ),
    "a phone of many people": case(
        "a b",
        a=who("Marcellus North", phone="2064430111"),
        b=who("Nathaniel Orme", phone="2064430111"),
        **{chr(97 + place): who(f"{GIVEN[place]} Caller{place}", phone="2064430111") for place in range(2, 26)},
    ),
}
"""Strangers who share a value that says nothing."""

HOSTILE: Mapping[str, Case] = {
    "values of 100 KB": case(
        "ab c",
        a=who("Ophelia Prine", email="ophelia.p@one.com", address=LONG, company=LONG),
        b=who("Ophelia Prine", email="ophelia.p@one.com", address=LONG + "x", full_name=LONG),
        c=who(given_name=LONG, surname=LONG, email=LONG + "@one.com", phone="1" * 100_000, birthdate=LONG),
    ),
    "SQL": case(
        "a b",
        a=who(given_name="Robert'); DROP TABLE records;--", surname="Quist", phone="2064440102"),
        b=who(given_name="Robert'); DROP TABLE records;--", surname="Rusk", phone="2064440103"),
    ),
    "HTML": case(
        "a b",
        a=who(given_name="<script>alert(1)</script>", surname="Stiles", email="stiles@one.com"),
        b=who(given_name="<script>alert(1)</script>", surname="Tubbs", email="tubbs@one.com"),
    ),
    "formulas and separators": case(
        "a b",
        a=who(given_name="=1+1\x1f", surname="Ulrich\x1fVoss", phone="2064440106"),
        b=who(given_name="=1+1\x1f", surname="Wynn\x1fYoung", phone="2064440107"),
    ),
    "only punctuation": case(
        "a b c",
        a=who(given_name="---", surname="...", email="@", phone="()", postal="-"),
        b=who(given_name="---", surname="...", email="@", phone="()", postal="-"),
        c=who(given_name="'", surname='"', email="@@", phone="+", birthdate="0000-00-00"),
    ),
    "dates that are none": case(
        "a b",
        a=who("Xanthe Yates", birthdate="2023-02-31", phone="2064440110"),
        b=who("Yorick Zane", birthdate="2023-02-31", phone="2064440111"),
    ),
}
CASES = {**SPELLINGS, **NOTHING, **HOSTILE}


@pytest.fixture(scope="module")
def ids() -> dict[tuple[str, str], str]:
    """Who everybody is: all cases among the people of one town."""
    return ids_of(with_cases(CASES))


@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling_is_the_same_person(name: str, ids: dict[tuple[str, str], str]) -> None:
    assert people_found(name, CASES[name], ids) == CASES[name].people


@pytest.mark.parametrize("name", NOTHING)
def test_what_says_nothing_joins_nobody(name: str, ids: dict[tuple[str, str], str]) -> None:
    assert people_found(name, CASES[name], ids) == CASES[name].people


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_values_are_values(name: str, ids: dict[tuple[str, str], str]) -> None:
    assert people_found(name, CASES[name], ids) == CASES[name].people


def test_every_record_has_an_id(ids: dict[tuple[str, str], str]) -> None:
    """Whatever it holds."""
    expected = with_cases(CASES).select("datasource", "pk").rows()
    assert sorted(ids) == sorted(expected)


ANN, BOB = who("Ursula Vickers", phone="2064450101"), who("Walden Xu", phone="2064450102")
EQUAL = who("Adelaide Birch", phone="2064450105")
ALIKE = who("Bertrand Coyle", phone="2064450106", email="bc@one.com")
KEYED: Mapping[str, Record] = {
    "k1": ANN,
    "K1": BOB,
    "k2": ANN,
    "K2": BOB,
    "lower": who("Yolanda Zeller", phone="2064450103") | {"fk_member": "ab1"},
    "upper": who("Zachariah Abbot", phone="2064450104") | {"fk_member": "AB1"},
    "x": EQUAL | {"fk_member": "m7", "sk_account": "x"},
    "y": EQUAL | {"fk_member": "m7", "sk_account": "y"},
    "one": ALIKE | {"sk_account": "1"},
    "other": ALIKE | {"sk_account": "2"},
    "between": ALIKE,
}


@functools.cache
def keyed_ids(**settings: Any) -> Mapping[str, str]:
    """Resolve the town and the keyed records; give who each of these is."""
    records = frame(town() + [{"datasource": "crm", "pk": key, **record} for key, record in KEYED.items()])
    return {key: found for (datasource, key), found in ids_of(records, **settings).items() if datasource == "crm"}


def test_keys_that_differ_only_by_case_are_two_records() -> None:
    """Strangers by such keys are not mixed up, and both have an id."""
    ids = keyed_ids()
    assert ids["k1"] == ids["k2"] != ids["K1"] == ids["K2"]


def test_foreign_keys_that_differ_only_by_case_are_equal_unless_case_counts() -> None:
    assert keyed_ids()["lower"] == keyed_ids()["upper"]
    ids = keyed_ids(case_sensitive_fks=("fk_member",))
    assert ids["lower"] != ids["upper"]


def test_a_setting_says_whether_foreign_or_separation_keys_come_first() -> None:
    assert keyed_ids()["x"] == keyed_ids()["y"]
    ids = keyed_ids(classifier="sk-priority")
    assert ids["x"] != ids["y"]


def test_a_separation_key_keeps_equal_records_apart() -> None:
    """Also where a third record is like both."""
    assert keyed_ids()["one"] != keyed_ids()["other"]
