"""Reads one line of an address: the street, the part of the building, the PO box."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from cdp_assets.stitch.normalise import word_lists

_TENS = ("TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY")
_FIRST = (
    "FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH", "TENTH", "ELEVENTH",
    "TWELFTH", "THIRTEENTH", "FOURTEENTH", "FIFTEENTH", "SIXTEENTH", "SEVENTEENTH", "EIGHTEENTH", "NINETEENTH",
)  # fmt: skip
_DIGITS = ("ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
_ENDS = {1: "ST", 2: "ND", 3: "RD"}


def _ordinals() -> dict[str, str]:
    """Give the numbers of streets in words, from 1ST to 999TH."""
    spelled = {number + 1: word for number, word in enumerate(_FIRST)}
    for ten, word in enumerate(_TENS, start=2):
        spelled[10 * ten] = f"{word.removesuffix('Y')}IETH"
        spelled |= {10 * ten + unit: f"{word} {spelled[unit]}" for unit in range(1, 10)}
    below = {0: "", **spelled}
    for digit, word in enumerate(_DIGITS, start=1):
        spelled |= {100 * digit + rest: f"{word} HUNDRED{f' {last}' if last else 'TH'}" for rest, last in below.items()}
    return {f"{number}{_end(number)}": word for number, word in spelled.items()}


def _end(number: int) -> str:
    return "TH" if number % 100 in (11, 12, 13) else _ENDS.get(number % 10, "TH")


ORDINALS = _ordinals()
STREET_WORDS = {**word_lists.spellings("street_words"), **ORDINALS}
UNIT_WORDS = word_lists.spellings("unit_words")
DIRECTIONS = frozenset((
    "N", "S", "E", "W", "NE", "NW", "SE", "SW", "NORTH", "SOUTH", "EAST", "WEST",
    "NORTHEAST", "NORTHWEST", "SOUTHEAST", "SOUTHWEST",
))  # fmt: skip
OPENING = {"ST": "SAINT", "DR": "DOCTOR"}
"""Words that mean something else at the beginning of a street's name."""
MOST_UNITS = 3
STANDING_UNITS = ("BASEMENT", "BSMT", "FRNT", "LOBBY", "LBBY", "LOWR", "PENTHOUSE", "PH", "REAR", "UPPR")
"""Parts of a building that need no number."""
FRENCH = frozenset((
    "ALLEE", "AV", "AVE", "AVENUE", "BD", "BOULEVARD", "CHEMIN", "CITE", "COURS", "FAUBOURG", "IMPASSE", "PASSAGE",
    "PLACE", "QUAI", "ROUTE", "RUE", "SQUARE",
))  # fmt: skip
"""Kinds of streets before which `bis` and `ter` belong to the house number."""
NOT_NAMES = DIRECTIONS | UNIT_WORDS.keys() - set(STANDING_UNITS)
"""Words that no street is named by, so that what stands before them is the kind of a street."""
NUMBERED_ROADS = {
    "CR": "COUNTY ROAD", "FM": "FARM TO MARKET", "HC": "HIGHWAY CONTRACT", "HWY": "HIGHWAY", "I": "INTERSTATE",
    "RR": "RURAL ROUTE", "RT": "ROUTE", "RTE": "ROUTE", "SH": "STATE HIGHWAY", "SR": "STATE ROUTE",
}  # fmt: skip
"""Roads known by a number. Source: USPS Publication 28, appendix F."""
NOT_STREETS = frozenset((*NUMBERED_ROADS, "HIGHWAY", "ROAD", "ROUTE", "INTERSTATE", "US", "KM", "NO", "NR", "NUM"))
"""Words after which a number at the end is not simply that of a house."""

