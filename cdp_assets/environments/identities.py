"""Identities as they are published: records, people, and the evidence between them; read without Spark."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import polars as pl

from cdp_assets.config.catalog import STITCH_IDS
from cdp_assets.config.known import nearest_known
from cdp_assets.config.steering import steering_tables
from cdp_assets.config.tagged import TaggedTable
from cdp_assets.environments.data_diff.reading import Side, is_one_of
from cdp_assets.errors import StateError
from cdp_assets.names import TableName
from cdp_assets.stitch.anew import as_compared
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.model_store import kept_model
from cdp_assets.stitch.normalise.nicknames import Nicknames, amended
from cdp_assets.stitch.regrouped import PAIR, RecordId
from cdp_assets.stitch.weigh import Model
from cdp_assets.unified.steering import COLUMNS

RECORDS, SPELLED = TableName("stitch", "stitch_records"), TableName("stitch", "stitch_spelled")
MODEL, SHARES = TableName("stitch", "stitch_model"), TableName("stitch", "stitch_shares")
SCORES = TableName("unified", "unified_scores")
EXPLANATIONS, BLOCKS = TableName("stitch", "stitch_explanations"), TableName("stitch", "stitch_blocks")
BAD_VALUES = TableName("stitch", "stitch_badvalues")
TABLES = (STITCH_IDS, RECORDS, SPELLED, SCORES, EXPLANATIONS, MODEL, SHARES, BLOCKS, BAD_VALUES)
"""All that is read, beside a tenant's own nicknames."""


class Identities:
    """Who is who in one publication."""

    def __init__(self, side: Side) -> None:
        self.side = side

    def find(self, pk: str, datasource: str | None = None) -> RecordId:
        """Give the record with this primary key; raises StateError where there is none, or one in several sources."""
        ids = self.rows(STITCH_IDS, is_one_of("pk", [pk]))
        found = sorted(ids["datasource"]) if datasource is None else [datasource] * (datasource in ids["datasource"])
        if len(found) == 1:
            return found[0], pk
        if found:
            raise StateError(
                f"{self._where}: {len(found)} sources have this key. Expected one of {', '.join(found)} before it."
            )
        sources = sorted(self.columns(STITCH_IDS, ["datasource"])["datasource"].unique())
        if datasource is not None and datasource not in sources:
            raise StateError(
                f"{self._where}, {datasource}: no such source. Expected {nearest_known(datasource, sources)}."
            )
        raise StateError(
            f"{self._where}: no record has this key. Expected a key of {datasource or ', '.join(sources)}."
        )

    def person(self, record: RecordId) -> str:
        """Give the person of a record that `find` gave."""
        ids = self.rows(STITCH_IDS, is_one_of("pk", [record[1]])).filter(datasource=record[0])
        return str(ids[ID].item())

    def members(self, person: str) -> list[RecordId]:
        """Give the records of a person, in order; raises StateError for an unknown id."""
        ids = self.rows(STITCH_IDS, is_one_of(ID, [person]))
        if ids.is_empty():
            raise StateError(f"{self._where}: nobody has this id. Expected an amperity_id of stitch.stitch_ids.")
        return list(ids.sort(KEYS).select(KEYS).iter_rows())

    def linked(self, components: Sequence[int]) -> dict[str, int]:
        """Give how many records each person has in these components, those with most first."""
        records = self.rows(RECORDS, f"component_id IN ({', '.join(map(str, components))})").select(KEYS)
        ids = self.rows(STITCH_IDS, is_one_of("pk", sorted(set(records["pk"])))).join(records, on=KEYS, how="semi")
        counted = ids.group_by(ID).agg(records=pl.len()).sort("records", ID, descending=[True, False])
        return dict(counted.iter_rows())

    def of_records(self, table: TableName, records: Sequence[RecordId]) -> pl.DataFrame:
        """Give the rows of a table about these records, in order."""
        wanted = pl.DataFrame(list(records), schema=dict.fromkeys(KEYS, pl.String), orient="row")
        found = self.rows(table, is_one_of("pk", sorted({pk for _, pk in records})))
        return found.join(wanted, on=KEYS, how="semi").sort(KEYS)

    def compared(self, records: Sequence[RecordId]) -> pl.DataFrame:
        """Give these records as they were compared, in order."""
        spelled, found = (self.of_records(table, records) for table in (SPELLED, RECORDS))
        return as_compared(spelled, found, self.table(BAD_VALUES))

    def of_person(self, table: TableName, person: str) -> pl.DataFrame:
        """Give the rows of a table of pairs about one person, in order."""
        return self.rows(table, is_one_of(ID, [person])).sort(PAIR)

    def rows(self, table: TableName, condition: str) -> pl.DataFrame:
        """Give the rows of a table that a condition of ours keeps."""
        entry = self.side.publication.entry(table)
        return self.side.rows(entry, list(self.side.schema(entry)), condition)

    def columns(self, table: TableName, names: Sequence[str]) -> pl.DataFrame:
        """Give whole columns of a table."""
        return self.side.rows(self.side.publication.entry(table), names)

    def table(self, table: TableName) -> pl.DataFrame:
        """Give a table whole."""
        return self.columns(table, list(self.side.schema(self.side.publication.entry(table))))

    @cached_property
    def model(self) -> Model:
        """The model by which the pairs were weighed."""
        return kept_model(self.table(MODEL), self.table(SHARES))

    @cached_property
    def nicknames(self) -> Nicknames:
        """The names that one person may go by, as the run knew them: the common ones, amended by the tenant's."""
        tables = [self._amending(one) for one in steering_tables(self.side.made_by, "nicknames")]
        return amended(pl.concat(tables) if tables else None)

    def _amending(self, one: TaggedTable) -> pl.DataFrame:
        """Give what one of the tenant's tables amends: canonical_name, nickname, update_type."""
        rows = self.table(one.table)
        names = {name: one.columns[tag] for tag, (name, _) in COLUMNS["nicknames"].items()}
        return rows.select(pl.col(column).cast(pl.String).alias(name) for name, column in names.items())

    @property
    def _where(self) -> str:
        return f"{self.side.environment}, publication {self.side.publication.id}"
