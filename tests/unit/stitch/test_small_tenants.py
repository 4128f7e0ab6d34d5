"""A tenant of a few dozen records has one pair of twins at most, or one father and son of one name, to learn from."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.stitch.test_adversarial_people import BAY, ELM
from tests.unit.stitch.test_adversarial_people import CASES as OTHERS
from tests.unit.stitch.world import Case, case, ids_of, people_found, who, with_cases

CASES: Mapping[str, Case] = {
    "twins with one initial are two people": case(
        "ab cd",
        a=who("Mirabel Thornquist", phone="2064410171", birthdate="1999-04-04", **ELM),
        b=who("Mirabel Thornquist", email="mira.t@one.com", birthdate="1999-04-04", **ELM),
        c=who("Montague Thornquist", phone="2064410171", birthdate="1999-04-04", **ELM),
        d=who("Montague Thornquist", email="monty@two.com", birthdate="1999-04-04", **ELM),
    ),
    "grandmother and granddaughter of one rare name are two people": case(
        "ab cd",
        a=who("Seraphina Holt", birthdate="1935-02-03", **ELM),
        b=who("Seraphina Holt", birthdate="1935-02-03", phone="2064410181", **ELM),
        c=who("Seraphina Holt", birthdate="1998-10-21", phone="2064410181", **ELM),
        d=who("Seraphina Holt", birthdate="1998-10-21", email="sera98@one.com", **ELM),
    ),
    "father and son of one name are two people": OTHERS[
        "father and son of one name are told apart by their birthdates"
    ],
    "birthdates a generation apart outweigh one landline": case(
        "a b",
        a=who("Florimond Vexley", birthdate="1951-03-09", phone="2064410183", **ELM),
        b=who("Florimond Vexley", birthdate="1984-12-17", phone="2064410183", **ELM),
    ),
    "a slip in the year is one person": case(
        "ab",
        a=who("Lucasta Wharfe", birthdate="1951-03-09", phone="2064410185", **ELM),
        b=who("Lucasta Wharfe", birthdate="1981-03-09", phone="2064410185", **ELM),
    ),
    "a wrong birthdate does not outweigh one mailbox and home": case(
        "ab",
        a=who("Jocasta Merrow", birthdate="1951-03-09", email="jm88x@one.com", **ELM),
        b=who("Jocasta Merrow", birthdate="1970-06-21", email="jm88x@one.com", **ELM),
    ),
    "a chain of one person's changing contacts is one person": case(
        "abcd",
        a=who("Zebedee Quillfeather", phone="2064410401"),
        b=who("Zebedee Quillfeather", phone="2064410401", **BAY),
        c=who("Zebedee Quillfeather", email="zebq@one.com", **BAY),
        d=who("Zebedee Quillfeather", email="zebq@one.com", phone="5034410402"),
    ),
}


@pytest.mark.parametrize("households", [10, 40, 160])
@pytest.mark.parametrize("name", CASES)
def test_who_is_who(name: str, households: int) -> None:
    """One case at a time, among some sixty records or a thousand."""
    one = CASES[name]
    assert people_found(name, one, ids_of(with_cases({name: one}, households))) == one.people