UNIT_WORD = "|".join(sorted((word for word in UNIT_WORDS if word not in STANDING_UNITS), key=len, reverse=True))
_GAP = r"(?: ?# ?| |(?=\d))"
"""Between a word and its number, which may stand close (`APT5`); a letter may not (`APTO`)."""
_VALUE = r"\d+[A-Z]?(?:-?\w{1,3})?|[A-Z]-?\d+|[A-Z]"
_CARE_OF = re.compile(r"^(?:C/O|ATTN|ATT|ATTENTION)\b[^0-9]*")
BOX_WORD = (
    r"P ?O ?B(?:OX)?|POST OFFICE BOX|GPO BOX|LOCKED BAG|PRIVATE BAG|BP|BOITE POSTALE|POSTFACH|POSTBUS|POSTBOKS|"
    r"POSTBOX|APARTADO(?: POSTAL| DE CORREOS)?|APDO|CASILLA(?: POSTAL)?|CASELLA POSTALE|CAIXA POSTAL|CP"
)
_BOX = re.compile(rf"\b(?:{BOX_WORD})(?: (?:NO|NR|N|NUMBER))?{_GAP}(\d\w*|[A-Z](?= |,|$))")
_FIRST_UNIT = re.compile(
    rf"^(?:(?:{UNIT_WORD}){_GAP}({_VALUE}) ?[,/ ] ?|(\w{{1,5}}) ?/ ?|(\d+)(?:ST|ND|RD|TH)? ?(?:FLOOR|FLR?) ?,? ?)"
    r"(?=\d)"
)
_LAST_UNIT = re.compile(
    rf"(?:^|[ ,])(?:(?:{UNIT_WORD}){_GAP}|# ?)({_VALUE})$|[ ,](\d+)(?:ST|ND|RD|TH)? ?(?:FLOOR|FLR?|ETAGE|STOCK|OG)$"
    rf"|[ ,]({'|'.join(STANDING_UNITS)})$|(?<=[A-Z] \d)/(\d+)$|(?<=[A-Z] \d\d)/(\d+)$|(?<=[A-Z] \d\d\d)/(\d+)$"
)
_AFTER_COMMA = re.compile(r"(?<=\w), ?(\d+)[OA]? ?([A-Z]|IZQ|IZDA|DCHA|DER)?$")
_NUMBER_LAST = re.compile(r"^([A-Z][A-Z ]*?)(?: (?:NO|NR|N|NUM))? (\d+(?:-\d+)?)(?: ?/? ?([A-Z]|BIS|TER))?$")
MOST_DIGITS = 3
"""A number so long beside a town is hardly its postal code."""
STREET_ENDINGS = ("STR", "STRASSE", "STRAAT")
_SHORT_NUMBER = re.compile(rf"^\d{{1,{MOST_DIGITS}}}(?:[A-Z]|ST|ND|RD|TH)?(?:-\d+)?,? [A-Z]")
_TOWN = re.compile(r",[A-Z ]+,? ?[A-Z]{2} \d{5}(?:-\d{4})?$")
"""The town, state and ZIP code that some write into the line."""
_NUMBERED_UNIT = re.compile(r"^(\d.*)[ ,]NO ?#? ?(\d+[A-Z]?)$")
_NUMBER_FIRST = re.compile(
    rf"^(\d+(?:-\d+)?) (?:([A-DF-MO-RT-VX-Z]) (?=[A-Z]+ [A-Z])|(BIS|TER|QUATER) (?=(?:{'|'.join(sorted(FRENCH))}) ))"
)
"""A letter to the house number; before the kind of a street alone it is the street: 12 A STREET."""


class Line(NamedTuple):
    """What one line says; `full_address` is all of it with its words in full, as the documents show it."""

    address: str | None = None
    unit: str | None = None
    po_box: str | None = None
    full_address: str | None = None


def line(text: str) -> Line:
    """Read a folded line: `Flat 2, 12 High St.` is 12 HIGH STREET with the unit 2.

    The house number comes first, wherever the country puts it: `Hauptstr. 5` is 5 HAUPTSTRASSE.
    """
    plain = _plain(_CARE_OF.sub("", text))
    box = _BOX.search(plain)
    street = _tidy(f"{plain[: box.start()]},{_street_after(plain[box.end() :])}") if box else plain
    street, units = _without_units(_TOWN.sub("", street))
    street = _number_first(street.replace(",", " "))
    return Line(
        in_full(street.split()) or None,
        " ".join(units) or None,
        box.group(1) if box else None,
        in_full(plain.replace(",", " ").split(), UNIT_WORDS) or None,
    )


def in_full(words: list[str], before: Mapping[str, str] | None = None) -> str:
    """Give the words of a street in full; `before` are forms that win, such as those of units before a number."""
    found = []
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        found.append(_in_full(word, words[:place], following, before or {}))
    return " ".join(found)


