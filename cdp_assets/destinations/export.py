"""Makes the files of one export: rows through a data template's format, split and packed as it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from cdp_assets.config.destination import DataTemplate
from cdp_assets.destinations.filename import filename
from cdp_assets.exchange.codecs import Packing, pack
from cdp_assets.exchange.formats import write
from cdp_assets.hashing import sha256_of_file

DONE = ".DONE"


@dataclass(frozen=True)
class ExportFile:
    """A finished file on its way: where it is now, and what it will be called."""

    path: Path
    filename: str
    rows: int
    size_bytes: int
    sha256: str


def export_files(
    rows: pa.Table,
    template: DataTemplate,
    *,
    now: dt.datetime,
    folder: Path,
    words: Mapping[str, str] = MappingProxyType({}),
) -> list[ExportFile]:
    """Write the export into `folder` and give its files in the order in which they are sent; the done file is last.

    The same rows, template and time give the same bytes. An export without rows is one file with its header.
    """
    files = []
    for number, part in enumerate(_parts(rows, template.split_rows), 1):
        where = f"data_templates/{template.name}.yaml"
        name = filename(template.filename, now=now, file_number=number, words=words, where=where)
        plain, packed = folder / f"{number}.plain", folder / f"{number}.packed"
        write(plain, part, template.format)
        pack({name: plain}, packed, Packing(template.compression), name)
        plain.unlink()
        files.append(_file(packed, name, part.num_rows))
    if template.done_file:
        done = folder / "done"
        done.touch()
        files.append(_file(done, files[0].filename + DONE, 0))
    return files


def _parts(rows: pa.Table, most: int | None) -> Iterator[pa.Table]:
    if most is None or rows.num_rows <= most:
        yield rows
        return
    for start in range(0, rows.num_rows, most):
        yield rows.slice(start, most)


def _file(path: Path, name: str, rows: int) -> ExportFile:
    return ExportFile(path, name, rows, path.stat().st_size, sha256_of_file(path))
