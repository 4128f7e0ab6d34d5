"""Bad values can be looked at, and fed back."""

from __future__ import annotations

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.outputs.badvalues import badvalues

RECORDS = pl.DataFrame(
    {
        "datasource": ["a:x", "a:x", "b:y"],
        "pk": ["1", "2", "3"],
        "given_name": ["Ann", "Bob", "Cid"],
        "email": ["desk@acme.com"] * 3,
        "phone": ["206 555 0100", None, "206 555 0100"],
    }
)
RULE = {"semantic": "email", "proxy": "given-name", "threshold": 2}


def test_each_value_is_told_with_its_counts() -> None:
    """One that a rule found everywhere, one that the settings name for a source."""
    phone = {"semantic": "phone", "value": "2065550100", "datasource": "b:y"}
    settings = Stitch.model_validate({"badvalues_config": [RULE], "bad_values": [phone]})
    found = badvalues(resolve(RECORDS, settings, Given(key=b"k" * 32)))
    assert found.rows() == [
        ("*", "email", "DESK@ACME.COM", 3, 3, None, True),
        ("b:y", "phone", "2065550100", 1, None, "b:y", True),
    ]
    assert found.columns == [
        *("datasource", "semantic", "value", "num_values", "num_proxy", "domain_table", "is_preprocessed"),
    ]


def test_the_table_fed_back_finds_the_same_values() -> None:
    """Without the rule that found them."""
    first = badvalues(resolve(RECORDS, Stitch.model_validate({"badvalues_config": [RULE]}), Given(key=b"k" * 32)))
    again = resolve(RECORDS, Stitch(badvalues_config=()), Given(key=b"k" * 32, bad_values=first))
    assert badvalues(again)["value"].equals(first["value"])
    assert again.judged.records["email"].null_count() == 3
