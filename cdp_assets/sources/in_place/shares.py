"""Parts files among tasks: a large one in pieces, many small ones together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cdp_assets.exchange.formats.pieces import Piece
from cdp_assets.sources.in_place.worker import Share, SourceFile

PIECE_BYTES = 128 << 20
"""What one task reads: far more than a header or a block that is parsed at once, and little enough that a task that is
lost costs little. Writers of Parquet make row groups of about this size."""


def shares_of(files: Mapping[int, SourceFile], piece_bytes: int = PIECE_BYTES) -> list[Share]:
    """Give the pieces of all files, in order; the last piece of a file takes what is less than half a piece along."""
    return [share for number, file in files.items() for share in _shares(number, file.size_bytes, piece_bytes)]


def whole_shares(files: Mapping[int, SourceFile]) -> list[Share]:
    """Give each file in one piece."""
    return [Share(number, 0, Piece(0, file.size_bytes, is_last=True)) for number, file in files.items()]


def tasks_of(shares: Iterable[Share], task_bytes: int = PIECE_BYTES) -> tuple[tuple[Share, ...], ...]:
    """Put shares together, in order, until a task has enough to do."""
    return tuple(_tasks(shares, task_bytes))


def _shares(number: int, size_bytes: int, piece_bytes: int) -> Iterator[Share]:
    count = max(1, (size_bytes + piece_bytes // 2) // piece_bytes)
    for part in range(count):
        is_last = part == count - 1
        end = size_bytes if is_last else (part + 1) * piece_bytes
        yield Share(number, part, Piece(part * piece_bytes, end, is_last))


def _tasks(shares: Iterable[Share], task_bytes: int) -> Iterator[tuple[Share, ...]]:
    task: list[Share] = []
    size_bytes = 0
    for share in shares:
        if task and size_bytes + share.piece.end - share.piece.start > task_bytes:
            yield tuple(task)
            task, size_bytes = [], 0
        task.append(share)
        size_bytes += share.piece.end - share.piece.start
    if task:
        yield tuple(task)
