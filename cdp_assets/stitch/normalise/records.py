"""Brings records into the spelling that Stitch compares; the originals stay in Unified Coalesced."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from cdp_assets.stitch.normalise import words

KEYS = ("datasource", "pk")
COMPARED = (
    "given_name", "middle_name", "surname", "suffix", "email", "phone", "address", "unit", "po_box", "address2", "city",
    "state", "postal", "country", "birthdate", "gender", "company",
)  # fmt: skip
"""The columns of a normalised record, all texts or null, beside its keys and its `fk_`, `sk_` and `ck` columns."""

NAME_PARTS = ("given_name", "middle_name", "surname", "suffix")
ADDRESS_PARTS = ("address", "unit", "po_box", "address2")
PHONE_DIGITS, SHORTEST_PHONE = 10, 7
_PO_BOX = re.compile(r"\bP\s*O\s*BOX\s+(\w+)\b")
_UNIT = re.compile(rf"\b(?:{'|'.join(words.UNIT_WORDS)}|NO)\s+(\w+)$|#\s*(\w+)$")


def normalised(records: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, pk, the columns of COMPARED, every fk_ and sk_ column, then ck, one row per record.

    Every column is text. A value that says nothing (blank, `N/A`, a phone of one digit) is null. Rows are in the
    order of (datasource, pk), whatever the order of `records`.
    """
    records = _with_columns(records.sort(KEYS))
    names = _names(records)
    address = _addresses(records)
    email = pl.col("email").str.strip_chars().str.to_uppercase()
    frame = records.select(
        *KEYS,
        names["given_name"],
        names["middle_name"],
        names["surname"],
        names["suffix"],
        email.alias("email"),
        _phone().alias("phone"),
        address["address"],
        address["unit"],
        address["po_box"],
        address["address2"],
        _plain("city"),
        _plain("state"),
        _postal().alias("postal"),
        _plain("country"),
        _birthdate().alias("birthdate"),
        pl.col("gender")
        .str.strip_chars()
        .str.to_uppercase()
        .replace_strict(words.GENDERS, default=None)
        .alias("gender"),
        _plain("company"),
        *(_key(name).alias(name) for name in records.columns if name.startswith(("fk_", "sk_"))),
        _key("ck").alias("ck"),
    )
    return frame.with_columns(_each(frame["email"], _email).alias("email"))


def _with_columns(records: pl.DataFrame) -> pl.DataFrame:
    """Give every column that normalisation reads, as text, null where the tenant has none."""
    wanted = ["given_name", "middle_name", "surname", "full_name", "generational_suffix", "email", "phone"]
    wanted += ["address", "address2", "city", "state", "postal", "country", "birthdate", "gender", "company", "ck"]
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in wanted if name not in records.columns]
    return records.with_columns(absent).with_columns(pl.col(name).cast(pl.String) for name in wanted)


def _each(column: pl.Series, change: Callable[[str], str | None]) -> pl.Series:
    """Change each distinct text once."""
    distinct = column.drop_nulls().unique()
    changed = pl.Series([change(text) for text in distinct.to_list()], dtype=pl.String)
    return column.replace_strict(distinct, changed, default=None, return_dtype=pl.String)


def _letters(expression: pl.Expr) -> pl.Expr:
    """Upper-case without accents: letters, digits, hyphens and single spaces."""
    plain = expression.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_uppercase()
    return plain.str.replace_all(r"['’.]", "").str.replace_all(r"[^A-Z0-9\- ]+", " ").str.replace_all(r" +", " ")


def _letters_and_commas(expression: pl.Expr) -> pl.Expr:
    """Upper-case as `_letters` does, but with the comma of `Last, First`."""
    return _letters(expression.str.replace_all(",", " -- ", literal=True)).str.replace_all(r" *-- *", ",")


def _plain(name: str) -> pl.Expr:
    text = _letters(pl.col(name)).str.strip_chars()
    return pl.when(text.is_in(["", *words.NO_VALUE])).then(None).otherwise(text).alias(name)


def _phone() -> pl.Expr:
    digits = pl.col("phone").str.replace_all(r"\D", "").str.tail(PHONE_DIGITS)
    one_digit = digits.str.strip_chars(digits.str.head(1)) == ""
    bad = (digits.str.len_bytes() < SHORTEST_PHONE) | one_digit | digits.is_in(list(words.BAD_PHONES))
    return pl.when(~bad).then(digits)


def _postal() -> pl.Expr:
    plain = pl.col("postal").str.to_uppercase().str.replace_all(r"[^A-Z0-9\-]", "")
    short = plain.str.replace(r"^(\d{5})-?\d{4}$", "$1").str.replace_all("-", "", literal=True)
    return pl.when((short != "") & ~short.is_in(list(words.BAD_POSTALS))).then(short)


