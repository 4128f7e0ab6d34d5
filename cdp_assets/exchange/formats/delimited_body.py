"""What stands in a delimited file before its records, and the text as the parser takes it."""

from __future__ import annotations

import csv
import re
from typing import BinaryIO

from cdp_assets.config.file_format import DelimitedFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.columns import MOST_COLUMNS
from cdp_assets.exchange.formats.text import Utf8Text

BLOCK_BYTES = 4 << 20
"""What is parsed at once, and so the longest possible record."""

HEADER_BYTES = 1 << 20
"""A header that does not end before this is not a header."""

STAND_IN = "\x1f"
"""ASCII's unit separator: the parser takes delimiters of one byte, so it stands for every other one."""

UNCLOSED = "\x00unclosed"
"""What a line that leaves a quote open is replaced by where quotes may not hold line ends."""


class Body:
    """The text after what has been taken from its front."""

    def __init__(self, text: Utf8Text, format: DelimitedFormat, file: str) -> None:
        self.text, self.front = text, b""
        self.closed = False
        """Arrow asks before it reads."""
        self.tail = b""
        """What comes after the text: together with the end of it, for Arrow takes no block without a line end."""
        self._held = b""
        self._file, self._format = file, format
        self.delimiter = format.separator if format.separator.isascii() else STAND_IN
        self._lines = None if format.multi_line or not format.quote else _closed_lines(format, self.delimiter)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Give up to `size` next bytes; none at the end."""
        if not self.front:
            self.front = self._more()
        taken, self.front = self.front[:size], self.front[size:]
        return taken

    def grow(self) -> bool:
        """Look further ahead; say whether there was more."""
        more = self._more()
        self.front += more
        return bool(more)

    def blank(self) -> bool:
        """Skip line ends; say whether nothing else follows."""
        self.front = self.front.lstrip(b"\r\n")
        while not self.front and self.grow():
            self.front = self.front.lstrip(b"\r\n")
        return not self.front

    def skip_line(self) -> None:
        """Take the next line away, however long it is, blank ones too."""
        while True:
            line, *others = self.front.splitlines(keepends=True) or [b""]
            if not others and len(self.front) >= HEADER_BYTES:
                self.front = self.front[-1:]  # which may be the first half of its end
            if others or not self.grow():
                self.front = self.front[len(line) :]
                return

    def _more(self) -> bytes:
        """Give the next text, and with the last of it what comes after."""
        if not self.tail:
            return self._next()
        chunk = self._held or self._next()
        self._held = self._next() if chunk else b""
        if self._held:
            return chunk
        tail, self.tail = self.tail, b""
        return chunk + tail

    def _next(self) -> bytes:
        chunk = self._translated(self.text.read(BLOCK_BYTES))
        if self._lines is None:
            return chunk
        while True:
            lines = (self._rest + chunk).splitlines(keepends=True)
            whole = lines if not chunk or len(lines[-1]) > BLOCK_BYTES else lines[:-1]
            self._rest = b"".join(lines[len(whole) :])
            if whole or not chunk:
                return b"".join(map(self._sound, whole))
            chunk = self._translated(self.text.read(BLOCK_BYTES))

    def _translated(self, chunk: bytes) -> bytes:
        if self.delimiter == self._format.separator:
            return chunk
        if STAND_IN.encode() in chunk:
            problem = f"holds the character U+{ord(STAND_IN):04X}, which stands for the delimiter while it is read"
            raise SourceError(self._file, problem, "text without control characters")
        return chunk.replace(self._format.separator.encode(), STAND_IN.encode())

    def _sound(self, line: bytes) -> bytes:
        """Give a line as it is, or the mark of one that leaves a quote open."""
        assert self._lines is not None  # noqa: S101 - nobody calls it otherwise
        bare = line.rstrip(b"\r\n")
        if self._format.quote.encode() not in bare or self._lines.fullmatch(bare):
            return line
        return UNCLOSED.encode() + line[len(bare) :]


def opened(stream: BinaryIO, format: DelimitedFormat, file: str) -> Body:
    """Give the text from its first record on; raises SourceError where there is none."""
    body = Body(Utf8Text(stream, format.encoding, file), format, file)
    for _ in range(format.skip_lines):
        body.skip_line()
    if body.blank():
        raise SourceError(file, "is empty", "at least a header" if format.header else "at least one row")
    return body


def read_header(body: Body, format: DelimitedFormat, file: str) -> list[str]:
    """Take the first record away and give its fields; raises SourceError where it cannot be a header."""
    while True:
        more = len(body.front) < HEADER_BYTES and body.grow()
        record = _first_record(body, format, ended=not more)
        if record is None and more:
            continue
        if record is None:
            raise SourceError(file, "its first record does not end", f"a header below {HEADER_BYTES} bytes")
        fields, size = record
        if body.text.damaged and size == len(body.front):
            raise body.text.wrong_encoding(None)
        _refuse_header(fields, file)
        body.front = body.front[size:]
        return fields


def _refuse_header(fields: list[str], file: str) -> None:
    if any("\0" in field for field in fields):
        problem = "its header holds zero bytes, as UTF-16 without a byte order mark does"
        raise SourceError(file, problem, "UTF-8, or UTF-16 with its mark, or the format's `encoding`")
    if len(fields) > MOST_COLUMNS:
        raise SourceError(file, f"has {len(fields):,} columns", f"at most {MOST_COLUMNS:,}")


def _first_record(body: Body, format: DelimitedFormat, *, ended: bool) -> tuple[list[str], int] | None:
    """Give the first record's fields and its size in bytes, or None where the front may not hold it whole."""
    lines = body.front.splitlines(keepends=True)
    reader = csv.reader(
        (line.decode("utf-8", "replace") for line in lines),
        delimiter=body.delimiter,
        quotechar=format.quote or None,
        quoting=csv.QUOTE_MINIMAL if format.quote else csv.QUOTE_NONE,
        escapechar=None if format.escape in ("", format.quote) else format.escape,
        doublequote=bool(format.escape),
        strict=False,
    )
    try:
        fields = next(reader)
    except (csv.Error, StopIteration):
        return None
    if reader.line_num == len(lines) and not ended:
        return None
    size = sum(len(line) for line in lines[: reader.line_num])
    return [field.replace(body.delimiter, format.separator) for field in fields], size


def _closed_lines(format: DelimitedFormat, delimiter: str) -> re.Pattern[bytes]:
    """Describe the lines that leave no quote open."""
    mark, quote, escape = (re.escape(one) for one in (delimiter, format.quote, format.escape))
    inside, outside = f"{quote}{quote}|[^{quote}]", f"[^{mark}]"
    if not format.escape:
        inside = f"[^{quote}]"
    elif format.escape != format.quote:
        inside, outside = f"{escape}.|{quote}{quote}|[^{quote}{escape}]", f"{escape}.|[^{mark}{escape}]"
    field = f"(?:{quote}(?:{inside})*+{quote}(?:{outside})*+|(?!{quote})(?:{outside})*+)"
    return re.compile(f"{field}(?:{mark}{field})*+".encode(), re.DOTALL)
