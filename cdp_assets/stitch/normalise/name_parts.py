"""Reads one name: which of its words are given names, which the surname, which neither."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from cdp_assets.stitch.normalise import word_lists

_KINDS = word_lists.kinds("name_words")
MALE, FEMALE = _KINDS["male"], _KINDS["female"]
TITLES = MALE | FEMALE | _KINDS["title"]
NEVER_NAMES = frozenset(("MR", "MRS", "MS", "MISS", "DR", "MME", "HERR", "FRAU"))
"""Titles that no parents give; of the others (`Major`, `Lady`) one that stands alone is a name."""
DEGREES = _KINDS["degree"]
AFTER_COMMA = DEGREES | _KINDS["after_comma"]
PARTICLES = _KINDS["particle"]
DOUBLE_NAMES = frozenset(word_lists.words("double_names", ","))
NEVER_FIRST = frozenset(("VAN", "VON", "DE", "DER", "DEN"))
"""Particles with which a surname begins that stands alone, for nobody is called so before another particle."""
SPANISH_SURNAMES = frozenset(word_lists.words("spanish_surnames"))
SUFFIXES = {
    "JR": "JR", "JNR": "JR", "JUNIOR": "JR", "SR": "SR", "SNR": "SR", "SENIOR": "SR", "II": "II", "2ND": "II",
    "III": "III", "3RD": "III", "IV": "IV", "4TH": "IV", "V": "V", "5TH": "V",
}  # fmt: skip
ENDINGS = DEGREES | SUFFIXES.keys()
_AND = re.compile(r"\bAND\b")
_ASIDE = re.compile(r"\([^()]*\)|\"[^\"]*\"")
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}|\bPH\.? ?D\b")


class Name(NamedTuple):
    """The parts of a name; gender is what its title says (`M`, `F`)."""

    given_name: str | None = None
    middle_name: str | None = None
    surname: str | None = None
    suffix: str | None = None
    gender: str | None = None


def given_name(text: str) -> Name:
    """Read what stands in a field for the given name: `Dr. Mary Ann E.` is MARY-ANN with the middle name E.

    The surname is a particle that ended up here (`Ludwig van`), to be put before the surname's own field.
    """
    words, gender = _without_title(_words(_one_person(text)))
    words, suffix = _without_endings(words)
    tail: list[str] = []
    while len(words) > 1 and words[-1] in PARTICLES:
        tail.insert(0, words.pop())
    given, middle = _given(words)
    return Name(given, middle, "".join(tail) or None, suffix, gender)


def surname(text: str) -> Name:
    """Read what stands in a field for the surname: `van der Berg Jr.` is VANDERBERG with the suffix JR."""
    words, suffix = _without_endings(_words(text))
    return Name(surname=_surname(words), suffix=suffix)


def full_name(text: str) -> Name:
    """Read `First Middle Last` or `Last, First Middle`, with titles, suffixes and degrees anywhere.

    One word is a given name, after a title (`Mrs Smith`) a surname.
    """
    segments = [words for words in map(_words, _one_person(text).split(",")) if words]
    suffix = None
    while len(segments) > 1 and all(word in AFTER_COMMA or word in SUFFIXES for word in segments[-1]):
        suffix = _suffix(segments.pop()) or suffix
    if len(segments) > 1:
        return _last_first(segments[0], [word for words in segments[1:] for word in words], suffix)
    if segments and text.endswith(","):
        return _last_first(segments[0], [], suffix)
    return _first_last(segments[0] if segments else [], suffix)


def _last_first(last: list[str], first: list[str], suffix: str | None) -> Name:
    last, last_suffix = _without_endings(last)
    first, gender = _without_title(first)
    first, first_suffix = _without_endings(first)
    given, middle = _given(first)
    return Name(given, middle, _surname(last), suffix or last_suffix or first_suffix, gender)


def _first_last(words: list[str], suffix: str | None) -> Name:
    rest, gender = _without_title(words)
    rest, ending = _without_endings(rest)
    if len(rest) == 1 and len(rest) < len(words) and words[0] in TITLES:
        return Name(surname=_surname(rest), suffix=suffix or ending, gender=gender)
    start = _surname_start(rest)
    given, middle = _given(rest[:start])
    return Name(given, middle, _surname(rest[start:]), suffix or ending, gender)


def _surname_start(words: list[str]) -> int:
    """Give where the surname starts: at the last word, at one of two Spanish surnames, at a particle before them."""
    if len(words) > 2 and words[0] in NEVER_FIRST and words[1] in PARTICLES:
        return 0
    start = max(len(words) - 1, 1)
    if start > 1 and words[start - 1] in SPANISH_SURNAMES:
        start -= 1
    while start > 1 and _joins(words[start - 1], words[start]):
        start -= 1
    return start


def _joins(word: str, following: str) -> bool:
    """Say whether a word is a particle of the one after it; `O` and `D` before a letter are initials."""
    return word in PARTICLES and (len(word) > 1 or len(following) > 1)


def _one_person(text: str) -> str:
    """Give the first of two people: of `John & Mary Smith` it is `John Smith`."""
    first, both, second = _AND.sub("&", text).partition("&")
    said = [word for word in _words(first) if word not in TITLES]
    if not both or not said:
        return f"{first} {second}"
    return first if len(said) > 1 else f"{first} {second.split()[-1] if second.split() else ''}"


def _words(text: str) -> list[str]:
    """Give the words of a folded text: initials apart (`J.R.` is J R), asides and apostrophes out."""
    dotted = _DOTTED.sub(_undotted, _ASIDE.sub(" ", text))
    plain = re.sub(r"[^A-Z0-9\- ]+", " ", dotted.replace("'", "").replace("`", ""))
    return [word for word in (piece.strip("-") for piece in plain.split()) if word]


def _undotted(match: re.Match[str]) -> str:
    letters = re.sub(r"[^A-Z]", "", match.group())
    return f"{letters} " if letters in AFTER_COMMA or letters in SUFFIXES else " ".join(letters) + " "


def _without_title(words: list[str]) -> tuple[list[str], str | None]:
    said = set()
    while words and words[0] in TITLES and (len(words) > 1 or words[0] in NEVER_NAMES):
        said.add("M" if words[0] in MALE else "F" if words[0] in FEMALE else None)
        words = words[1:]
    genders = said - {None}
    return words, genders.pop() if len(genders) == 1 else None


def _without_endings(words: list[str]) -> tuple[list[str], str | None]:
    """Give the words before suffixes and degrees; `V` ends a name of three words, else it is an initial."""
    end = len(words)
    while end > 1 and words[end - 1] in ENDINGS and (words[end - 1] != "V" or end > 2):
        end -= 1
    return words[:end], _suffix(words[end:])


def _suffix(words: list[str]) -> str | None:
    return next((SUFFIXES[word] for word in words if word in SUFFIXES), None)


def _given(words: list[str]) -> tuple[str | None, str | None]:
    """Give the given name, of two words with a hyphen where they are one name, and the words after it.

    A surname that ended up here (`van der Berg`) is spelled as it is in its own field.
    """
    if len(words) > 1 and words[0] in NEVER_FIRST:
        return _surname(words), None
    given = 2 if " ".join(words[:2]) in DOUBLE_NAMES else 1
    return "-".join(words[:given]) or None, " ".join(words[given:]).replace("-", " ") or None


def _surname(words: list[str]) -> str | None:
    """Join particles with the word after them, so that `van den Berg` and `Vandenberg` are one."""
    pieces = " ".join(words).replace("-", " ").split()
    joined = [word + ("" if _joins(word, following) else " ") for word, following in pairwise(pieces)]
    return "".join([*joined, *pieces[-1:]]) or None
