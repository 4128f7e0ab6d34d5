"""Names of a record."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cdp_assets.stitch.normalise import name_parts, names
from tests.unit.stitch.normalise.one import one


@pytest.mark.parametrize(
    ("full", "given", "middle", "surname", "suffix"),
    [
        ("Smith, John", "JOHN", None, "SMITH", None),
        ("Smith, John Allen", "JOHN", "ALLEN", "SMITH", None),
        ("Dr. John A. Smith Jr.", "JOHN", "A", "SMITH", "JR"),
        ("John Smith, III", "JOHN", None, "SMITH", "III"),
        ("Smith Jr., John", "JOHN", None, "SMITH", "JR"),
        ("Smith, John, 3rd", "JOHN", None, "SMITH", "III"),
        ("John Smith, M.D.", "JOHN", None, "SMITH", None),
        ("John Smith Ph.D.", "JOHN", None, "SMITH", None),
        ("J.R.R. Tolkien", "J", "R R", "TOLKIEN", None),
        ('Robert "Bob" Jones', "ROBERT", None, "JONES", None),
        ("María O'Neil-Peña", "MARIA", None, "ONEIL PENA", None),
        ("Ludwig van Beethoven", "LUDWIG", None, "VANBEETHOVEN", None),
        ("de la Cruz, María", "MARIA", None, "DELACRUZ", None),
        ("Omar bin Laden", "OMAR", None, "BINLADEN", None),
        ("Gabriel García Márquez", "GABRIEL", None, "GARCIA MARQUEZ", None),
        ("Mary Ann Smith", "MARY-ANN", None, "SMITH", None),
        ("Jean-Paul Sartre", "JEAN-PAUL", None, "SARTRE", None),
        ("John & Mary Smith", "JOHN", None, "SMITH", None),
        ("Mrs Smith", None, None, "SMITH", None),
        ("van der Berg", None, None, "VANDERBERG", None),
        ("Cher", "CHER", None, None, None),
        ("Müller, Jürgen", "JURGEN", None, "MULLER", None),
        ("Иван Иванов", "IVAN", None, "IVANOV", None),
        ("ＪＯＨＮ　ＳＭＩＴＨ", "JOHN", None, "SMITH", None),
        ("王小明", "XIAOMING", None, "WANG", None),
        ("欧阳修", "XIU", None, "OUYANG", None),
        ("김민수", "MINSU", None, "GIM", None),
        ("  ", None, None, None, None),
    ],
)
def test_full_names(full: str, given: str | None, middle: str | None, surname: str | None, suffix: str | None) -> None:
    """Titles and degrees go, suffixes stand apart, particles join, other scripts are transliterated."""
    found = one(full_name=full)
    assert (found["given_name"], found["middle_name"], found["surname"], found["suffix"]) == (
        given,
        middle,
        surname,
        suffix,
    )


@pytest.mark.parametrize(
    ("given", "surname", "wanted"),
    [
        ("Mary-Ann", "O'Brien", ("MARY-ANN", None, "OBRIEN")),
        ("Mary Ann", "O Brien", ("MARY-ANN", None, "OBRIEN")),
        ("Frederick Willie", "Mc Donald", ("FREDERICK", "WILLIE", "MCDONALD")),
        ("J.", "van den Berg", ("J", None, "VANDENBERG")),
        ("Ludwig van", "Beethoven", ("LUDWIG", None, "VANBEETHOVEN")),
        ("van der Berg", "Jan", ("VANDERBERG", None, "JAN")),
        ("Bob", "al-Sayed", ("BOB", None, "ALSAYED")),
    ],
)
def test_names_in_their_own_fields(given: str, surname: str, wanted: tuple[str | None, ...]) -> None:
    """The first word is the given name, the rest the middle name, but for names of two words."""
    found = one(given_name=given, surname=surname)
    assert (found["given_name"], found["middle_name"], found["surname"]) == wanted


@pytest.mark.parametrize(
    ("given", "surname", "wanted"),
    [
        ("Guest", "Customer", (None, None)),
        ("CASH", "CUSTOMER", (None, None)),
        ("Valued", "Guest", (None, None)),
        ("Valued Customer", None, (None, None)),
        ("Test", "Test", (None, None)),
        ("Johnny", "Cash", ("JOHNNY", "CASH")),
        ("Christopher", "Guest", ("CHRISTOPHER", "GUEST")),
        ("Guest", "Smith", (None, "SMITH")),
        ("Unknown", "Unknown", (None, None)),
        ("No Name", "No Name", (None, None)),
        (None, "Cash", (None, "CASH")),
    ],
)
def test_words_for_nobody(given: str | None, surname: str | None, wanted: tuple[str | None, ...]) -> None:
    """A role is no name where the whole name is made of such words; a surname of that spelling is somebody's."""
    found = one(given_name=given, surname=surname)
    assert (found["given_name"], found["surname"]) == wanted


def test_names_of_their_own_win_over_the_full_name() -> None:
    """The full name is somebody else's."""
    found = one(given_name="Liz", surname="Jones Sr", full_name="Somebody M. Else")
    assert (found["given_name"], found["middle_name"], found["surname"], found["suffix"]) == (
        "LIZ",
        None,
        "JONES",
        "SR",
    )


def test_the_full_name_gives_what_is_missing() -> None:
    """Where it is the same person's: the middle name, or the other half."""
    assert one(given_name="Liz", surname="Jones", full_name="Liz Ann Jones")["middle_name"] == "ANN"
    assert one(given_name="Liz", full_name="Liz Jones")["surname"] == "JONES"
    assert one(given_name="Liz", full_name="Bob Jones")["surname"] is None


def test_a_suffix_of_its_own_wins() -> None:
    """Over one in the surname."""
    assert one(surname="Jones Jr", generational_suffix="Senior")["suffix"] == "SR"


def test_names_that_are_not_thought_over_are_read_as_those_that_are() -> None:
    """Two words of letters, of any kind of word that the parser knows."""
    words = ["ANN", "BOB", "SMITH", "VAN", "DE", "ST", "O", "D", "MARY", "GARCIA", "X", "LE", "AL", "PAUL", "JEAN"]
    draw = np.random.default_rng(1)
    texts = [" ".join(words[place] for place in draw.integers(0, len(words), 2)) for _ in range(300)]
    thought = [name_parts.full_name(text) for text in texts]
    read = names.names({"full_name": names_column(texts)}, len(texts))
    assert read["surname"].to_list() == [name.surname for name in thought]
    assert read["given_name"].to_list() == [name.given_name for name in thought]


def names_column(texts: list[str]) -> names.Column:
    """Give a column of which every row has a value of its own."""
    return names.Column(pl.Series(texts), pl.int_range(len(texts), dtype=pl.Int32, eager=True))
