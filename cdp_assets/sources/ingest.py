"""Loads what an ingest query makes of a day's landed files into a feed's domain table."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cdp_assets.config.courier import Courier, CourierFile, LoadOperation, QueriedFile
from cdp_assets.config.feed import Feed
from cdp_assets.config.file_format import NdjsonFormat, ParquetFormat
from cdp_assets.config.transforms import IngestQuery
from cdp_assets.errors import LakeError, SourceError
from cdp_assets.exchange.codecs import Keyring, contents
from cdp_assets.exchange.formats import AsNdjson, write_as_ndjson, write_utf8
from cdp_assets.hashing import sha256_of
from cdp_assets.lakehouse import delta
from cdp_assets.sources.alone import alone
from cdp_assets.sources.load import SPOOL, LoadJob, truncates
from cdp_assets.sources.parse import Parser, Records, table_schema
from cdp_assets.sources.reading import LoadResult, Reading
from cdp_assets.sources.signed import refuse_unsigned
from cdp_assets.state import landed_files
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import LandedFile

if TYPE_CHECKING:
    from cdp_assets.lakehouse.lake import Lake
    from cdp_assets.sources.spark import QueryTable

ANSWER = CourierFile(tag="answer", pattern="'answer'", format=ParquetFormat())
"""How a query's answer is read as records of the feed."""


def load_queried(
    feed: Feed,
    courier: Courier,
    queries: Mapping[str, IngestQuery],
    lake: Lake,
    *,
    state: State,
    environment: str,
    landing_environment: str,
    table_path: str,
    keyring: Keyring | None = None,
) -> list[LoadResult]:
    """Load, day by day, what the courier's ingest queries for this feed make of files that it does not hold yet.

    A query reads all files of a day, the newest version of each, once every required one has landed; a file that comes
    later lets it read the day again. Into a new table a day is read as often as into the old one: versions of a file
    take their turn. The rows go through the feed as a file's do: types, keys, threshold, rejects.

    Raises SourceError for files or an answer that cannot be used; nothing of the day is loaded then.
    """
    where = (state, environment, table_path, lake.root, keyring)
    anew = truncates(courier, feed)  # an answer for a day is whole
    results = []
    with alone(state, table_path):
        delta.create(lake.root / table_path, table_schema(feed))
        for operation in courier.load:
            if operation.feed != feed.key or operation.type != "spark-sql":
                continue
            tags = frozenset(operation.tags)
            with state.read() as conn:
                pending = landed_files.pending(conn, landing_environment, courier.name, tags, table_path)
                landed = landed_files.of_courier(conn, landing_environment, courier.name) if pending else []
            for new, read in _readings(pending, landed, tags, _required(courier, tags)):
                query = queries[operation.query or ""]
                results += QueryJob(feed, courier, new, *where, anew, operation, query, read, lake).run()
    return results


Due = tuple[tuple[LandedFile, ...], tuple[LandedFile, ...]]
"""The files of a day that the table does not hold yet, and all that a query reads with them."""


def _readings(
    pending: Sequence[LandedFile], landed: Sequence[LandedFile], tags: frozenset[str], required: set[str]
) -> Iterator[Due]:
    """Give every reading that is due, by day, then in the order of arrival; a day that lacks a required file waits."""
    landed_on = _by_day(file for file in landed if file.tag in tags)
    for day, files in sorted(_by_day(pending).items()):
        waiting: tuple[LandedFile, ...] = ()
        for turn in _turns(files):
            waiting += turn
            read = _newest(file for file in landed_on[day] if file.sequence <= turn[-1].sequence)
            if required <= {file.tag for file in read}:
                yield waiting, read
                waiting = ()


def _by_day(files: Iterable[LandedFile]) -> dict[dt.date, list[LandedFile]]:
    found: dict[dt.date, list[LandedFile]] = {}
    for file in files:
        found.setdefault(file.file_date, []).append(file)
    return found


def _turns(files: Sequence[LandedFile]) -> Iterator[tuple[LandedFile, ...]]:
    """Part a day's files, in the order of arrival, before each that is another version of one in the part."""
    turn: dict[tuple[str, str], LandedFile] = {}
    for file in files:
        if (file.tag, file.name) in turn:
            yield tuple(turn.values())
            turn = {}
        turn[file.tag, file.name] = file
    yield tuple(turn.values())


