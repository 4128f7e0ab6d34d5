"""What a comparison of two publications found: counts, and examples that show no personal value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

Action = Literal["added", "removed", "changed"]
FORMAT_VERSION = "1.0"


@dataclass(frozen=True)
class Cell:
    """One value as it may be shown: personal ones are already reduced to their shape."""

    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Example:
    """One row that differs; `key` is empty where the table has none."""

    action: Action
    key: tuple[tuple[str, str | None], ...]
    cells: tuple[Cell, ...]
    """Of a changed row the changed columns, else all columns that are not the key."""


@dataclass(frozen=True)
class SchemaChange:
    """Columns that only one side has, and columns of another type: (name, type) or (name, before, after)."""

    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    retyped: tuple[tuple[str, str, str], ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self.added or self.removed or self.retyped)


@dataclass(frozen=True)
class RowChanges:
    """How rows differ; `columns` counts the changed rows per column, and names only columns that changed."""

    key: tuple[str, ...] = ()
    """The columns by which rows were matched; without any, equal rows were counted and nothing is `changed`."""
    added: int = 0
    removed: int = 0
    changed: int = 0
    columns: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()

    def __bool__(self) -> bool:
        """Say whether any row differs."""
        return bool(self.added or self.removed or self.changed)

    @property
    def total(self) -> int:
        """Rows added, removed and changed, together."""
        return self.added + self.removed + self.changed


@dataclass(frozen=True)
class TableDiff:
    """One table that both publications have."""

    table: str
    before: int
    """Rows in production."""
    after: int
    """Rows in the sandbox."""
    rows: RowChanges = RowChanges()
    schema: SchemaChange = SchemaChange()
    sampled: float | None = None
    """The share of the rows that were compared; then the counts of `rows` are estimates. 0: none was."""
    notes: tuple[str, ...] = ()

    @property
    def is_counted_only(self) -> bool:
        """Say whether no row was compared."""
        return self.sampled == 0

    @property
    def is_different(self) -> bool:
        """Say whether rows or columns differ, or may: nobody has looked."""
        return bool(self.rows) or bool(self.schema) or self.is_counted_only


@dataclass(frozen=True)
class Record:
    """A record by its source and the shape of its primary key."""

    datasource: str
    pk: str


@dataclass(frozen=True)
class Part:
    """The records that one person of the other side has in a group; `person` is None for records only on this side."""

    person: str | None
    size: int
    records: tuple[Record, ...]
    """The first few."""


@dataclass(frozen=True)
class Link:
    """A scored pair that joins two parts."""

    left: Record
    right: Record
    score: float
    match_type: str


@dataclass(frozen=True)
class Regrouping:
    """One person that is several on the other side: merged when it is the sandbox's, split when production's."""

    person: str
    size: int
    parts: tuple[Part, ...]
    links: tuple[Link, ...]
    """The strongest pairs that hold the parts together on the side where they are one person."""


@dataclass(frozen=True)
class IdentityCounts:
    """How people differ; records are compared by (datasource, pk)."""

    people_before: int = 0
    people_after: int = 0
    merged: int = 0
    """People of the sandbox whose records belong to several people of production."""
    merged_from: int = 0
    """Those people of production."""
    split: int = 0
    """People of production whose records belong to several people of the sandbox."""
    split_into: int = 0
    """Those people of the sandbox."""
    gained: int = 0
    """People of the sandbox none of whose records production has."""
    lost: int = 0
    """People of production none of whose records the sandbox has."""
    ids_kept: int = 0
    """Ids that both sides use."""
    records_added: int = 0
    records_removed: int = 0
    records_moved: int = 0
    """Records of both sides whose id differs."""

    @property
    def is_different(self) -> bool:
        """Say whether any record has another person, or is on one side only."""
        return bool(self.records_added or self.records_removed or self.records_moved)


@dataclass(frozen=True)
class IdentityDiff:
    """People: counts, the largest examples, and how many people have how many records."""

    counts: IdentityCounts
    merges: tuple[Regrouping, ...] = ()
    splits: tuple[Regrouping, ...] = ()
    sizes_before: Mapping[str, int] = field(default_factory=dict)
    """People of production by their number of records, in the documented classes."""
    sizes_after: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportDiff:
    """One orchestration that both sides have: what its next delivery would add and leave out."""

    orchestration: str
    before: int
    after: int
    rows: RowChanges = RowChanges()
    schema: SchemaChange = SchemaChange()
    sampled: float | None = None
    """As of a table."""

    @property
    def is_different(self) -> bool:
        """Say whether another file would be sent."""
        return bool(self.rows) or bool(self.schema)


@dataclass(frozen=True)
class DataDiff:
    """Everything that was compared."""

    sandbox: str
    publications: tuple[int, int]
    """Production's and the sandbox's."""
    tables: tuple[TableDiff, ...]
    """The tables that were read."""
    same_version: tuple[str, ...] = ()
    """The tables that both read at one path and version, or in a plan at one path; nothing of them was read."""
    only_in_production: tuple[str, ...] = ()
    only_in_sandbox: tuple[str, ...] = ()
    identity: IdentityDiff | None = None
    same_ids: bool = False
    """Whether the ids are among `same_version`, so that there is no `identity`."""
    exports: tuple[ExportDiff, ...] = ()
    exports_not_compared: tuple[tuple[str, str], ...] = ()
    """Orchestration and why."""
    unbuilt: tuple[str, ...] = ()
    """Tables that the sandbox's active configuration defines and its publication has not, or has by another one."""
    notes: tuple[str, ...] = ()

    @property
    def different(self) -> tuple[TableDiff, ...]:
        """The tables that differ, those with the most differing rows first."""
        found = [table for table in self.tables if table.is_different]
        return tuple(sorted(found, key=lambda table: (-table.rows.total, table.table)))

    @property
    def is_identical(self) -> bool:
        """Say whether nothing that was compared differs."""
        people = self.identity is not None and self.identity.counts.is_different
        exports = any(export.is_different for export in self.exports)
        return not (self.different or self.only_in_production or self.only_in_sandbox or people or exports)

    def to_json(self) -> dict[str, Any]:
        """Give plain values for `--json`."""
        return {"format_version": FORMAT_VERSION, "identical": self.is_identical, **asdict(self)}


@dataclass(frozen=True)
class DataConsequence:
    """What a promotion does to the data that readers use: a comparison, or why there is none."""

    difference: DataDiff | None = None
    unknown: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give plain values, for a plan."""
        return {"difference": self.difference.to_json() if self.difference else None, "unknown": self.unknown}


def read_consequence(document: Mapping[str, Any]) -> DataConsequence:
    """Give back what `DataConsequence.to_json` gave; raises ValueError for anything else."""
    found = document["difference"]
    if found is not None:
        found = {name: value for name, value in found.items() if name not in ("format_version", "identical")}
    return TypeAdapter(DataConsequence).validate_python({"difference": found, "unknown": document["unknown"]})
