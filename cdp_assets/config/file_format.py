"""File formats, in and out: one model per kind."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cdp_assets.config.base import ConfigModel, affects
from cdp_assets.config.encoding import TextEncoding

QuoteMode = Literal["all", "all_non_null", "minimal", "non_numeric", "none"]
DELIMITERS = {"csv": ",", "tsv": "\t", "psv": "|"}
"""Kind -> its own delimiter; `dsv` has none and must name one."""
ONE_CHARACTER = r"^[^\r\n\x00]$"
ONE_OR_NONE = r"^[\t\x20-\x7e]?$"
"""A quote or an escape: one character of ASCII, or the empty text for none."""
ROW_NUMBER = r"^[A-Za-z0-9_-]{1,1027}$"


class DelimitedFormat(ConfigModel):
    """Text with one record a line and one character between fields (RFC 4180 quoting)."""

    kind: Literal["csv", "tsv", "psv", "dsv"] = affects("data", "csv")
    delimiter: str | None = affects("data", None, pattern=ONE_CHARACTER)
    """The one character between fields; the kind's own unless set, required for `dsv`."""
    quote: str = affects("data", '"', pattern=ONE_OR_NONE)
    """Stands around a field that holds a delimiter or a line end; empty where nothing is quoted."""
    escape: str = affects("data", '"', pattern=ONE_OR_NONE)
    """Goes before a quote inside quotes; another character than the quote escapes everywhere; empty for none."""
    header: bool = affects("data", True)
    """Whether the first record holds the columns' names; without it the feed's fields are the columns, in order."""
    skip_lines: int = affects("data", 0, ge=0, le=1000)
    """Lines before the header, or before the first record, that are no data: a report's title."""
    multi_line: bool = affects("data", True)
    """Whether quotes may hold line ends; if not, a quote that its line does not close spoils that line alone."""
    null_values: tuple[str, ...] = affects("data", ())
    """Texts that stand for NULL where they are not quoted, such as `NULL`; the empty text always does."""
    encoding: TextEncoding | None = affects("data", None)
    """A Python codec name; unless set, the byte order mark decides, else UTF-8."""

    @property
    def separator(self) -> str:
        """The character between fields.

        >>> DelimitedFormat(kind="psv").separator
        '|'
        """
        return self.delimiter or DELIMITERS[self.kind]

    @model_validator(mode="after")
    def _tells_fields_apart(self) -> Self:
        _refuse_without_delimiter(self.kind, self.delimiter)
        _refuse_same(self.separator, self.quote, self.escape)
        return self


class NdjsonFormat(ConfigModel):
    """One JSON object per line."""

    kind: Literal["ndjson"] = affects("data", "ndjson")
    encoding: TextEncoding | None = affects("data", None)
    """A Python codec name; unless set, the byte order mark decides, else UTF-8."""


class JsonFormat(ConfigModel):
    """One JSON array of objects, or one object, which is one record (RFC 8259)."""

    kind: Literal["json"] = affects("data", "json")
    encoding: TextEncoding | None = affects("data", None)
    """A Python codec name; unless set, the byte order mark decides, else UTF-8."""


class JsonStreamFormat(ConfigModel):
    """JSON objects one after another, with anything blank or nothing between them."""

    kind: Literal["json_stream"] = affects("data", "json_stream")
    encoding: TextEncoding | None = affects("data", None)
    """A Python codec name; unless set, the byte order mark decides, else UTF-8."""


class XmlFormat(ConfigModel):
    """One element per record."""

    kind: Literal["xml"] = affects("data", "xml")
    row_tag: str = affects("data", "row")


class AvroFormat(ConfigModel):
    """An Apache Avro object container file; it brings its schema with it."""

    kind: Literal["avro"] = affects("data", "avro")


class ParquetFormat(ConfigModel):
    """Apache Parquet, not compressed with zstd."""

    kind: Literal["parquet"] = affects("data", "parquet")


