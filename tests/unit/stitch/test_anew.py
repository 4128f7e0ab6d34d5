"""What a run did not compare, or not whole, is found again from the values that it kept."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.config.stitch import BadValue, Stitch
from cdp_assets.stitch.anew import as_compared, evidence_of, large_blocks_of, shared_keys
from cdp_assets.stitch.bad_values import FLAGS
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from cdp_assets.stitch.model_store import kept_model
from cdp_assets.stitch.regrouped import PAIR, RECORD
from tests.unit.stitch.people import people

RARE = {"datasource": "shop:customers", "pk": "rare", "given_name": "Zyta", "surname": "Quux", "postal": "1"}
RECORDS = pl.concat([people(700).drop("person"), pl.DataFrame([RARE])], how="diagonal")
BAD = RECORDS["email"].drop_nulls()[0]
SETTINGS = Stitch(bad_values=(BadValue(semantic="email", value=BAD),))
Frames = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def frames() -> Frames:
    """What a run with one bad value made of everybody."""
    return stitch(RECORDS, SETTINGS, Given(key=b"k" * 32)).frames


def compared(frames: Frames, *records: tuple[str, str]) -> pl.DataFrame:
    """Give records as they were compared."""
    wanted = pl.DataFrame(records, schema=RECORD, orient="row")
    spelled, found = (frames[name].join(wanted, on=RECORD, how="semi") for name in ("stitch_spelled", "stitch_records"))
    return as_compared(spelled, found, FLAGS)


def test_pairs_are_weighed_anew_as_the_run_weighed_them(frames: Frames) -> None:
    """The same bits as are kept, from the values, the model and the shares that are kept."""
    model = kept_model(frames["stitch_model"], frames["stitch_shares"])
    for row in frames["stitch_explanations"].sample(20, seed=1).iter_rows(named=True):
        pair = compared(frames, (row["source1"], row["pk1"]), (row["source2"], row["pk2"]))
        assert model.odds(evidence_of(pair, model))[0][0] == row["bits"]


def test_pairs_that_were_scored_share_a_key(frames: Frames) -> None:
    """By any strategy; those that others brought together share none."""
    kept = frames["unified_scores"].filter(pl.col("match_type") != "trivial_duplicate")
    for *records, kind in kept.sample(20, seed=1).select(*PAIR, "match_type").iter_rows():
        pair = compared(frames, (records[0], records[1]), (records[2], records[3]))
        assert bool(shared_keys(pair, SETTINGS)) == (kind == "scored")


def test_bad_values_were_not_compared(frames: Frames) -> None:
    """They are kept, and taken out."""
    spelled = frames["stitch_spelled"].filter(email=BAD.upper())
    assert spelled.height > 0
    assert compared(frames, *spelled.select(RECORD).rows())["email"].null_count() == spelled.height


def test_the_large_blocks_of_a_record_are_those_whose_key_it_has(frames: Frames) -> None:
    """By the key that the table spells, of every strategy; a record with rare values is in none."""
    blocks = frames["stitch_blocks"]
    james = frames["unified_preprocessed_raw"].filter(given_name="JAMES").select(RECORD).row(0)
    expected = blocks.filter(strategy="given", bk="JAMES").select("strategy", "size", "compared").rows()
    found = large_blocks_of(compared(frames, james), blocks, SETTINGS)
    assert len(expected) == 1
    assert set(expected) <= set(found.rows())
    assert large_blocks_of(compared(frames, ("shop:customers", "rare")), blocks, SETTINGS).is_empty()
