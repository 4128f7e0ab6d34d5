from __future__ import annotations

import pyarrow as pa
import pytest

from cdp_assets.errors import LakeError
from cdp_assets.lakehouse.arrow import WatchedReader, plain_schema, plain_type


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (pa.large_string(), pa.string()),
        (pa.string_view(), pa.string()),
        (pa.dictionary(pa.int8(), pa.large_string()), pa.string()),
        (pa.timestamp("ns", "Europe/Amsterdam"), pa.timestamp("us", "UTC")),
        (pa.uint8(), pa.int16()),
        (pa.uint32(), pa.int64()),
        (pa.date64(), pa.date32()),
        (pa.large_list(pa.string_view()), pa.list_(pa.field("element", pa.string()))),
        (pa.struct({"a": pa.large_string()}), pa.struct({"a": pa.string()})),
        (pa.decimal128(38, 2), pa.decimal128(38, 2)),
    ],
)
def test_each_kind_has_one_type(given: pa.DataType, plain: pa.DataType) -> None:
    assert plain_type(given) == plain


def test_columns_become_nullable_and_lose_metadata() -> None:
    field = pa.field("a", pa.int64(), nullable=False, metadata={"x": "y"})
    assert plain_schema(pa.schema([field])).equals(pa.schema({"a": pa.int64()}), check_metadata=True)


def test_naive_timestamp_inside_a_struct_is_found() -> None:
    with pytest.raises(LakeError, match="outer: a timestamp without a zone"):
        plain_schema(pa.schema({"outer": pa.struct({"at": pa.timestamp("us")})}))


def test_column_without_a_type_is_refused() -> None:
    with pytest.raises(LakeError, match="nothing but NULL"):
        plain_schema(pa.schema({"a": pa.null()}))


def test_stream_is_cast_batch_by_batch() -> None:
    table = pa.table({"a": pa.array(["x", None], pa.large_string()).dictionary_encode()})
    assert WatchedReader(table).reader().read_all() == pa.table({"a": ["x", None]})
