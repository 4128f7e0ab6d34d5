"""What is written for people: columns of a terminal, and files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from cdp_assets.errors import CdpError


def aligned(rows: Sequence[Sequence[str]], right: Container[int] = ()) -> list[str]:
    """Give a line per row, its cells in columns: those numbered in `right` to the right, the others to the left.

    >>> aligned([("state", "people"), ("Oregon", "7")], right={1})
    ['state   people', 'Oregon       7']
    """
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place, then rename it."""
    with whole(path) as new:
        new.write_text(text, encoding="utf-8")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a name beside a file's place; what was written there takes the place, and after an error nothing does.

    Raises CdpError where no file can be written.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        yield new
        os.replace(new, path)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise CdpError where no file can be written, before the work whose result it is to hold; nothing is left."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.touch()
        new.unlink()
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> CdpError:
    why = (error.strerror or type(error).__name__).lower()
    return CdpError(f"{path}: not written ({why}). Expected a folder that takes files, with room for this one.")