def _birthdate() -> pl.Expr:
    text = pl.col("birthdate").str.head(10)
    return pl.when(~text.is_in(list(words.BAD_BIRTHDATES))).then(text)


def _key(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text)


def _email(text: str) -> str | None:
    local, at, domain = text.rpartition("@")
    local = local.partition("+")[0]
    if not at or not local or "." not in domain or " " in text or local in words.BAD_EMAIL_LOCAL_PARTS:
        return None
    return None if domain in words.BAD_EMAIL_DOMAINS else f"{local}@{domain}"


def _names(records: pl.DataFrame) -> pl.DataFrame:
    """Give given_name, middle_name, surname, suffix: from their own columns, else from the full name."""
    alone = pl.col("given_name").is_null() & pl.col("surname").is_null()
    parts = [_letters(pl.col(name)) for name in ("given_name", "middle_name", "surname", "generational_suffix")]
    parts.append(pl.when(alone).then(_letters_and_commas(pl.col("full_name"))))
    keys = records.select(name=pl.concat_str([part.fill_null("") for part in parts], separator="\x1f"))["name"]
    distinct = keys.unique()
    split = [_name(*text.split("\x1f")) for text in distinct.to_list()]
    table = pl.DataFrame(split, schema=dict.fromkeys(NAME_PARTS, pl.String), orient="row")
    return (
        keys.to_frame()
        .join(table.with_columns(name=distinct), on="name", how="left", maintain_order="left")
        .drop("name")
    )


def _name(given: str, middle: str, surname: str, suffix: str, full: str) -> tuple[str | None, ...]:
    """Give the parts of one name; a full name is `Last, First` or `First [Middle] Last`."""
    if full:
        before, comma, after = full.partition(",")
        if comma and after.strip() not in words.SUFFIXES:
            given, surname = after, before
        else:
            pieces = [piece for piece in full.replace(",", " ").split() if piece not in words.TITLES]
            while len(pieces) > 1 and pieces[-1] in words.SUFFIXES:
                last = pieces.pop()
                suffix = suffix or last
            given, surname = (" ".join(pieces[:-1]), pieces[-1]) if len(pieces) > 1 else (" ".join(pieces), "")
    given_parts = [piece for piece in given.split() if piece not in words.TITLES]
    surname_parts = surname.split()
    for pieces in (given_parts, surname_parts):
        while len(pieces) > 1 and pieces[-1] in words.SUFFIXES:
            last = pieces.pop()
            suffix = suffix or last
    if len(given_parts) > 1 and len(given_parts[-1]) == 1:
        initial = given_parts.pop()
        middle = middle or initial
    found = (_said(" ".join(given_parts)), _said(middle), _said(" ".join(surname_parts)))
    return (*found, words.SUFFIXES.get(suffix.strip()))


def _said(name: str) -> str | None:
    name = name.strip(" -")
    return name if name and name not in words.NO_VALUE else None


def _addresses(records: pl.DataFrame) -> pl.DataFrame:
    """Give address, unit, po_box of each record's two address lines."""
    spelled = records.select(
        name=pl.concat_str(
            [pl.col("address").fill_null(""), pl.col("address2").fill_null("")], separator="\x1f"
        ).str.to_uppercase()
    )["name"]
    distinct = spelled.unique()
    split = [_address(*text.split("\x1f")) for text in distinct.to_list()]
    table = pl.DataFrame(split, schema=dict.fromkeys(ADDRESS_PARTS, pl.String), orient="row")
    return spelled.to_frame().join(table.with_columns(name=distinct), on="name", how="left", maintain_order="left")


def _address(line: str, second: str) -> tuple[str | None, ...]:
    """Give street, unit, PO box and what else the second line says: words in full, no punctuation."""
    whole = _street(line)
    more = _street(second)
    box = _PO_BOX.search(whole) or _PO_BOX.search(more)
    unit = _UNIT.search(whole)
    street = _UNIT.sub("", _PO_BOX.sub("", whole)).strip()
    number = next((group for group in unit.groups() if group), None) if unit else None
    rest = _PO_BOX.sub("", more)
    if number is None and second:
        digits = re.search(r"\w*\d\w*", rest)
        number = digits.group() if digits else None
    return (
        street or None,
        number,
        box.group(1) if box else None,
        _UNIT.sub("", rest).strip() or None,
    )


def _street(text: str) -> str:
    if text.strip() in words.NO_VALUE:
        return ""
    plain = re.sub(r"[^A-Z0-9# ]+", " ", text.replace(".", "").replace("'", ""))
    return " ".join(words.ADDRESS_WORDS.get(word, word) for word in plain.replace("#", " # ").split())
