"""Parquet whose checks pass and whose text does not."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_assets.config.file_format import ParquetFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import read


def test_text_that_is_not_utf8_is_refused() -> None:
    """Written into a table it could never be read again."""
    buffer = io.BytesIO()
    pq.write_table(
        pa.table({"id": ["aaaa-mark-aaaa"]}), buffer, use_dictionary=False, compression="none", write_statistics=False
    )
    damaged = buffer.getvalue().replace(b"-mark-", b"-\xff\xfe\xfd\xfc-", 1)
    with pytest.raises(SourceError, match=r"in\.parquet.*damaged"):
        list(read(io.BytesIO(damaged), ParquetFormat(kind="parquet"), ["id"], "in.parquet"))
