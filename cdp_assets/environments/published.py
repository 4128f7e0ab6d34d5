"""The columns of published tables, each read once, when somebody asks for it."""

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
        self._lake, self._entries, self._known = lake, publication.entries, dict(more)

    def __getitem__(self, table: TableName) -> Sequence[str]:
        if table not in self._known:
            entry = self._entries[table]
            self._known[table] = tuple(delta.schema(self._lake / entry.path, entry.version).names)
        return self._known[table]

    def __iter__(self) -> Iterator[TableName]:
        return iter({**self._entries, **self._known})

    def __len__(self) -> int:
        return len({*self._entries, *self._known})
