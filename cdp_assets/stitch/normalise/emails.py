"""Gives e-mail addresses in two forms: as the documents show them, and as the mailbox that they reach."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from cdp_assets.stitch.normalise import word_lists
from cdp_assets.stitch.normalise.text import composed

_JUNK = word_lists.kinds("email_junk")
ALLOW_BUSINESS = "allow-business-email"
GOOGLE = ("GMAIL.COM", "GOOGLEMAIL.COM")
LONGEST = 254
"""Characters of an address. Source: RFC 5321, section 4.5.3.1."""
_ADDRESS = r"^(?:MAILTO:)?([^@\s,;<>()]+)@([^@\s,;<>()]+\.[^@\s,;<>().]+)$"


def emails(values: pl.Series, profiles: Collection[str]) -> pl.DataFrame:
    """Give email (what is compared) and full_email (as documented) of each value, null where it is nobody's own.

    Both are upper-case and have no `+tag`. Google delivers `a.nn@googlemail.com` to `ann@gmail.com`: its dots and its
    second name are gone from the form that is compared. Domains that look misspelt stay as they are.
    """
    bare = composed(values.str.head(2 * LONGEST)).str.to_uppercase()
    if bare.str.contains("<", literal=True).any():
        bare = bare.str.replace(r"^.*<([^<>]*)>\s*$", "$1")
    parts = bare.str.strip_chars(" \t\r\n.'\"").str.extract_groups(_ADDRESS).struct.unnest()
    local, domain = pl.col("1").str.replace(r"\+.*$", ""), pl.col("2")
    long = local.str.len_chars() + domain.str.len_chars() >= LONGEST
    junk = long | local.is_in(_unsaid(profiles)) | domain.is_in(_JUNK["domains"]) | (local == "")
    google = domain.is_in(GOOGLE)
    mailbox = pl.when(google).then(local.str.replace_all(".", "", literal=True)).otherwise(local)
    server = pl.when(google).then(pl.lit(GOOGLE[0])).otherwise(domain)
    return parts.select(
        pl.when(~junk).then(pl.concat_str(mailbox, pl.lit("@"), server)).alias("email"),
        pl.when(~junk).then(pl.concat_str(local, pl.lit("@"), domain)).alias("full_email"),
    )


def _unsaid(profiles: Collection[str]) -> frozenset[str]:
    """Give the local parts that say nothing; a profile lets in mailboxes of businesses."""
    return _JUNK["always"] if ALLOW_BUSINESS in profiles else _JUNK["always"] | _JUNK["business"]
