"""Which keys records share, and what was too much to compare."""

from __future__ import annotations

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.outputs.blocking import blocking_keys, stitch_blocks
from tests.unit.stitch.outputs.runs import run


def test_keys_are_spelled_as_documented() -> None:
    """Parts with colons between; only keys that somebody shares."""
    two = pl.DataFrame(
        {
            "datasource": ["a:b", "a:b", "a:b"],
            "pk": ["1", "2", "3"],
            "given_name": ["Justin", "Justine", "Ann"],
            "surname": ["Currie", "Curry", "Lee"],
            "postal": ["98101", "98101", "60601"],
            "fk_member": ["m1", "m1", None],
            "bk_club": [None, "c", "c"],
        }
    )
    found = blocking_keys(resolve(two, Stitch(blocking_strategies=("dnf3", "fk")), Given(key=b"k" * 32)))
    assert found.rows() == [
        ("JUS:CUR:98101", "a:b", "1", "dnf3"),
        ("JUS:CUR:98101", "a:b", "2", "dnf3"),
        ("m1", "a:b", "1", "fk:member"),
        ("m1", "a:b", "2", "fk:member"),
        ("c", "a:b", "2", "bk:club"),
        ("c", "a:b", "3", "bk:club"),
    ]


def test_records_of_one_key_are_compared_with_each_other() -> None:
    """Every two records of a block that is small enough are a candidate pair."""
    numbered = run().collapsed.records.select("datasource", "pk").with_row_index("row")
    large = stitch_blocks(run()).select("strategy", "bk")
    small = blocking_keys(run()).join(large, on=["strategy", "bk"], how="anti")
    rows = small.join(numbered, on=["datasource", "pk"]).select("strategy", "bk", row=pl.col("row").cast(pl.Int32))
    pairs = rows.join(rows, on=["strategy", "bk"], suffix="_other").filter(pl.col("row") < pl.col("row_other"))
    asked = pairs.select("row", "row_other").unique()
    candidates = pl.DataFrame({"row": run().pairs.left, "row_other": run().pairs.right})
    assert asked.height > 100
    assert asked.join(candidates, on=["row", "row_other"], how="anti").is_empty()


def test_blocks_that_were_too_large_are_told_with_their_size() -> None:
    """Everybody has one postal code, which is the club's key too."""
    found = stitch_blocks(run())
    club = found.filter(pl.col("part").is_null(), strategy="bk:club")
    assert club.select("bk", "size").rows() == [("98101", run().collapsed.records.height)]
    assert found.columns == ["strategy", "part", "block", "bk", "size", "compared"]
