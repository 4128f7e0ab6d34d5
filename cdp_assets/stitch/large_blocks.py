"""Keeps count of the blocks that are too large to be compared whole, from one day to the next."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.block import SKIPPED_SCHEMA
from cdp_assets.stitch.column import Ints
from cdp_assets.stitch.slots import Hashes

Sizes = npt.NDArray[np.int64]
PLACE = ["strategy", "part", "block"]
"""What names a block, as in `block.Pairs`."""
MOVED_SCHEMA: dict[str, type[pl.DataType]] = {
    **{name: SKIPPED_SCHEMA[name] for name in (*PLACE, "size")},
    "row": pl.Int32,
}
"""A block that was or is too large, its size (0 where it no longer is) and, where it is new, a row that is in it."""


class LargeBlocks:
    """Blocks that are too large; columns in: PLACE, size."""

    def __init__(self, blocks: pl.DataFrame) -> None:
        self._blocks = blocks.select(*PLACE, "size")
        kinds = self._blocks.sort("block").partition_by("strategy", "part", as_dict=True)
        self._kinds = {kind: (rows["block"].to_numpy(), rows["size"].to_numpy()) for kind, rows in kinds.items()}

    @classmethod
    def of_table(cls, table: pl.DataFrame) -> LargeBlocks:
        """Give the blocks of the table stitch_blocks."""
        return cls(table.with_columns(pl.col("block").cast(pl.UInt64)))

    def sizes(self, strategy: str, part: str | None, hashes: Hashes) -> Sizes:
        """Give the size of the block of each hash, 0 where it is not too large."""
        if (strategy, part) not in self._kinds:
            return np.zeros(len(hashes), dtype=np.int64)
        blocks, sizes = self._kinds[strategy, part]
        places = np.minimum(np.searchsorted(blocks, hashes), len(blocks) - 1)
        return np.where(blocks[places] == hashes, sizes[places], 0)

    def since(self, moved: pl.DataFrame) -> LargeBlocks:
        """Give the blocks with what became of some, as MOVED_SCHEMA says it."""
        rest = self._blocks.join(moved, on=PLACE, how="anti", nulls_equal=True)
        return LargeBlocks(pl.concat([rest, moved.filter(pl.col("size") > 0).select(rest.columns)]))


def moved_blocks(
    strategy: str, part: str | None, hashes: Hashes, sizes: Sizes, rows: Ints | None = None
) -> pl.DataFrame:
    """Give blocks of one kind with their sizes of today, as MOVED_SCHEMA says it."""
    named = {"strategy": pl.lit(strategy), "part": pl.lit(part, pl.String)}
    row = pl.lit(None, pl.Int32) if rows is None else pl.Series(rows, dtype=pl.Int32)
    return pl.DataFrame({"block": hashes, "size": sizes}).select(**named, block="block", size="size", row=row)
