"""Gives the keys of other systems: foreign keys, separation keys and the customer key."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from cdp_assets.stitch.normalise import word_lists

CLEAN = "clean-fk"
NO_KEY = word_lists.kinds("no_value", ",")["all"]
SEPARATING = {"generational_suffix": "suffix"} | {
    name: name
    for name in (
        "given_name", "surname", "email", "phone", "address", "city", "state", "postal", "country", "birthdate",
        "gender", "company",
    )
}  # fmt: skip
"""Profile semantics whose separation keys are spelled as they are, and the normalised column of each."""


def key_columns(names: Collection[str]) -> list[str]:
    """Give the names of the key columns, the customer key last."""
    return [name for name in names if name.startswith(("fk_", "sk_", "bk_"))] + ["ck"] * ("ck" in names)


def separates(name: str) -> str | None:
    """Give the profile semantic by which a separation key's values are spelled; others are texts of their own.

    >>> separates("sk_phone"), separates("sk_account"), separates("phone")
    ('phone', None, None)
    """
    semantic = name.removeprefix("sk_")
    return semantic if semantic != name and semantic in SEPARATING else None


def key(name: str, profiles: Collection[str]) -> pl.Expr:
    """Give a key without the space around it, null where it is blank or a word for no value.

    `N/A` in the customer number would make one person of everybody without. With the profile `clean-fk` foreign keys
    are upper-case.
    """
    text = pl.col(name).cast(pl.String).str.strip_chars()
    upper = text.str.to_uppercase()
    said = pl.when((text != "") & ~upper.is_in(NO_KEY))
    return said.then(upper if CLEAN in profiles and name.startswith("fk_") else text).alias(name)
