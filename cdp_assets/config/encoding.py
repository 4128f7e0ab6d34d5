"""Which encodings a text file may be configured with: Python's text codecs whose characters stand for themselves."""

from __future__ import annotations

import codecs
from typing import Annotated

from pydantic import AfterValidator

_NO_ENCODINGS = {"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
_STATEFUL = {"hz", "utf-7"}
_STATEFUL_FAMILY = "iso2022"
RIGHT = "a text encoding such as utf-8, utf-16, cp1252, latin-1, cp037 or cp500"


def text_encoding(name: str) -> str:
    """Give an encoding's name back; raises ValueError, saying what would be right, for one that is not usable.

    Refused are codecs that are no text encodings (zlib), escapes (unicode_escape) and those in which a byte means
    another thing after a shift (hz, utf-7, iso2022_jp): where such a file breaks off, nobody can say which row it was.

    >>> text_encoding("cp037")
    'cp037'
    """
    try:
        canonical = codecs.lookup(name).name
        b"a".decode(name, "ignore")
    except (LookupError, UnicodeError, ValueError):
        raise ValueError(RIGHT) from None
    if canonical in _NO_ENCODINGS or canonical in _STATEFUL or canonical.startswith(_STATEFUL_FAMILY):
        raise ValueError(f"{RIGHT}; `{canonical}` reads a byte by what came before it, or is no encoding of text")
    return name


def is_ebcdic(name: str) -> bool:
    """Say whether an encoding is one of IBM's, in which lines may also end with NEL.

    >>> is_ebcdic("cp500"), is_ebcdic("cp1252")
    (True, False)
    """
    return "a".encode(name, "ignore") == b"\x81"


TextEncoding = Annotated[str, AfterValidator(text_encoding)]
"""The name of an encoding as a field of a model."""
