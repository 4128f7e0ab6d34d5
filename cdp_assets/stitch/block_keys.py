"""The blocking strategies: what two records must share to be worth comparing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

SEPARATORS = [".", "_", "-", "+", "@"]
"""With or without these, an address may be that of the same person."""
_LOGIN = pl.col("email").str.slice(0, pl.col("email").str.find("@", literal=True))
WHOLE: Mapping[str, pl.Expr] = {
    "given": pl.coalesce("given_name", "surname"),
    "surname": pl.coalesce("surname", "given_name"),
    "first name": pl.min_horizontal(pl.col("given_name"), pl.col("surname")),
    "last name": pl.max_horizontal(pl.col("given_name"), pl.col("surname")),
    "birthdate": pl.col("birthdate"),
    "gender": pl.col("gender"),
    "email": pl.col("email"),
    "login": _LOGIN,
    "login letters": _LOGIN.str.replace_all(r"[^A-Z]+", ""),
    "email9": pl.col("email").str.head(12).str.replace_many(SEPARATORS, [""]).str.head(9),
    "phone": pl.col("phone"),
    "phone end": pl.col("phone").str.tail(7),
    "address": pl.col("address"),
    "address2": pl.col("address2"),
    "po box": pl.col("po_box"),
    "city": pl.col("city"),
    "postal": pl.col("postal"),
    "company": pl.col("company"),
}
HEADS: Mapping[str, tuple[str, int]] = {
    "given1": ("given", 1),
    "given3": ("given", 3),
    "given4": ("given", 4),
    "surname1": ("surname", 1),
    "surname3": ("surname", 3),
    "surname4": ("surname", 4),
    "month": ("birthdate", 7),
    "year": ("birthdate", 4),
    "email5": ("email", 5),
    "phone7": ("phone", 7),
    "postal4": ("postal", 4),
}
"""Parts that are the first characters of others."""
PARTS: Mapping[str, pl.Expr] = {
    **WHOLE,
    **{name: WHOLE[whole].str.head(size) for name, (whole, size) in HEADS.items()},
}
"""What keys are made of, each one text of a normalised record."""


@dataclass(frozen=True)
class Strategy:
    """Records share a key when all of these parts are known and equal.

    narrower: one at a time, parts that split a block which is too large.
    """

    parts: Sequence[str]
    narrower: Sequence[str] = ()


_PERSON = ("given3", "surname3", "birthdate", "postal", "phone", "email")
DOCUMENTED: Mapping[str, Strategy] = {
    "dnf1": Strategy(("given3", "surname1", "birthdate"), _PERSON),
    "dnf2": Strategy(("given", "email"), _PERSON),
    "dnf3": Strategy(("given3", "surname3", "postal"), _PERSON),
    "dnf4": Strategy(("given3", "address"), _PERSON),
    "dnf5": Strategy(("given3", "phone"), _PERSON),
    "dnf6": Strategy(("given3", "surname3", "login"), _PERSON),
    "dnf7": Strategy(("given3", "company"), _PERSON),
    "dnf8": Strategy(("given3", "surname3", "po box"), _PERSON),
    "dnf9": Strategy(("surname3", "address"), _PERSON),
    "dnf10": Strategy(("phone", "postal"), _PERSON),
    "email": Strategy(("email",), _PERSON),
    "phone": Strategy(("phone",), _PERSON),
    "address": Strategy(("address",), _PERSON),
    "company": Strategy(("company",), _PERSON),
    "login-partial": Strategy(("login letters",), _PERSON),
    "login-trimmed": Strategy(("email5",), _PERSON),
    "name": Strategy(("first name", "last name"), ("birthdate", "postal", "phone", "email", "city")),
}
"""The documented strategies; `fk` makes one block per value of every fk_ column, `bk` per value of every bk_ column."""
WIDER: Mapping[str, Strategy] = {
    "name": DOCUMENTED["name"],
    "email": DOCUMENTED["email"],
    "phone": DOCUMENTED["phone"],
    "dnf9": DOCUMENTED["dnf9"],
    "given-postal": Strategy(("given", "postal")),
    "surname-postal": Strategy(("surname", "postal")),
    "given3-postal": Strategy(("given3", "postal")),
    "surname3-postal": Strategy(("surname3", "postal")),
    "given-city": Strategy(("given", "surname1", "city")),
    "surname-city": Strategy(("surname", "given1", "city")),
    "given1-address": Strategy(("given1", "address")),
    "address-postal": Strategy(("address", "postal"), ("given1", "surname3", "birthdate")),
    "address2-postal": Strategy(("address2", "postal4")),
    "surname3-birthdate": Strategy(("surname3", "birthdate")),
    "given1-birthdate": Strategy(("given1", "birthdate")),
    "given-month": Strategy(("given", "month")),
    "surname-month": Strategy(("surname", "month")),
    "given4-year": Strategy(("given4", "year", "surname1")),
    "surname4-year": Strategy(("surname4", "year", "given1")),
    "birthdate-postal": Strategy(("birthdate", "postal")),
    "birthdate-city": Strategy(("birthdate", "city")),
    "month-city": Strategy(("month", "city")),
    "year-postal": Strategy(("year", "postal")),
    "login-given": Strategy(("login", "given1")),
    "login-surname": Strategy(("login", "surname1")),
    "email5-given": Strategy(("email5", "given3")),
    "email5-surname": Strategy(("email5", "surname3")),
    "email9": Strategy(("email9",)),
    "phone7-surname": Strategy(("phone7", "surname1")),
    "phone-end": Strategy(("phone end",)),
    "birthdate": Strategy(("birthdate",)),
    "address-alone": Strategy(("address",)),
    "given": Strategy(("given",)),
    "surname": Strategy(("surname",)),
}
"""What finds the pairs that the documented strategies miss: slips in names, moves, other mailboxes."""
STRATEGIES: Mapping[str, Strategy] = {**DOCUMENTED, **WIDER}
