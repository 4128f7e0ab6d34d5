"""Keys of other systems."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.normalise.one import one


def test_keys_are_trimmed_and_keep_their_case() -> None:
    """With the profile `clean-fk` foreign keys are upper-case."""
    assert one(fk_crm=" aB1 ", ck=" c1 ")["fk_crm"] == "aB1"
    cleaned = one(("clean-fk",), fk_crm=" aB1 ", sk_x="b", ck=" c1 ")
    assert (cleaned["fk_crm"], cleaned["sk_x"], cleaned["ck"]) == ("AB1", "b", "c1")


def test_a_word_for_no_value_is_no_key() -> None:
    """It would make one person of everybody who has none."""
    found = one(fk_crm="N/A", sk_x="unknown", ck="")
    assert (found["fk_crm"], found["sk_x"], found["ck"]) == (None, None, None)


def test_keys_stay_with_their_records() -> None:
    """When rows are put in order."""
    records = pl.DataFrame({"datasource": ["b", "a"], "pk": ["1", "1"], "fk_x": ["fb", "fa"], "ck": ["cb", "ca"]})
    assert normalised(records).select("datasource", "fk_x", "ck").rows() == [("a", "fa", "ca"), ("b", "fb", "cb")]
