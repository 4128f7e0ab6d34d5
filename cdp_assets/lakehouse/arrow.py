"""The Arrow types that our tables hold, so that schema and protocol are the same whichever engine writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
import pyarrow as pa
import pyarrow.types as is_

from cdp_assets.errors import LakeError

UTC = "UTC"
MOMENT = pl.Datetime("us", UTC)
"""The one type of a timestamp, as polars has it."""
SPARK_NAMES = {
    "string": "string",
    "binary": "binary",
    "bool": "boolean",
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "int",
    "int64": "bigint",
    "float": "float",
    "double": "double",
    "date32[day]": "date",
}
"""Arrow's name of a simple type -> Spark's."""


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Give the schema as Spark would write it: nullable, no metadata, one type per kind.

    Strings and lists are the small kind, timestamps are microseconds in UTC, integers are signed.
    Raises LakeError, naming the columns, for naive timestamps (delta-rs lifts the table's protocol for them)
    and for columns without a type.
    """
    refused = [field.name for field in schema if _holds(field.type, _is_naive)]
    if refused:
        raise LakeError(f"{', '.join(refused)}: a timestamp without a zone. Expected UTC-aware timestamps.")
    untyped = [field.name for field in schema if _holds(field.type, is_.is_null)]
    if untyped:
        raise LakeError(f"{', '.join(untyped)}: a column of nothing but NULL has no type. Expected a cast to one.")
    return pa.schema([pa.field(field.name, plain_type(field.type)) for field in schema])


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Give the type that Spark would write for an Arrow type.

    >>> plain_type(pa.list_(pa.string_view()))
    ListType(list<element: string>)
    """
    if is_.is_dictionary(kind):
        return plain_type(kind.value_type)
    if is_.is_large_string(kind) or is_.is_string_view(kind):
        return pa.string()
    if is_.is_large_binary(kind) or is_.is_binary_view(kind) or is_.is_fixed_size_binary(kind):
        return pa.binary()
    if is_.is_timestamp(kind):
        return pa.timestamp("us", UTC)
    if is_.is_date64(kind):
        return pa.date32()
    if is_.is_unsigned_integer(kind):
        return {8: pa.int16(), 16: pa.int32()}.get(kind.bit_width, pa.int64())
    if is_.is_map(kind):
        return pa.map_(plain_type(kind.key_type), plain_type(kind.item_type))
    if is_.is_struct(kind):
        return pa.struct([pa.field(field.name, plain_type(field.type)) for field in kind])
    if is_.is_list(kind) or is_.is_large_list(kind) or is_.is_list_view(kind) or is_.is_fixed_size_list(kind):
        return pa.list_(pa.field("element", plain_type(kind.value_type)))
    return kind


def spark_type(kind: pa.DataType) -> str:
    """Give Spark's name of a plain type.

    >>> spark_type(pa.list_(pa.struct([("n", pa.int64()), ("at", pa.timestamp("us", "UTC"))])))
    'array<struct<n:bigint,at:timestamp>>'
    """
    if is_.is_list(kind):
        return f"array<{spark_type(kind.value_type)}>"
    if is_.is_map(kind):
        return f"map<{spark_type(kind.key_type)},{spark_type(kind.item_type)}>"
    if is_.is_struct(kind):
        return f"struct<{','.join(f'{field.name}:{spark_type(field.type)}' for field in kind)}>"
    if is_.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    return "timestamp" if is_.is_timestamp(kind) else SPARK_NAMES[str(kind)]


def _holds(kind: pa.DataType, wanted: Callable[[pa.DataType], bool]) -> bool:
    """Say whether a type, or one inside it, is wanted."""
    return wanted(kind) or any(_holds(kind.field(at).type, wanted) for at in range(kind.num_fields))


def _is_naive(kind: pa.DataType) -> bool:
    return bool(is_.is_timestamp(kind)) and kind.tz is None


class WatchedReader:
    """A stream of batches in their plain types, which remembers the error that its source raised.

    delta-rs reports such an error as its own, without the source's type; `failure` keeps the original.
    """

    def __init__(self, rows: pa.RecordBatchReader | pa.Table) -> None:
        self.schema = plain_schema(rows.schema)
        self.failure: BaseException | None = None
        self._source = rows.to_reader() if isinstance(rows, pa.Table) else rows

    def reader(self) -> pa.RecordBatchReader:
        """Give the stream; it can be read once."""
        return pa.RecordBatchReader.from_batches(self.schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._source:
                yield batch if batch.schema == self.schema else _cast(batch, self.schema)
        except BaseException as error:
            self.failure = error
            raise


def _cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
