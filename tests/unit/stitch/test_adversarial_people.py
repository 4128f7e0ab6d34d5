"""People who are easily taken for each other, and records of one person that look like two."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.stitch.world import Case, case, ids_of, people_found, who, with_cases

ELM = {"address": "12 Elm Street", "city": "Tacoma", "state": "WA", "postal": "98402"}
LAKE = {"address": "870 Lake Avenue", "city": "Spokane", "state": "WA", "postal": "99201"}
HILL = {"address": "45 Hillcrest Road", "city": "Salem", "state": "OR", "postal": "97301"}
BAY = {"address": "3301 Bay Drive", "city": "Eugene", "state": "OR", "postal": "97401"}
STORE = {"address": "500 Mall Boulevard", "city": "Tacoma", "state": "WA", "postal": "98409"}

CASES: Mapping[str, Case] = {
    "the ends of a chain that clearly differ are two people": case(
        "a d",
        a=who("Johan Maplewood", phone="2064410101", email="johan.m@one.com", birthdate="1950-02-03", **ELM),
        b=who("J Maplewood", phone="2064410101", **ELM),
        c=who("J Maplewood", email="janine44@two.com", **ELM),
        d=who("Janine Maplewood", email="janine44@two.com", birthdate="1985-07-19", phone="5034410102"),
    ),
    "a record with one person's email and another's phone joins nobody": case(
        "ab cd",
        a=who("Gudrun Halloway", email="gudrun.h@one.com", phone="2064410121", **ELM),
        b=who("Gudrun Halloway", email="gudrun.h@one.com", birthdate="1961-05-05", **ELM),
        c=who("Percival Stonegate", phone="5034410122", email="percy@two.com", **LAKE),
        d=who("Percival Stonegate", phone="5034410122", birthdate="1990-09-09", **LAKE),
        x=who(email="gudrun.h@one.com", phone="5034410122"),
    ),
    "a junk name with one person's email and another's address joins nobody": case(
        "ab cd",
        a=who("Ottoline Farrow", email="ottoline@one.com", phone="2064410131"),
        b=who("Ottoline Farrow", email="ottoline@one.com", birthdate="1972-11-30"),
        c=who("Ignatius Bellweather", phone="5034410132", **HILL),
        d=who("Ignatius Bellweather", phone="5034410132", birthdate="1944-01-02", **HILL),
        x=who("Guest Customer", email="ottoline@one.com", **HILL),
    ),
    "a family with one home, landline and mailbox is four people": case(
        "ab cd ef gh",
        a=who("Leopold Kestrel", phone="2064410141", email="kestrels@one.com", birthdate="1970-03-03", **ELM),
        b=who("Leopold Kestrel", phone="2064410141", birthdate="1970-03-03", **ELM),
        c=who("Rosamund Kestrel", phone="2064410141", email="kestrels@one.com", birthdate="1972-08-14", **ELM),
        d=who("Rosamund Kestrel", email="kestrels@one.com", birthdate="1972-08-14", **ELM),
        e=who("Tabitha Kestrel", phone="2064410141", email="kestrels@one.com", birthdate="2000-01-20", **ELM),
        f=who("Tabitha Kestrel", phone="2064410141", birthdate="2000-01-20", **ELM),
        g=who("Barnaby Kestrel", phone="2064410141", email="kestrels@one.com", birthdate="2003-06-11", **ELM),
        h=who("Barnaby Kestrel", email="kestrels@one.com", birthdate="2003-06-11", **ELM),
    ),
    "a couple with one mailbox and no birthdates is two people": case(
        "ab cd",
        a=who("Cornelius Vance", email="thevances@one.com", phone="2064410151", **LAKE),
        b=who("Cornelius Vance", email="thevances@one.com", **LAKE),
        c=who("Winifred Vance", email="thevances@one.com", phone="2064410151", **LAKE),
        d=who("Winifred Vance", phone="2064410151", **LAKE),
    ),
    "a couple with two surnames and one mailbox is two people": case(
        "ab cd",
        a=who("Hieronymus Zell", email="zell.marsh@one.com", **BAY),
        b=who("Hieronymus Zell", email="zell.marsh@one.com", phone="2064410161", **BAY),
        c=who("Octavia Marsh", email="zell.marsh@one.com", **BAY),
        d=who("Octavia Marsh", email="zell.marsh@one.com", phone="2064410162", **BAY),
    ),
    "twins are two people": case(
        "ab cd",
        a=who("Benedict Thornquist", phone="2064410171", birthdate="1999-04-04", **HILL),
        b=who("Benedict Thornquist", email="ben.t@one.com", birthdate="1999-04-04", **HILL),
        c=who("Clarissa Thornquist", phone="2064410171", birthdate="1999-04-04", **HILL),
        d=who("Clarissa Thornquist", email="cla.t@one.com", birthdate="1999-04-04", **HILL),
    ),
    "junior and senior at one address are two people": case(
        "ab cd",
        a=who("Absalom Ashcombe Sr", phone="2064410191", birthdate="1950-10-10", **ELM),
        b=who("Absalom Ashcombe", generational_suffix="Sr", birthdate="1950-10-10", **ELM),
        c=who("Absalom Ashcombe Jr", phone="2064410191", birthdate="1981-02-28", **ELM),
        d=who("Absalom Ashcombe", generational_suffix="Jr.", birthdate="1981-02-28", **ELM),
    ),
    "a suffix alone tells father from son": case(
        "a b",
        a=who("Lysander Quill Sr", phone="2064410201", **BAY),
        b=who("Lysander Quill III", phone="2064410201", **BAY),
    ),
    "father and son of one name are told apart by their birthdates": case(
        "ab cd",
        a=who("Evander Pellgrove", phone="2064410211", birthdate="1948-05-17", **HILL),
        b=who("Evander Pellgrove", email="evander48@one.com", birthdate="1948-05-17", **HILL),
        c=who("Evander Pellgrove", phone="2064410211", birthdate="1979-11-23", **HILL),
        d=who("Evander Pellgrove", email="evp@two.com", birthdate="1979-11-23", **HILL),
    ),
    "a married name with the same email and birthdate is one person": case(
        "ab",
        a=who("Henrietta Fogarty", email="henrietta77@one.com", birthdate="1977-03-15", **ELM),
        b=who("Henrietta Lindqvist", email="henrietta77@one.com", birthdate="1977-03-15", **BAY),
    ),
    "a married name with the same email and phone is one person": case(
        "ab",
        a=who("Wilhelmina Trask", email="minatrask@one.com", phone="2064410221"),
        b=who("Wilhelmina Overton", email="minatrask@one.com", phone="2064410221"),
    ),
    "a double name after marriage is one person": case(
        "abc",
        a=who("Cordelia Ravenhill", phone="2064410231", birthdate="1983-09-01"),
        b=who("Cordelia Ravenhill-Stokes", phone="2064410231", email="cordelia@one.com"),
        c=who("Cordelia Stokes", email="cordelia@one.com", birthdate="1983-09-01"),
    ),
    "a mover with the same email is one person": case(
        "ab",
        a=who("Thaddeus Greenway", email="tgreenway81@one.com", **ELM),
        b=who("Thaddeus Greenway", email="tgreenway81@one.com", **BAY),
    ),
    "a mover with the same birthdate and a rare name is one person": case(
        "ab",
        a=who("Bartholomew Winterbourne", birthdate="1968-08-28", phone="2064410241", **HILL),
        b=who("Bartholomew Winterbourne", birthdate="1968-08-28", phone="5034410242", **LAKE),
    ),
    "who moves into another's old home is another person": case(
        "ab cd",
        a=who("Euphemia Castellane", email="euphemia@one.com", **BAY),
        b=who("Euphemia Castellane", email="euphemia@one.com", phone="2064410251", **BAY),
        c=who("Rupert Applegarth", email="rupert.a@two.com", **BAY),
        d=who("Rupert Applegarth", phone="5034410252", email="rupert.a@two.com", **BAY),
    ),
    "a recycled phone joins nobody": case(
        "ab cd",
        a=who("Horatio Plimpton", phone="2064410261", email="horatio.p@one.com", **ELM),
        b=who("Horatio Plimpton", phone="2064410261", birthdate="1955-05-25", **ELM),
        c=who("Isolde Crane", phone="2064410261", email="isolde.c@two.com", **LAKE),
        d=who("Isolde Crane", phone="2064410261", birthdate="1992-02-02", **LAKE),
    ),
    "namesakes in different towns with their own contacts are different people": case(
        "a b c d",
        a=who("John Smith", email="jsmith1955@one.com", phone="2064410271", **ELM),
        b=who("John Smith", email="smithereens@two.com", phone="5034410272", **LAKE),
        c=who("John Smith", email="johnny.s@three.com", phone="2084410273", **HILL),
        d=who("John Smith", email="js8812@four.com", phone="7754410274", **BAY),
    ),
    "namesakes of whom nothing but their towns is known are different people": case(
        "a b c",
        a=who("Mary Johnson", city="Tacoma", state="WA", postal="98402"),
        b=who("Mary Johnson", city="Salem", state="OR", postal="97301"),
        c=who("Mary Johnson", city="Laramie", state="WY", postal="82070"),
    ),
    "namesakes with different birthdates are different people": case(
        "a b",
        a=who("Robert Williams", birthdate="1951-03-08", city="Seattle", state="WA", postal="98101"),
        b=who("Robert Williams", birthdate="1987-10-29", city="Seattle", state="WA", postal="98101"),
    ),
    "neighbours in one building are different people": case(
        "a b",
        a=who("Zelda Brightwater", address="77 Tower Road Apt 4", postal="98402", city="Tacoma", phone="2064410281"),
        b=who("Linus Oakhurst", address="77 Tower Road Apt 9", postal="98402", city="Tacoma", phone="2064410282"),
    ),
    "brothers with alike names and different birthdates are two people": case(
        "ab cd",
        a=who("Darnell Updike", phone="2064410291", birthdate="1990-01-11", **ELM),
        b=who("Darnell Updike", birthdate="1990-01-11", email="darnell.u@one.com", **ELM),
        c=who("Darrell Updike", phone="2064410291", birthdate="1993-07-30", **ELM),
        d=who("Darrell Updike", birthdate="1993-07-30", email="dupdike@two.com", **ELM),
    ),
    "customers whose address is the store's are different people": case(
        "a b c d e f g h",
        a=who("Araminta Bloom", phone="2064410301", **STORE),
        b=who("Cuthbert Hale", phone="2064410302", **STORE),
        c=who("Dorothea Finch", phone="2064410303", **STORE),
        d=who("Erasmus Lyle", phone="2064410304", **STORE),
        e=who("Felicity Moon", phone="2064410305", **STORE),
        f=who("Gideon Nash", phone="2064410306", **STORE),
        g=who("Hepzibah Orr", phone="2064410307", **STORE),
        h=who("Jethro Pike", phone="2064410308", **STORE),
    ),
    "colleagues with one company mailbox are different people": case(
        "a b",
        a=who("Ambrose Fairweather", email="info@fairlady.com", company="Fair Lady", phone="2064410311"),
        b=who("Lavinia Mossgrove", email="info@fairlady.com", company="Fair Lady", phone="2064410312"),
    ),
    "one name and birthdate in two sources is one person": case(
        "ab",
        a=who("Quentin Merriweather", birthdate="1976-12-05", city="Tacoma", state="WA", postal="98402"),
        b=who("Quentin Merriweather", birthdate="1976-12-05", email="qm@one.com"),
    ),
    "an email without a name belongs to the person who has it": case(
        "ab",
        a=who("Clementine Ashworth", email="clementine.ashworth9@one.com", phone="2064410321"),
        b=who(email="clementine.ashworth9@one.com"),
    ),
    "equal records are one person": case(
        "abc",
        a=who("Nicodemus Vale", email="nico.vale@one.com", phone="2064410331"),
        b=who("Nicodemus Vale", email="nico.vale@one.com", phone="2064410331"),
        c=who("Nicodemus Vale", email="nico.vale@one.com", phone="2064410331"),
    ),
    "records without any value are nobody's": case("a b c", a=who(), b=who(), c=who()),
}


@pytest.fixture(scope="module")
def ids() -> dict[tuple[str, str], str]:
    """Who everybody is: all cases among the people of one town."""
    return ids_of(with_cases(CASES))


@pytest.mark.parametrize("name", CASES)
def test_who_is_who(name: str, ids: dict[tuple[str, str], str]) -> None:
    """As somebody would say who reads the records."""
    assert people_found(name, CASES[name], ids) == CASES[name].people


def test_the_order_of_records_does_not_matter(ids: dict[tuple[str, str], str]) -> None:
    shuffled = with_cases(CASES).sample(fraction=1.0, shuffle=True, seed=5)
    assert ids_of(shuffled) == ids
