"""Which keys records share, and what was too much to compare."""

from __future__ import annotations

from typing import get_args

import polars as pl

from cdp_assets.config.stitch import BlockingStrategy, Stitch
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.outputs.blocking import blocking_keys, keyed, stitch_blocks
from tests.unit.stitch.outputs.runs import run


def test_keys_are_spelled_as_documented() -> None:
    """Parts with colons between; only keys that somebody shares; a foreign key without its letter case."""
    two = pl.DataFrame(
        {
            "datasource": ["a:b", "a:b", "a:b"],
            "pk": ["1", "2", "3"],
            "given_name": ["Justin", "Justine", "Ann"],
            "surname": ["Currie", "Curry", "Lee"],
            "postal": ["98101", "98101", "60601"],
            "fk_member": ["m1", "M1", None],
            "bk_club": [None, "c", "c"],
        }
    )
    found = blocking_keys(resolve(two, Stitch(blocking_strategies=("dnf3", "fk")), Given(key=b"k" * 32)))
    assert found.rows() == [
        ("JUS:CUR:98101", "a:b", "1", "dnf3"),
        ("JUS:CUR:98101", "a:b", "2", "dnf3"),
        ("M1", "a:b", "1", "fk:member"),
        ("M1", "a:b", "2", "fk:member"),
        ("c", "a:b", "2", "bk:club"),
        ("c", "a:b", "3", "bk:club"),
    ]


def test_every_documented_strategy_has_its_documented_key() -> None:
    """Of one record, in the words of the documents: so many letters of this, the whole of that."""
    person = {
        "datasource": "a:b", "pk": "1", "given_name": "Justin", "surname": "Currie", "birthdate": "1987-03-12",
        "email": "justin.c+x@mail.com", "phone": "+1 (206) 555-1234", "address": "123 West Elm St",
        "address2": "P.O. Box 77", "postal": "98101-1234", "company": "ACME Inc.", "fk_member": "m1",
    }  # fmt: skip
    settings = Stitch(blocking_strategies=get_args(BlockingStrategy))
    found = pl.concat(keyed(normalised(pl.DataFrame([person])), settings))
    assert dict(found.select("strategy", "bk").iter_rows()) == {
        "dnf1": "JUS:C:1987-03-12",
        "dnf2": "JUSTIN:JUSTIN.C@MAIL.COM",
        "dnf3": "JUS:CUR:98101",
        "dnf4": "JUS:123 WEST ELM STREET",
        "dnf5": "JUS:2065551234",
        "dnf6": "JUS:CUR:JUSTIN.C",
        "dnf7": "JUS:ACME",
        "dnf8": "JUS:CUR:77",
        "dnf9": "CUR:123 WEST ELM STREET",
        "dnf10": "2065551234:98101",
        "email": "JUSTIN.C@MAIL.COM",
        "fk:member": "M1",
        "phone": "2065551234",
        "address": "123 WEST ELM STREET",
        "company": "ACME",
        "login-partial": "JUSTINC",
        "login-trimmed": "JUSTI",
        "name": "CURRIE:JUSTIN",
    }


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
