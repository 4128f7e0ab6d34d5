"""File formats, in and out: one model per kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cdp_assets.config.base import ConfigModel, affects

QuoteMode = Literal["all", "all_non_null", "minimal", "non_numeric", "none"]


class DelimitedFormat(ConfigModel):
    """Text with one record a line and one character between fields (RFC 4180 quoting)."""

    kind: Literal["csv", "tsv", "psv", "dsv"] = affects("data", "csv")
    delimiter: str | None = affects("data", None, min_length=1, max_length=1)
    """The one character between fields; the kind's own unless set, required for `dsv`."""
    quote: str = affects("data", '"', min_length=1, max_length=1)
    escape: str = affects("data", '"', min_length=1, max_length=1)
    header: bool = affects("data", True)
    encoding: str | None = affects("data", None)
    """A Python codec name; unless set, the byte order mark decides, else UTF-8."""

    @property
    def separator(self) -> str:
        """The character between fields.

        >>> DelimitedFormat(kind="psv").separator
        '|'
        """
        return self.delimiter or {"csv": ",", "tsv": "\t", "psv": "|"}.get(self.kind, ",")


class NdjsonFormat(ConfigModel):
    """One JSON object per line."""

    kind: Literal["ndjson"] = affects("data", "ndjson")


class XmlFormat(ConfigModel):
    """One element per record."""

    kind: Literal["xml"] = affects("data", "xml")
    row_tag: str = affects("data", "row")


class ParquetFormat(ConfigModel):
    """Apache Parquet, not compressed with zstd."""

    kind: Literal["parquet"] = affects("data", "parquet")


FileFormat = Annotated[DelimitedFormat | NdjsonFormat | XmlFormat | ParquetFormat, Field(discriminator="kind")]


class DelimitedOutput(ConfigModel):
    """Delimited text to send."""

    kind: Literal["csv", "tsv", "psv"] = affects("runtime", "csv")
    header: bool = affects("runtime", True)
    quote_mode: QuoteMode = affects("runtime", "minimal")
    line_ending: Literal["LF", "CRLF"] = affects("runtime", "LF")

    @property
    def separator(self) -> str:
        """The character between fields."""
        return {"csv": ",", "tsv": "\t", "psv": "|"}[self.kind]


class NdjsonOutput(ConfigModel):
    """One JSON object per line, to send."""

    kind: Literal["ndjson"] = affects("runtime", "ndjson")


class ParquetOutput(ConfigModel):
    """Parquet with Snappy, to send."""

    kind: Literal["parquet"] = affects("runtime", "parquet")


OutputFormat = Annotated[DelimitedOutput | NdjsonOutput | ParquetOutput, Field(discriminator="kind")]
