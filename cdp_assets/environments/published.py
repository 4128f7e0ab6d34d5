"""The columns of published tables, read when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName
from cdp_assets.state.publications import Publication


class PublishedColumns(Mapping[TableName, Sequence[str]]):
    """The columns of each table of a publication, by the table's name, and those of `more` beside them."""

    def __init__(
        self, lake: Path, publication: Publication, more: Mapping[TableName, Sequence[str]] = MappingProxyType({})
    ) -> None:
        self._lake, self._entries, self._more = lake, publication.entries, more

    def __getitem__(self, table: TableName) -> Sequence[str]:
        if table in self._more:
            return self._more[table]
        entry = self._entries[table]
        return tuple(delta.schema(self._lake / entry.path, entry.version).names)

    def __iter__(self) -> Iterator[TableName]:
        return iter({**self._entries, **self._more})

    def __len__(self) -> int:
        return len({*self._entries, *self._more})
