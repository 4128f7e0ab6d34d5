"""Gives the parts of a person's name, from fields of their own or from the full name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from cdp_assets.stitch.normalise import name_parts, word_lists
from cdp_assets.stitch.normalise.text import folded, spaced
from cdp_assets.stitch.normalise.values import Column, nothing, said_where, thought_over

PARTS = ("given_name", "middle_name", "surname", "suffix", "gender")
_NO_VALUE = word_lists.kinds("no_value", ",")
NO_GIVEN_NAME = _NO_VALUE["all"] | _NO_VALUE["given_name"]
NO_SURNAME = _NO_VALUE["all"] | _NO_VALUE["surname"]
NO_FULL_NAME = NO_GIVEN_NAME | NO_SURNAME | _NO_VALUE["full_name"]
ROLES = _NO_VALUE["role"]
"""Words that are no name where the whole name is made of them: `Cash Customer`, though not `Johnny Cash`."""
_OF_TWO_SIGNS = "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|东方|東方|皇甫|尉迟|公孙|令狐|慕容|司徒|夏侯|남궁|황보|제갈|선우"
"""Surnames of two signs. Source: Wikipedia, "Chinese compound surname" and "List of Korean surnames"."""
_CHINESE = rf"^({_OF_TWO_SIGNS}|[\p{{Han}}\p{{Hangul}}])([\p{{Han}}\p{{Hangul}}]{{1,2}})$"
_JAPANESE = r"^([\p{Han}]{2})([\p{Han}\p{Hiragana}\p{Katakana}]{2})$"


def names(columns: Mapping[str, Column], rows: int) -> pl.DataFrame:
    """Give given_name, middle_name, surname, suffix and name_gender (what a title in the name says) of each row.

    A field of its own wins. The full name gives what is missing, unless it is somebody else's: where one of the two
    names is there, it must be the same in the full name. The first word of a given name is the given name and the
    rest the middle name, but for double names: `Mary Ann` is MARY-ANN.
    """
    fields = (
        ("given_name", _given_names, "g", PARTS),
        ("surname", _surnames, "s", ("surname", "suffix")),
        ("full_name", _full_names, "f", PARTS),
        ("middle_name", _middle_names, "m", ("middle_name",)),
        ("generational_suffix", _suffixes, "x", ("suffix",)),
    )
    said = [_spread(columns.get(name), read, mark, parts, rows) for name, read, mark, parts in fields]
    return _without_roles(pl.concat(said, how="horizontal").select(_chosen()))


def _spread(
    column: Column | None,
    read: Callable[[pl.Series], pl.DataFrame],
    mark: str,
    parts: Sequence[str],
    rows: int,
) -> pl.DataFrame:
    """Give the parts that one field may say, their names after a mark: `g_surname`."""
    if column is None:
        return pl.DataFrame({f"{mark}_{name}": nothing(rows) for name in parts})
    said = read(column.values).select(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in parts)
    return pl.DataFrame({f"{mark}_{part.name}": column.spread(part) for part in said})


def _chosen() -> list[pl.Expr]:
    """Choose among what the fields say."""
    given, surname = pl.col("g_given_name"), pl.col("g_surname").fill_null("") + pl.col("s_surname")
    same = (given.is_null() | (given == pl.col("f_given_name"))).fill_null(False) & (
        surname.is_null() | (surname == pl.col("f_surname"))
    ).fill_null(False)
    full = {name: pl.when(same).then(pl.col(f"f_{name}")) for name in PARTS}
    return [
        pl.coalesce(given, full["given_name"]).alias("given_name"),
        pl.coalesce("m_middle_name", "g_middle_name", full["middle_name"]).alias("middle_name"),
        pl.coalesce(surname, full["surname"]).alias("surname"),
        pl.coalesce("x_suffix", "s_suffix", "g_suffix", full["suffix"]).alias("suffix"),
        pl.coalesce("g_gender", full["gender"]).alias("name_gender"),
    ]


def _without_roles(names: pl.DataFrame) -> pl.DataFrame:
    """Drop names that say what somebody is to a shop; a surname alone is somebody's."""
    given, surname = pl.col("given_name"), pl.col("surname")
    role = given.is_in(ROLES) & surname.fill_null("CUSTOMER").is_in(ROLES)
    kept = pl.when(role.fill_null(False).not_())
    return names.with_columns(kept.then(pl.col(name)).alias(name) for name in ("given_name", "middle_name", "surname"))


def _given_names(values: pl.Series) -> pl.DataFrame:
    texts = _said(folded(values), NO_GIVEN_NAME)
    easy = texts.str.contains(r"^[A-Z]*$") & ~texts.is_in(name_parts.NEVER_NAMES)
    found = thought_over(texts, easy, _frame(given_name=texts), name_parts.given_name)
    return found.with_columns(_said(found["given_name"], NO_GIVEN_NAME))


def _surnames(values: pl.Series) -> pl.DataFrame:
    texts = _said(folded(values), NO_SURNAME)
    return thought_over(texts, texts.str.contains(r"^[A-Z]*$"), _frame(surname=texts), name_parts.surname)


def _full_names(values: pl.Series) -> pl.DataFrame:
    """Read full names; Chinese, Korean and Japanese ones put the surname first and no space after it."""
    spelled = values.str.replace(_CHINESE, "$1, $2").str.replace(_JAPANESE, "$1, $2")
    texts = _said(folded(spelled), NO_FULL_NAME)
    halves = texts.str.splitn(" ", 2).struct.rename_fields(["given_name", "surname"]).struct.unnest()
    first, last = halves["given_name"], halves["surname"]
    easy = texts.str.contains(r"^[A-Z]+ [A-Z]+$") & ~first.is_in(name_parts.TITLES) & ~last.is_in(name_parts.ENDINGS)
    found = thought_over(texts, easy, _frame(given_name=first, surname=last), name_parts.full_name)
    return found.with_columns(_said(found["given_name"], NO_GIVEN_NAME), _said(found["surname"], NO_SURNAME))


def _middle_names(values: pl.Series) -> pl.DataFrame:
    return _frame(middle_name=_said(spaced(folded(values)), NO_GIVEN_NAME))


def _suffixes(values: pl.Series) -> pl.DataFrame:
    texts = spaced(folded(values))
    return _frame(suffix=texts.replace_strict(name_parts.SUFFIXES, default="", return_dtype=pl.String))


def _said(texts: pl.Series, unsaid: frozenset[str]) -> pl.Series:
    """Give texts, empty where they are but a word for no value."""
    words = texts.str.replace_all(r"[^A-Z0-9]+", " ").str.strip_chars()
    return said_where(texts, ~words.is_in(unsaid)).fill_null("")


def _frame(**parts: pl.Series) -> pl.DataFrame:
    """Give all parts, empty where they are not given."""
    size = len(next(iter(parts.values())))
    empty = pl.repeat("", size, dtype=pl.String, eager=True)
    return pl.DataFrame({name: parts.get(name, empty).fill_null("") for name in PARTS})
