"""The lake: Spark SQL over pinned tables, and whole tables written by either engine."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
from grpc import RpcError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from sqlglot import exp

from cdp_assets.config.sql import parts
from cdp_assets.errors import LakeError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.arrow import plain_schema, spark_type
from cdp_assets.lakehouse.rewrite import bind
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.spark_errors import lake_error
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName

NOT_PLAIN = ("timestamp_ntz", "void", "variant", "interval", "collate", "time(")
"""Spark types that Delta refuses, or that lift a table's protocol out of delta-rs's reach."""

CARRIED = ("spark.databricks.delta.write.txnAppId", "spark.databricks.delta.write.txnVersion")
TOLD = "spark.databricks.delta.commitInfo.userMetadata"
_MERGING = threading.Lock()
"""One at a time: another one's id in the session would let Delta take this one for written."""

Frame: TypeAlias = DataFrame
"""What a query gives before it is run; the layers above name it without importing Spark."""


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

        Raises LakeError for a reference that `tables` does not pin. Belongs inside `sessions.run`.
        """
        known = {str(table): at for table, at in tables.items()}

        def pinned(reference: exp.Table) -> TableVersion:
            name = ".".join(parts(reference))
            if name not in known:
                raise LakeError(f"{name}: not among the query's tables. Expected one of {', '.join(known) or 'none'}.")
            return known[name]

        return self.sessions.session().sql(bind(text, self.root, pinned, parameters))

    def pinned(self, at: TableVersion) -> str:
        """Spell a table at a version, as it stands in Spark's FROM."""
        return f"delta.`{self.absolute(at.path)}` VERSION AS OF {at.version}"

    def frame(self, text: str) -> DataFrame:
        """Give the frame of Spark SQL whose tables are pinned already. Belongs inside `sessions.run`."""
        return self.sessions.session().sql(text)

    def batches(self, frame: DataFrame) -> Iterator[pa.RecordBatch]:
        """Give a frame's rows as they come, one batch of the server's in memory at a time; at least one batch.

        Raises LakeError for what Spark refuses and when it goes away: what has come cannot be taken back.
        """
        client = self.sessions.session().client
        try:
            for found in client.to_table_as_iterator(frame._plan.to_proto(client), {}):
                if isinstance(found, pa.Table):  # Spark's own schema comes first
                    yield from found.to_batches() or [pa.RecordBatch.from_pylist([], found.schema)]
        except (PySparkException, RpcError) as error:
            raise lake_error(error) from None

    def overwrite(self, path: str, rows: DataFrame | pa.Table, *, load_id: str, content: str | None = None) -> int:
        """Replace a table in one commit that carries `load_id`, and give the version; repeated, it is written once.

        The commit says which rows it leaves where `content` does.

        The options belong to this one write, so no later write of the session carries the transaction.
        Raises LakeError for a column whose type would lift the table's protocol. With a frame it belongs inside
        `sessions.run`.
        """
        target = self.absolute(path)
        if delta.transaction_version(target, load_id) is not None:
            return delta.version_by(target, load_id)
        if isinstance(rows, pa.Table):
            return delta.overwrite(target, rows, load_id, content=content, properties=delta.WITHOUT_VALUES)
        _refuse_unplain({field.name: field.dataType.simpleString() for field in rows.schema.fields})
        writer = rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
        writer = writer.options(**delta.WITHOUT_VALUES).option("txnAppId", load_id).option("txnVersion", 1)
        writer.option(delta.COMMIT_ID, delta.commit_lines(load_id, content)).save(str(target))
        return delta.version_by(target, load_id)

    def merge(self, path: str, rows: DataFrame, *, load_id: str, key: str, newest: str) -> int:
        """Upsert rows by `key` in one commit that carries `load_id`; a row wins when its `newest` is not smaller.

        `key` is unique among the rows. Gives the version; repeated, it is written once. Belongs inside `sessions.run`.
        """
        target = self.absolute(path)
        if delta.transaction_version(target, load_id) is None:
            view = f"_cdp_{load_id}"
            rows.createOrReplaceTempView(view)
            with _MERGING, _carrying(self.sessions.session(), load_id):
                self.sessions.session().sql(
                    f"MERGE INTO delta.`{target}` AS old USING {view} AS new ON old.`{key}` = new.`{key}` "
                    f"WHEN MATCHED AND new.`{newest}` >= old.`{newest}` THEN UPDATE SET * "
                    "WHEN NOT MATCHED THEN INSERT *"
                )
        return delta.version_by(target, load_id)

    def spark_columns(self, at: TableVersion) -> dict[str, str]:
        """Give a table's columns with their Spark types, without asking Spark."""
        schema = plain_schema(delta.schema(self.absolute(at.path), at.version))
        return {field.name: spark_type(field.type) for field in schema}


@contextmanager
def _carrying(session: SparkSession, load_id: str) -> Iterator[None]:
    """Let what is written by SQL in the block carry an id: a statement has no options, so the session has them."""
    settings = {**dict(zip(CARRIED, (load_id, "1"), strict=True)), TOLD: load_id}
    for name, value in settings.items():
        session.conf.set(name, value)
    try:
        yield
    finally:
        for name in settings:
            session.conf.unset(name)


def _refuse_unplain(columns: Mapping[str, str]) -> None:
    refused = [f"{name} ({kind})" for name, kind in columns.items() if any(part in kind for part in NOT_PLAIN)]
    if refused:
        raise LakeError(f"{', '.join(refused)}: cannot be kept in a table. Expected a cast to a plain type.")
