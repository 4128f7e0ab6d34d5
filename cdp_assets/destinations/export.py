"""Makes the files of one export, one after the other: rows through a data template's format, cut and packed."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from cdp_assets.destinations.cut import Rows, part
from cdp_assets.destinations.layout import PARQUET, Layout
from cdp_assets.exchange.codecs import Packing, pack, sign
from cdp_assets.exchange.formats import write
from cdp_assets.hashing import sha256_of_file


@dataclass(frozen=True)
class Content:
    """Rows to send, under the name of their query or table."""

    name: str
    rows: Callable[[], pa.RecordBatchReader]
    """Reads them from the start, in the same order each time."""


@dataclass(frozen=True)
class ExportFile:
    """A finished file on its way: where it is now, and what it will be called."""

    position: int
    """Among the export's files, from 0 on."""
    path: Path
    filename: str
    rows: int
    size_bytes: int
    sha256: str
    content_sha256: str
    """Before encryption: the same rows, template and time give the same."""
    signature: Path | None = None
    """Where its signature is, which goes beside it."""


@dataclass(frozen=True)
class Export:
    """One export on its way through a folder, which never holds more than one of its files to send."""

    contents: Sequence[Content]
    layout: Layout
    packing: Packing
    folder: Path

    def files(self, arrived: Mapping[int, int]) -> Iterator[ExportFile]:
        """Make the files in the order in which they are sent; a file is there until the next is asked for.

        An export without rows is one file with its header.

        Args:
            arrived: Position -> rows of the files that are at the destination; these are not made again.
        """
        for file in self._archive(arrived) if self._is_one_archive else self._one_by_one(arrived):
            if file is not None:
                yield file
                file.path.unlink()
                if file.signature is not None:
                    file.signature.unlink()

    def further(self, names: Collection[str]) -> list[str]:
        """Give those of `names` that would be files of this export, were it longer."""
        if self._is_one_archive:
            return []
        numbers = range(1, len(names) + 1)
        own = {self.layout.sent(content.name, number) for content in self.contents for number in numbers}
        return sorted(own.intersection(names))

    def done(self, position: int) -> ExportFile | None:
        """Make the empty file that is sent when all others are there; nothing where the template wants none."""
        if not self.layout.template.done_file:
            return None
        done = self.folder / "done"
        done.touch()
        name = self.layout.done(self.layout.sent(self.contents[0].name))
        return self._file(position, done, name, 0, sha256_of_file(done))

    @property
    def _is_one_archive(self) -> bool:
        return self.layout.is_archive and not self.layout.template.is_split

    def _archive(self, arrived: Mapping[int, int]) -> Iterator[ExportFile | None]:
        """Make the one file that holds all others; nothing where it has arrived."""
        if 0 in arrived:
            yield None
            return
        name = self.layout.sent(self.contents[0].name)
        members: dict[str, Path] = {}
        count = 0
        for content in self.contents:
            rows, number = Rows(content.rows()), 0
            while not number or rows.peek(1) is not None:
                number += 1
                path = self.folder / f"{len(members)}.plain"
                count += self._write(path, rows)
                members[self.layout.inside(content.name, number, name)] = path
        yield self._packed(0, members, name, count)

    def _one_by_one(self, arrived: Mapping[int, int]) -> Iterator[ExportFile | None]:
        """Make one file after the other; nothing for one that has arrived, whose rows are left out."""
        position = 0
        for content in self.contents:
            rows, number = Rows(content.rows()), 0
            while not number or rows.peek(1) is not None:
                number += 1
                if position in arrived:
                    rows.drop(arrived[position])
                    yield None
                else:
                    yield self._part(position, content.name, number, rows)
                position += 1

    def _part(self, position: int, table: str, number: int, rows: Rows) -> ExportFile:
        path, name = self.folder / "part.plain", self.layout.sent(table, number)
        count = self._write(path, rows)
        inside = self.layout.inside(table, 1, name) if self.layout.is_archive else posixpath.basename(name)
        return self._packed(position, {inside: path}, name, count)

    def _write(self, path: Path, rows: Rows) -> int:
        """Write the next rows as far as the layout lets one file grow; give their number."""
        following = part(rows, self.layout.limit, lambda: path.stat().st_size)
        return write(path, following, self.layout.template.format, rows_before=rows.gone)

    def _packed(self, position: int, members: Mapping[str, Path], name: str, rows: int) -> ExportFile:
        target = self.folder / "packed"
        content_sha256 = pack(members, target, self.packing, posixpath.basename(name))
        for path in members.values():
            path.unlink()
        file = self._file(position, target, name, rows, content_sha256)
        return replace(file, signature=self._signature(target))

    def _signature(self, path: Path) -> Path | None:
        recipient = self.packing.recipient
        if recipient is None or not recipient.beside:
            return None
        sign(path, target := self.folder / "signature", recipient)
        return target

    def _file(self, position: int, path: Path, name: str, rows: int, content_sha256: str) -> ExportFile:
        sha256 = content_sha256 if self.packing.recipient is None else sha256_of_file(path)
        return ExportFile(position, path, name, rows, path.stat().st_size, sha256, content_sha256)


def packing_of(layout: Layout) -> Packing:
    """Give how a template packs, without encryption."""
    template = layout.template
    return Packing(template.compression, zip64=template.zip64, is_compressed=template.format.kind == PARQUET)