class CborFormat(ConfigModel):
    """CBOR maps one after another, or in arrays (`application/ingest-pack+cbor`)."""

    kind: Literal["cbor"] = affects("data", "cbor")
    row_tag: str | None = affects("data", None)
    """The key under which a map holds its record, or an array of them, where it is not the record itself."""


class LinesFormat(ConfigModel):
    """Text that is not taken apart: each line is one column `_c0`, which an ingest query cuts at fixed widths."""

    kind: Literal["lines"] = affects("data", "lines")
    encoding: TextEncoding | None = affects("data", None)
    """A Python codec name; unless set, the byte order mark decides, else UTF-8."""


FileFormat = Annotated[
    DelimitedFormat
    | NdjsonFormat
    | JsonFormat
    | JsonStreamFormat
    | XmlFormat
    | AvroFormat
    | ParquetFormat
    | CborFormat
    | LinesFormat,
    Field(discriminator="kind"),
]


class DelimitedOutput(ConfigModel):
    """Delimited text to send."""

    kind: Literal["csv", "tsv", "psv", "dsv"] = affects("runtime", "csv")
    delimiter: str | None = affects("runtime", None, pattern=ONE_CHARACTER)
    """The one character between fields; the kind's own unless set, required for `dsv`."""
    header: bool = affects("runtime", True)
    quote: str = affects("runtime", '"', pattern=ONE_OR_NONE, min_length=1)
    escape: str = affects("runtime", '"', pattern=ONE_OR_NONE, min_length=1)
    """Goes before a quote inside quotes; with the quote mode `none` before whatever would end the field."""
    quote_mode: QuoteMode = affects("runtime", "minimal")
    line_ending: Literal["LF", "CRLF"] = affects("runtime", "LF")
    encoding: Literal["utf-8", "utf-16"] = affects("runtime", "utf-8")
    """UTF-16 begins with its byte order mark, UTF-8 has none."""
    null_value: str = affects("runtime", "", pattern=r"^[^\r\n\x00]*$")
    """What is written for NULL; a text that says the same is quoted where the quote mode quotes at all."""
    row_number: str | None = affects("runtime", None, pattern=ROW_NUMBER)
    """A last column of this name, `row_number` by custom, numbers the rows from 1 on."""

    @property
    def separator(self) -> str:
        """The character between fields."""
        return self.delimiter or DELIMITERS[self.kind]

    @model_validator(mode="after")
    def _tells_fields_apart(self) -> Self:
        _refuse_without_delimiter(self.kind, self.delimiter)
        _refuse_same(self.separator, self.quote, self.escape)
        if self.null_value and {self.separator, self.quote, self.escape} & set(self.null_value):
            raise ValueError("a `null_value` without the delimiter, the quote and the escape")
        return self


class NdjsonOutput(ConfigModel):
    """One JSON object per line, to send."""

    kind: Literal["ndjson"] = affects("runtime", "ndjson")
    row_number: str | None = affects("runtime", None, pattern=ROW_NUMBER)
    """A last key of this name, `row_number` by custom, numbers the rows from 1 on."""


class JsonOutput(ConfigModel):
    """One JSON array of objects, to send."""

    kind: Literal["json"] = affects("runtime", "json")
    row_number: str | None = affects("runtime", None, pattern=ROW_NUMBER)
    """A last key of this name, `row_number` by custom, numbers the rows from 1 on."""


class ParquetOutput(ConfigModel):
    """Parquet with Snappy, to send."""

    kind: Literal["parquet"] = affects("runtime", "parquet")
    row_number: str | None = affects("runtime", None, pattern=ROW_NUMBER)
    """A last column of this name, `row_number` by custom, numbers the rows from 1 on."""


OutputFormat = Annotated[DelimitedOutput | NdjsonOutput | JsonOutput | ParquetOutput, Field(discriminator="kind")]


def _refuse_without_delimiter(kind: str, delimiter: str | None) -> None:
    if delimiter is None and kind not in DELIMITERS:
        raise ValueError(f"a `delimiter` beside `kind: {kind}`")


def _refuse_same(separator: str, quote: str, escape: str) -> None:
    if separator in (quote, escape):
        raise ValueError("a delimiter that is neither the quote nor the escape")
