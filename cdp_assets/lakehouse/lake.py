"""The lake: Spark SQL over pinned tables, and whole tables written by either engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame
from sqlglot import exp

from cdp_assets.config.sql import parts
from cdp_assets.errors import LakeError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.rewrite import bind
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName


@dataclass(frozen=True)
class Lake:
    """All tables below one root folder."""

    root: Path
    sessions: SparkSessions

    def absolute(self, path: str) -> Path:
        """Give a table's place on disk."""
        return self.root / path

    def sql(self, text: str, tables: Mapping[TableName, TableVersion], parameters: Mapping[str, dt.date]) -> DataFrame:
        """Give the frame of a Spark query whose references are `layer.name`, each pinned by `tables`.

        Raises LakeError for a reference that `tables` does not pin.
        """

        def pinned(reference: exp.Table) -> TableVersion:
            name = ".".join(parts(reference))
            found = {str(table): at for table, at in tables.items()}.get(name)
            if found is None:
                raise LakeError(
                    f"{name}: not among the tables of this query. Expected one of {', '.join(map(str, tables))}."
                )
            return found

        return self.sessions.session().sql(bind(text, self.root, pinned, parameters))

    def overwrite(self, path: str, rows: DataFrame | pa.Table, *, load_id: str) -> int:
        """Replace a table in one commit that carries `load_id`, and give the version; repeated, it is written once.

        Columns of type NULL, which Delta cannot hold, are refused by Spark with their name.
        """
        target = self.absolute(path)
        if delta.transaction_version(target, load_id) is not None:
            return self._version(target)
        if isinstance(rows, pa.Table):
            return delta.overwrite(target, rows, load_id)
        writer = rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
        writer.option("txnAppId", load_id).option("txnVersion", 1).save(str(target))
        return self._version(target)

    def spark_columns(self, at: TableVersion) -> dict[str, str]:
        """Give a table's columns with their Spark types."""
        session = self.sessions.session()
        frame = session.sql(f"SELECT * FROM delta.`{self.absolute(at.path)}` VERSION AS OF {at.version}")
        return {field.name: field.dataType.simpleString() for field in frame.schema.fields}

    def _version(self, path: Path) -> int:
        found = delta.version(path)
        if found is None:
            raise LakeError(f"{path.name}: nothing was written. Expected a table.")
        return found