def _newest(landed: Iterable[LandedFile]) -> tuple[LandedFile, ...]:
    """Give the newest version of each file of a day, in the order of their names."""
    newest = {(file.tag, file.name): file for file in landed}
    return tuple(file for _, file in sorted(newest.items()))


def _required(courier: Courier, tags: frozenset[str]) -> set[str]:
    return {file.tag for file in courier.files if file.tag in tags and not file.optional}


@dataclass(frozen=True)
class QueryJob(LoadJob):
    """One day's files on their way through a query into one table."""

    operation: LoadOperation
    query: IngestQuery
    read: tuple[LandedFile, ...]
    """What the query reads; `files` are those of them that the table does not hold yet."""
    lake: Lake

    @property
    def name(self) -> str:
        """What errors and logs call it."""
        return f"ingest query {self.query.name} of {self.files[-1].file_date}"

    def commit_id(self) -> str:
        """Give an id that is the same for the same files: what is committed is known by it."""
        return sha256_of([self.table_path, self.query.name, [file.id for file in self.read]])[:32]

    def readings(self) -> Iterator[tuple[Reading, Iterator[Records]]]:
        """Give the query's answer: what came last of its files tells how new it is."""
        parser = self.parser_of(ANSWER, self.name, self.files[-1].sequence, None)
        yield Reading(self.files, self.name, parser.account), self._answered(parser)

    def _answered(self, parser: Parser) -> Iterator[Records]:
        """Unpack the files, let Spark answer, and read the answer's parts in order."""
        folder = self.lake_root / SPOOL / f"{self.commit_id()}.query"
        try:
            self._answer(folder)
            for number, part in enumerate(sorted((folder / "answer").glob("*.parquet")), 1):
                parser.file = self.name if number == 1 else f"{self.name}, part {number}"
                yield from parser.records(part)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _answer(self, folder: Path) -> None:
        from cdp_assets.sources import spark  # pyspark takes a second, and a courier without queries does without

        shutil.rmtree(folder, ignore_errors=True)
        tables = [self._table(one, folder / str(number)) for number, one in enumerate(self.operation.files)]
        try:
            spark.answer(self.lake, self.query.sql, tables, folder / "answer", self.commit_id())
        except LakeError as error:
            raise SourceError(
                self.name, str(error).rstrip("."), "a query that Spark answers over these files"
            ) from None

    def _table(self, queried: QueriedFile, folder: Path) -> QueryTable:
        from cdp_assets.sources.spark import QueryTable

        kind = self.courier.file(queried.file)
        folder.mkdir(parents=True)
        files = [file for file in self.read if file.tag == queried.file]
        is_empty = sum(self._unpack(file, kind, folder) for file in files) == 0
        if is_empty and queried.columns is None:
            expected = f"`columns:` beside `file: {queried.file}` in the load operation, for an empty table"
            raise SourceError(self.name, f"no file for `{queried.file}`", expected)
        format = NdjsonFormat() if isinstance(kind.format, AsNdjson) else kind.format
        return QueryTable(queried.file, format, folder, queried.columns, is_empty)

    def _unpack(self, landed: LandedFile, kind: CourierFile, folder: Path) -> int:
        """Write what a landed file holds as plain files that Spark can read, text as UTF-8; give how many."""
        count = 0
        refuse_unsigned(landed, self.keyring, self.state, self.lake_root)
        try:
            with (
                (self.lake_root / landed.path).open("rb") as stream,
                contextlib.closing(
                    contents(stream, landed.name, archive=kind.archive, keyring=self.keyring)
                ) as members,
            ):
                for count, (name, member) in enumerate(members, 1):
                    target = folder / f"{landed.sequence:012}-{count:06}.{kind.format.kind}"
                    _write(member, kind, target, name)
        except OSError as error:
            problem = f"cannot be unpacked for its query ({error.strerror or type(error).__name__})"
            raise SourceError(landed.name, problem, "its landed copy untouched, and room below the lake") from error
        return count


def _write(member: BinaryIO, kind: CourierFile, target: Path, name: str) -> None:
    """Write a file as Spark can read it."""
    with target.open("wb") as file:
        if isinstance(kind.format, ParquetFormat):
            shutil.copyfileobj(member, file, 1 << 20)
        elif isinstance(kind.format, AsNdjson):
            write_as_ndjson(member, kind.format, file, name)
        else:
            write_utf8(member, getattr(kind.format, "encoding", None), file, name)
