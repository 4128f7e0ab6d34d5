"""What came of reading a piece of a file, and what the pieces of a file say of it together."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cdp_assets.errors import SourceError, SourceUnreachableError
from cdp_assets.sources.parse import MOST_REJECTS_KEPT, Account, Parser
from cdp_assets.sources.reading import Reading
from cdp_assets.state.landed_files import LandedFile
from cdp_assets.state.loads import Reject


@dataclass(frozen=True)
class Outcome:
    """A piece's account, as a worker tells it; rows are counted in the piece, from 1.

    file, part: the file's place among all, and the piece's in the file. rows: data rows, bad ones too. good: records.
    left_out: what was decided of each column's dates. problem: of a SourceError its words, its row and whether it may
    pass.
    """

    file: int
    part: int
    rows: int
    rows_read: int
    rows_rejected: int
    good: int
    rejects: list[tuple[int, str | None, str]]
    left_out: dict[str, str | None]
    problem: tuple[str, str, str, int | None, bool] | None

    @classmethod
    def of(cls, file: int, part: int, parser: Parser, good: int, error: SourceError | None) -> Outcome:
        """Make it of what a parser has counted."""
        account = parser.account
        problem = None
        if error is not None:
            may_pass = isinstance(error, SourceUnreachableError)
            problem = (error.file, error.problem, error.expected, error.row, may_pass)
        rejects = [(one.row, one.column, one.reason) for one in account.rejects]
        counts = (parser.rows, account.rows_read, account.rows_rejected, good)
        return cls(file, part, *counts, rejects, parser.left_out, problem)

    def spelled(self) -> str:
        """Give it as text."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Outcome:
        """Give it back."""
        values: dict[str, Any] = json.loads(text)
        return cls(**values)

    def error(self) -> SourceError | None:
        """Give what the worker has met."""
        if self.problem is None:
            return None
        file, problem, expected, row, may_pass = self.problem
        return (SourceUnreachableError if may_pass else SourceError)(file, problem, expected, row)


def reading_of(file: LandedFile, pieces: Sequence[Outcome]) -> tuple[Reading, SourceError | None]:
    """Give what a file's pieces, in order, say together, rows counted in the file, and what is wrong with all of it.

    An error that may pass comes before others: they may come of where the file was cut.
    """
    account, before = Account(), 0
    for one in pieces:
        account.rows_read += one.rows_read
        room = MOST_REJECTS_KEPT - len(account.rejects)
        kept = [Reject(file.name, row + before, column, reason) for row, column, reason in one.rejects[:room]]
        account.reject(kept, one.rows_rejected)
        before += one.rows
    errors = [error for one in pieces if (error := one.error()) is not None]
    errors.sort(key=lambda error: not isinstance(error, SourceUnreachableError))
    reading = Reading((file,), file.name, account, sum(one.good for one in pieces))
    return reading, errors[0] if errors else None


def rows_before(pieces: Sequence[Outcome]) -> list[int]:
    """Give how many of the file's rows come before each of its pieces."""
    return list(itertools.accumulate((one.rows for one in pieces[:-1]), initial=0))


def is_read_apart(pieces: Sequence[Outcome]) -> bool:
    """Say whether a file's pieces give what the file gives: none failed, and all decided as the first did on dates.

    What may pass is no reason to read the file otherwise.
    """
    if len(pieces) == 1 or any(one.problem is not None and one.problem[4] for one in pieces):
        return True
    first = pieces[0].left_out
    decided = all(left_out in (None, first[name]) for one in pieces for name, left_out in one.left_out.items())
    return decided and not any(one.problem for one in pieces)
