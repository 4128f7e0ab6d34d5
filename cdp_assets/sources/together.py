"""Which landed files go into a table by one commit: as many small ones, one after the other, as fit.

Each commit costs the same, however little it brings, and the next one looks at the files of all before it: a thousand
files of a row each, one by one, took ten minutes of a core; together they take two seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from cdp_assets.lakehouse import delta
from cdp_assets.state.landed_files import LandedFile

MOST_FILES, MOST_BYTES = 5_000, 64 << 20
"""Of one commit; a larger file has its own."""

Files = tuple[LandedFile, ...]


def together(pending: Iterable[LandedFile], anew: Collection[int], begun: Collection[Files] = ()) -> Iterator[Files]:
    """Give the files in the order in which they go in, those of each commit together.

    Args:
        pending: In the order in which they are to go in.
        anew: Ids of files that begin the table anew, and so a commit.
        begun: Files that are in the table already, and only wait to be noted; they come first.
    """
    yield from begun
    group: list[LandedFile] = []
    size_bytes = 0
    for file in _others(pending, begun):
        size_bytes += file.size_bytes
        if group and (file.id in anew or size_bytes > MOST_BYTES or len(group) == MOST_FILES):
            yield tuple(group)
            group, size_bytes = [], file.size_bytes
        group.append(file)
    if group:
        yield tuple(group)


def in_one_commit(pending: Iterable[LandedFile], begun: Collection[Files]) -> Iterator[Files]:
    """Give the files that are in the table already as `together` does, then all others at once."""
    yield from begun
    if rest := tuple(_others(pending, begun)):
        yield rest


def _others(pending: Iterable[LandedFile], begun: Collection[Files]) -> Iterator[LandedFile]:
    known = {file.id for files in begun for file in files}
    return (file for file in pending if file.id not in known)


def begun_together(pending: Iterable[LandedFile], begun: Mapping[int, str], table: Path) -> list[Files]:
    """Give the pending files that a crash has left in the table and not in the ledger, those of each commit together.

    `begun` names the commit of each file that was on its way.
    """
    by_commit: dict[str, list[LandedFile]] = {}
    for file in pending:
        if file.id in begun:
            by_commit.setdefault(begun[file.id], []).append(file)
    return [tuple(files) for one, files in by_commit.items() if delta.transaction_version(table, one) is not None]


def first_of_days(held: Iterable[LandedFile], pending: Iterable[LandedFile]) -> frozenset[int]:
    """Give the ids of the pending files that, loaded in order, meet no other file of their date in the table.

    Each of these begins the table anew where the courier truncates; a new version of a file is the same file.
    """
    names: dict[dt.date, set[tuple[str, str]]] = {}
    for file in held:
        names.setdefault(file.file_date, set()).add((file.tag, file.name))
    first = set()
    for file in pending:
        before, own = names.setdefault(file.file_date, set()), (file.tag, file.name)
        if before <= {own}:
            first.add(file.id)
        before.add(own)
    return frozenset(first)