def _in_full(word: str, earlier: list[str], following: str, units: Mapping[str, str]) -> str:
    numbered = following[:1].isdigit() and not following.endswith(("ST", "ND", "RD", "TH"))
    if numbered and word in NUMBERED_ROADS:
        return NUMBERED_ROADS[word]
    if word in units and (numbered or (len(following) == 1 and following not in DIRECTIONS)):
        return units[word]
    if word in OPENING and following.isalpha() and following not in NOT_NAMES and _opens(earlier):
        return OPENING[word]
    if word == "TER" and following in FRENCH and len(earlier) == 1 and earlier[0][0].isdigit():
        return word
    if len(word) > 4 and word.endswith("STR"):
        return f"{word}ASSE"
    return STREET_WORDS.get(word, word)


def _opens(earlier: list[str]) -> bool:
    """Say whether a word comes first in the name of a street: after the number and a direction."""
    rest = earlier[1:] if earlier and earlier[0][0].isdigit() else earlier
    return not rest or (len(rest) == 1 and rest[0] in DIRECTIONS)


def _plain(text: str) -> str:
    """Give letters, digits, `,/#` and the hyphens between numbers, with single spaces."""
    dotted = re.sub(r"(?<=[A-Z]{2})\.(?=\w)", " ", text).replace(".", "")
    closed = dotted.replace("'", "").replace("`", "").replace("&", " AND ")
    closed = re.sub(r"^C/ ?", "CALLE ", closed)
    closed = closed.replace("# ", "#")
    bare = re.sub(r"(?<=[A-Z])-(?=[A-Z])| - |[^A-Z0-9,/#\-]+", " ", closed)
    return _tidy(re.sub(r"\b(I|US|SR|CR|RT|HWY)-(?=\d)", r"\1 ", bare))


def _tidy(text: str) -> str:
    return re.sub(r" ?(?:, ?)+", ",", " ".join(text.split())).strip(" ,/-").rstrip("#")


def _street_after(box: str) -> str:
    """Give what follows a PO box where it is a street; else only parts of a building, for the rest is a town."""
    text = box.strip(" ,/")
    if _has_house_number(_without_units(text)[0]):
        return text
    return ",".join(piece for piece in text.split(",") if not _without_units(piece)[0])


def _has_house_number(street: str) -> bool:
    """Say whether a number is that of a house: `12 BROADWAY`, `12345 MAIN ST`; not `10115 BERLIN` or `DUBLIN 2`."""
    number, *words = street.replace(",", " ").split() or [""]
    if number[:1].isdigit():
        return bool(_SHORT_NUMBER.match(street)) or any(word in STREET_WORDS for word in words[1:])
    last = _NUMBER_LAST.match(street)
    kinds = last.group(1).split() if last and len(last.group(2)) <= MOST_DIGITS else []
    return any((word in STREET_WORDS and word not in OPENING) or word.endswith(STREET_ENDINGS) for word in kinds)


def _without_units(street: str) -> tuple[str, list[str]]:
    """Give the street and the numbers of the parts of the building, the larger part first."""
    units: list[str] = []
    first = _FIRST_UNIT.match(street)
    if first:
        street, units = street[first.end() :], [next(filter(None, first.groups()))]
    while len(units) < MOST_UNITS and (last := _LAST_UNIT.search(street)):
        units.insert(0, next(filter(None, last.groups())))
        street = street[: last.start()].strip(" ,")
    numbered = _NUMBERED_UNIT.match(street)
    if numbered:
        street, units = numbered.group(1), [numbered.group(2), *units]
    door = _AFTER_COMMA.search(street)
    if door and any(character.isdigit() for character in street[: door.start()]):
        units.insert(0, door.group(1) + (door.group(2) or ""))
        street = street[: door.start()]
    return street, units


def _number_first(street: str) -> str:
    """Put the house number before the street and its letter to it: `12 bis rue` is 12BIS RUE."""
    last = _NUMBER_LAST.match(street)
    if last and last.group(1).split()[-1] not in NOT_STREETS:
        return f"{last.group(2)}{last.group(3) or ''} {last.group(1)}"
    return _NUMBER_FIRST.sub(r"\1\2\3 ", street)
