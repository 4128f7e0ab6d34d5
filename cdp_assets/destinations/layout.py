"""Decides what an export becomes: one file or several, what each is called and what stands inside it."""

from __future__ import annotations

import datetime as dt
import posixpath
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from cdp_assets.config.destination import ARCHIVES, DataTemplate
from cdp_assets.config.filename_template import FilenameTemplate
from cdp_assets.destinations.cut import Limit
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.codecs import inner_name

DONE = ".DONE"
PARQUET = "parquet"
PART_ROWS = 1_000_000
"""Of a part file in a folder, where no split says otherwise."""
TABLE = "{{table_name}}"
DATED_TABLE = "{{table_name}}_{{now|format:'yyyy_MM_dd'}}"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Layout:
    """The names of one export's files, relative to the destination's location."""

    template: DataTemplate
    now: dt.datetime
    """UTC-aware; what {{now}} stands for."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Word -> what it stands for, such as {{list_name}}."""
    several: bool = False
    """Whether several tables are sent together."""

    @property
    def is_archive(self) -> bool:
        """Whether what is sent holds files with names of their own."""
        return self.template.compression in ARCHIVES

    @property
    def limit(self) -> Limit:
        """Where one file of rows ends and the next begins."""
        template = self.template
        if template.is_split:
            size = template.split_size_mb
            return Limit(template.split_rows or sys.maxsize, None if size is None else size * MEGABYTE)
        return Limit(PART_ROWS if self._has_parts else sys.maxsize)

    def sent(self, table: str, number: int = 1) -> str:
        """Give what a file is called at the destination.

        Args:
            table: The query or table whose rows it holds; an archive's is any of them.
            number: Which of the table's files it is, from 1 on.
        """
        template = self.template
        if template.is_split:
            below = template.split_directory or (template.filename if self.several else "")
            name = self._named(template.split_filename or template.filename, table, number)
            parts = [self._named(below, table)] if below else []
            return posixpath.join(template.folder, *parts, name)
        if not self._is_folder:
            return posixpath.join(template.folder, self._named(template.filename))
        if self.several:
            inside = self._below(self._table_stem(table), number)
            return posixpath.join(template.folder, self._named(template.filename), inside + self._packed)
        return posixpath.join(
            template.folder, self._folder(self._named(template.filename)), self._part(number) + self._packed
        )

    def inside(self, table: str, number: int, sent: str) -> str:
        """Give what a file is called inside the archive `sent`."""
        if self.several:
            return self._below(self._table_stem(table), number)
        inner = inner_name(posixpath.basename(sent), self._ending)
        return self._below(inner.removesuffix(f".{self._ending}"), number)

    def done(self, first: str) -> str:
        """Give the name of the empty file that is sent last; `first` is that of the first file."""
        if "file_number" in FilenameTemplate.parse(self.template.filename).words:
            return first + DONE
        return posixpath.join(self.template.folder, self._named(self.template.filename) + DONE)

    @property
    def _ending(self) -> str:
        return self.template.format.kind

    @property
    def _packed(self) -> str:
        """The endings of a generated name; a template's names hold theirs already."""
        gzipped = ".gz" if self.template.compression == "gzip" else ""
        return gzipped + (".pgp" if self.template.pgp_credential is not None else "")

    @property
    def _is_folder(self) -> bool:
        """Whether part files are sent, below a folder with the export's name."""
        default = "file" if self.template.compression == "gzip" and not self.several else "folder"
        return not self.is_archive and (self.template.output or default) == "folder"

    @property
    def _has_parts(self) -> bool:
        """Whether a table's rows stand in a folder of part files, sent so or inside an archive."""
        if self._ending == PARQUET:
            return self._is_folder or self.is_archive
        return self._is_folder and not self.several

    def _below(self, stem: str, number: int) -> str:
        """Give the name of a table's file: its own, or that of a part in the table's folder."""
        if self._ending == PARQUET:
            return posixpath.join(self._folder(stem), self._part(number))
        return f"{stem}.{self._ending}"

    def _folder(self, name: str) -> str:
        ending = f".{PARQUET}"
        is_added = self._ending == PARQUET and self.template.parquet_ending and not name.endswith(ending)
        return name + ending if is_added else name

    def _part(self, number: int) -> str:
        return f"part-{number:07d}.{self._ending}"

    def _table_stem(self, table: str) -> str:
        default = DATED_TABLE if self._ending == PARQUET else TABLE
        return self._named(self.template.table_filename or default, table)

    def _named(self, text: str, table: str = "", number: int = 1) -> str:
        """Give what a filename template says; raises DeliveryError for a word that has no value here."""
        words = {**self.words, **({"table_name": table} if table else {})}
        where = f"data_templates/{self.template.name}.yaml"
        try:
            return FilenameTemplate.parse(text).name(self.now, words, number)
        except KeyError as error:
            raise DeliveryError(
                f"{where}: `{error.args[0]}` has no value for what is sent. Expected another."
            ) from None
        except ValueError as error:
            raise DeliveryError(f"{where}: {error}") from None
