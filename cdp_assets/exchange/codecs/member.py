"""Which members of an archive are read, and which make the archive refused."""

from __future__ import annotations

import re
import unicodedata

from cdp_assets.errors import SourceError

_NO_TEXT = ("Cc", "Cs")
"""Control characters, and what stands for bytes that could not be decoded."""


def safe_name(name: str, file: str) -> str:
    """Give a member's name without a leading `./`.

    Raises SourceError for one that leads out of its archive, or holds bytes that are no text in the archive's encoding.

    >>> safe_name("./a/b.csv", "x.tar")
    'a/b.csv'
    """
    if any(unicodedata.category(character) in _NO_TEXT for character in name):
        raise SourceError(
            file, "has a member whose name is not readable text", "names in UTF-8 without control characters"
        )
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name):
        raise SourceError(file, "has a member whose name leads out of the archive", "relative names without `..`")
    return "/".join(part for part in name.split("/") if part != ".")


def refused(file: str, what: str) -> SourceError:
    """Make the error for a member that is no file."""
    return SourceError(file, f"has a member that is {what}", "regular files and folders only")


def is_wanted(name: str, contents: str) -> bool:
    """Say whether a member answers to a courier's `contents`, itself or as a part file one folder below.

    `*` matches any characters but `/`. Names that begin with `.` or `_` are markers of the tool that made
    the archive, so only a `contents` that spells the first character finds them.

    >>> is_wanted("m.parquet/part-0.parquet", "*.parquet"), is_wanted("m.parquet/_SUCCESS", "*.parquet")
    (True, False)
    """
    return _pattern(contents).fullmatch(name) is not None


def _pattern(contents: str) -> re.Pattern[str]:
    parts = contents.removeprefix("./").split("/")
    return re.compile("/".join(map(_part, parts)) + f"(?:/{_part('*')})?", re.DOTALL)


def _part(part: str) -> str:
    hidden_not_matched = "(?![._])" if part.startswith("*") else ""
    return hidden_not_matched + re.escape(part).replace(r"\*", "[^/]*")
