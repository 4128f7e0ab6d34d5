"""The peer's input: names, contacts and addresses in one plain spelling, as its user would write it."""

from __future__ import annotations

import polars as pl

JUNK_EMAIL = (
    r"^(test|noemail|none|na|n/?a|donotreply|guest|noreply|no-reply|unknown|abc|asdf)@"
    r"|@(test|none|na|noemail|example)\."
)
JUNK_NAMES = ["guest", "customer", "unknown", "test", "cash", "na", "valued", "n a", "none", "null", "anonymous"]
JUNK_PHONES = ["1234567890", "0123456789"]
JUNK_BIRTHDATES = ["1900-01-01", "0000-00-00"]
SHORT = {
    "street": "st", "avenue": "ave", "road": "rd", "drive": "dr", "lane": "ln", "court": "ct", "boulevard": "blvd",
    "place": "pl", "circle": "cir", "crescent": "cres", "close": "cl", "apartment": "apt", "unit": "apt",
    "suite": "apt", "ste": "apt", "north": "n", "south": "s", "east": "e", "west": "w",
}  # fmt: skip


def prepared(records: pl.DataFrame) -> pl.DataFrame:
    """Give source, unique_id and the compared columns, lower case, null where a value says nothing."""
    junk = pl.col("given_name").is_in(JUNK_NAMES) | pl.col("surname").is_in(JUNK_NAMES)
    return (
        records.with_columns(_name_parts())
        .with_columns(_name("given_name"), _name("middle_name"), _name("surname"))
        .with_columns(pl.when(~junk.fill_null(False)).then(pl.col("given_name", "surname")))
        .select(
            "source",
            "given_name",
            "middle_name",
            "surname",
            _email(),
            _phone(),
            _address(),
            *(pl.col(name).str.to_lowercase() for name in ("address2", "city")),
            _postal(),
            _unless(pl.col("birthdate"), pl.col("birthdate").is_in(JUNK_BIRTHDATES)),
            pl.col("gender").str.to_lowercase().str.head(1),
            unique_id="record_id",
        )
    )


def _name_parts() -> list[pl.Expr]:
    """Take both names from the full name where there is no other: `Last, First` or `First Middle Last`."""
    full = pl.col("full_name").str.strip_chars()
    alone = pl.col("given_name").is_null() & pl.col("surname").is_null() & full.is_not_null()
    last_first, first_last = full.str.splitn(",", 2), full.str.extract_groups(r"^(?s)(.*) (.*)$")
    comma = full.str.contains(",", literal=True)
    given = pl.when(comma).then(last_first.struct[1]).otherwise(pl.coalesce(first_last.struct[0], full))
    surname = pl.when(comma).then(last_first.struct[0]).otherwise(first_last.struct[1])
    return [
        pl.when(alone).then(part).otherwise(pl.col(name)).alias(name)
        for name, part in (("given_name", given), ("surname", surname))
    ]


def _name(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.to_lowercase().str.normalize("NFKD")
    plain = text.str.replace_all(r"[^a-z\- ]", "").str.strip_chars()
    return _unless(plain, plain.is_in(["", "na"])).alias(name)


def _email() -> pl.Expr:
    email = pl.col("email").str.to_lowercase().str.strip_chars()
    return _unless(email, email.str.contains(JUNK_EMAIL))


def _phone() -> pl.Expr:
    digits = pl.col("phone").str.replace_all(r"\D", "")
    last = digits.str.tail(10)
    one_digit = last.str.strip_chars(last.str.head(1)) == ""
    return _unless(last, (digits.str.len_chars() < 7) | one_digit | last.is_in(JUNK_PHONES))


def _address() -> pl.Expr:
    plain = pl.col("address").str.to_lowercase().str.replace_all(r"#\s*", "apt ").str.replace_all(r"[^a-z0-9 ]", " ")
    words = plain.str.replace_all(r"\s+", " ").str.strip_chars().str.split(" ")
    short = words.list.eval(pl.element().replace(SHORT)).list.join(" ")
    street = short.str.replace(r"\s*\bapt \w+$", "")
    return _unless(street, street == "")


def _postal() -> pl.Expr:
    plain = pl.col("postal").str.to_lowercase().str.strip_chars()
    return plain.str.replace(r"^(\d{5})-\d{4}$", "$1")


def _unless(value: pl.Expr, is_bad: pl.Expr) -> pl.Expr:
    return pl.when(~is_bad).then(value)
