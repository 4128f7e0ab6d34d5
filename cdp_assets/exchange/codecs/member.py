"""Which members of an archive are read, and which make the archive refused."""

from __future__ import annotations

import re

from cdp_assets.errors import SourceError


def safe_name(name: str, file: str) -> str:
    """Give a member's name without a leading `./`; raises SourceError for one that leads out of its archive.

    >>> safe_name("./a/b.csv", "x.tar")
    'a/b.csv'
    """
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name) or "\0" in name:
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
