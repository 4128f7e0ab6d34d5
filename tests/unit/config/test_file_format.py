"""Which settings of a file format are refused when the configuration is read."""

from __future__ import annotations

import encodings
import pkgutil
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from cdp_assets.config.encoding import is_ebcdic, text_encoding
from cdp_assets.config.file_format import DelimitedFormat, FileFormat, OutputFormat

INPUT: TypeAdapter[FileFormat] = TypeAdapter(FileFormat)
OUTPUT: TypeAdapter[OutputFormat] = TypeAdapter(OutputFormat)
NO_ENCODINGS = {
    "base64_codec", "bz2_codec", "hex_codec", "hz", "idna", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2",
    "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext", "iso2022_kr", "mbcs", "oem", "punycode", "quopri_codec",
    "raw_unicode_escape", "rot_13", "undefined", "unicode_escape", "utf_7", "uu_codec", "zlib_codec",
}  # fmt: skip
CODECS = sorted(module.name for module in pkgutil.iter_modules(encodings.__path__) if module.name != "aliases")


@pytest.mark.parametrize("name", [*CODECS, "klingon", "", "a\0b"])
def test_an_encoding_is_a_text_codec_whose_bytes_stand_for_themselves(name: str) -> None:
    if name not in NO_ENCODINGS and name in CODECS:
        assert text_encoding(name) == name
        return
    with pytest.raises(ValueError, match=r"a text encoding such as utf-8, utf-16, cp1252, latin-1, cp037"):
        text_encoding(name)


def test_ibms_encodings_are_known_by_their_letters() -> None:
    found = {name for name in CODECS if name not in NO_ENCODINGS and is_ebcdic(name)}
    assert found == {"cp037", "cp1026", "cp1140", "cp273", "cp424", "cp500", "cp875"}


WRONG_INPUTS = [
    ({"kind": "csv", "delimiter": ",,"}, "pattern"),
    ({"kind": "csv", "delimiter": "\n"}, "pattern"),
    ({"kind": "csv", "delimiter": '"'}, "a delimiter that is neither the quote nor the escape"),
    ({"kind": "psv", "escape": "|"}, "a delimiter that is neither"),
    ({"kind": "csv", "quote": "«"}, "pattern"),
    ({"kind": "dsv"}, "a `delimiter` beside `kind: dsv`"),
    ({"kind": "csv", "skip_lines": -1}, "greater than or equal to 0"),
    ({"kind": "json", "encoding": "zlib"}, "a text encoding"),
    ({"kind": "lines", "encoding": "utf-7"}, "reads a byte by what came before it"),
]
WRONG_OUTPUTS = [
    ({"kind": "dsv"}, "a `delimiter` beside"),
    ({"kind": "csv", "quote": ""}, "at least 1 character"),
    ({"kind": "csv", "encoding": "latin-1"}, "'utf-8' or 'utf-16'"),
    ({"kind": "csv", "null_value": "a,b"}, "a `null_value` without the delimiter"),
    ({"kind": "csv", "null_value": "a\nb"}, "pattern"),
    ({"kind": "json", "row_number": "row number"}, "pattern"),
    ({"kind": "parquet", "row_number": "x" * 1028}, "pattern"),
]


@pytest.mark.parametrize(("settings", "expected"), WRONG_INPUTS)
def test_a_format_that_cannot_be_read_is_refused_with_what_is_right(settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        INPUT.validate_python(settings)


@pytest.mark.parametrize(("settings", "expected"), WRONG_OUTPUTS)
def test_a_format_that_cannot_be_written_is_refused_with_what_is_right(settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        OUTPUT.validate_python(settings)


def test_the_longest_documented_name_of_the_row_numbers_is_accepted() -> None:
    assert OUTPUT.validate_python({"kind": "csv", "row_number": "x" * 1027}).row_number == "x" * 1027


@pytest.mark.parametrize(("kind", "delimiter"), [("csv", ","), ("tsv", "\t"), ("psv", "|")])
def test_each_kind_has_a_delimiter_of_its_own(kind: str, delimiter: str) -> None:
    assert DelimitedFormat.model_validate({"kind": kind}).separator == delimiter
    assert DelimitedFormat.model_validate({"kind": kind, "delimiter": ";"}).separator == ";"
