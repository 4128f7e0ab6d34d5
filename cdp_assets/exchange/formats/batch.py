"""What reading a file gives: batches of rows, and rows that are no rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Batch:
    """Some consecutive good rows of a file.

    table: the columns asked for, named as asked; strings, or typed where the format has types.
    rows: the 1-based number of each data row in its file; a header and blank lines are not data rows.
    """

    table: pa.RecordBatch
    rows: Rows


@dataclass(frozen=True)
class Malformed:
    """A data row that cannot be split into its columns; `reason` holds none of its values."""

    row: int
    reason: str
