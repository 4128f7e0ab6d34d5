"""Where the values of a semantic are among the normalised records."""

from __future__ import annotations

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.bad_values import BadBy, without_bad_values
from cdp_assets.stitch.keys import Values
from cdp_assets.stitch.labels import LABEL_SCHEMA, named_by
from cdp_assets.stitch.normalise.records import normalised

RECORDS = normalised(
    pl.DataFrame({"datasource": ["a:x", "b:y"], "pk": ["1", "2"], "generational_suffix": ["Jr.", "Senior"]})
)
PROFILES = Stitch().pre_processing_profiles


def test_a_generation_is_found_by_its_documented_name() -> None:
    """In rules, labels and lists of bad values alike; the column is the one that the name's own suffix is in too."""
    label = [("labels", "L", "1", "*", "generational-suffix", "junior")]
    labels = pl.DataFrame(label, schema=LABEL_SCHEMA, orient="row")
    listed = {"datasource": "*", "semantic": ["generational-suffix"], "value": "junior", "is_preprocessed": False}
    assert Values(RECORDS, ()).columns("generational-suffix") == ["suffix"]
    assert named_by(labels, RECORDS, PROFILES)["row"].to_list() == [0]
    found = without_bad_values(RECORDS, BadBy(given=pl.DataFrame(listed)))
    assert found.records["suffix"].to_list() == [None, "SR"]
