"""What a run did not compare, or not whole, is found again from the values that it kept."""

from __future__ import annotations

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.anew import large_blocks_of
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from tests.unit.stitch.people import people


def test_the_large_blocks_of_a_record_are_those_whose_key_it_has() -> None:
    """By the key that the table spells, of every strategy; a record with rare values is in none."""
    rare = {"datasource": "shop:customers", "pk": "rare", "given_name": "Zyta", "surname": "Quux", "postal": "1"}
    records = pl.concat([people(700).drop("person"), pl.DataFrame([rare])], how="diagonal")
    found = stitch(records, Stitch(), Given(key=b"k" * 32)).frames
    compared, blocks = found["unified_preprocessed_raw"], found["stitch_blocks"]
    one = compared.filter(given_name="JAMES").head(1)
    expected = blocks.filter(strategy="given", bk="JAMES").select("strategy", "size", "compared")
    assert expected.height == 1
    assert set(expected.rows()) <= set(large_blocks_of(one, blocks, Stitch()).rows())
    assert set(large_blocks_of(one, blocks, Stitch())["size"]) <= set(blocks["size"])
    assert large_blocks_of(compared.filter(pk="rare"), blocks, Stitch()).is_empty()
