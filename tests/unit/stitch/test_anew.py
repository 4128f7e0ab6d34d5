"""What a run did not compare, or not whole, is found again from the values that it kept."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.config.stitch import BadValue, Stitch
from cdp_assets.stitch.anew import as_compared, evidence_of, large_blocks_of, rule_of, shared_keys
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from cdp_assets.stitch.model_store import kept_model
from cdp_assets.stitch.normalise.nicknames import COMMON, amended
from cdp_assets.stitch.regrouped import PAIR, RECORD
from tests.unit.stitch.people import people

RARE = {"datasource": "shop:customers", "pk": "rare", "given_name": "Zyta", "surname": "Quux", "postal": "1"}
BORN = pl.format("19{}-05-07", pl.col("pk").str.tail(1).cast(pl.Int64) + 60)
RECORDS = pl.concat([people(700).drop("person").with_columns(birthdate=BORN), pl.DataFrame([RARE])], how="diagonal")
BAD = RECORDS["email"].drop_nulls()[0]
BAD_DAY = "1963-05-07"
SETTINGS = Stitch(bad_values=(BadValue(semantic="email", value=BAD),))
LISTED = pl.DataFrame({"datasource": "*", "semantic": "birthdate", "value": [BAD_DAY], "is_preprocessed": False})
NICKNAMES = pl.DataFrame({"canonical_name": ["James"], "nickname": ["Zed"], "update_type": ["ADD"]})
Frames = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def frames() -> Frames:
    """What a run with a bad mailbox and a bad birthdate made of everybody."""
    return stitch(RECORDS, SETTINGS, Given(key=b"k" * 32, bad_values=LISTED)).frames


def compared(frames: Frames, *records: tuple[str, str]) -> pl.DataFrame:
    """Give records as they were compared."""
    wanted = pl.DataFrame(records, schema=RECORD, orient="row")
    spelled, found = (frames[name].join(wanted, on=RECORD, how="semi") for name in ("stitch_spelled", "stitch_records"))
    return as_compared(spelled, found, frames["stitch_badvalues"])


def test_pairs_are_weighed_anew_as_the_run_weighed_them(frames: Frames) -> None:
    """The same bits as are kept, from the values, the model and the shares that are kept."""
    model = kept_model(frames["stitch_model"], frames["stitch_shares"])
    for row in frames["stitch_explanations"].sample(20, seed=1).iter_rows(named=True):
        pair = compared(frames, (row["source1"], row["pk1"]), (row["source2"], row["pk2"]))
        assert model.odds(evidence_of(pair, model, COMMON))[0][0] == row["bits"]


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


def test_a_value_that_is_bad_without_a_mark_of_its_own_was_not_compared_either(frames: Frames) -> None:
    """Of a birthdate the records say only that some value of theirs is bad; the same bits come of it as in the run."""
    model = kept_model(frames["stitch_model"], frames["stitch_shares"])
    born = frames["stitch_spelled"].filter(birthdate=BAD_DAY).select(RECORD)
    assert compared(frames, *born.rows())["birthdate"].null_count() == born.height > 0
    kept = frames["stitch_explanations"].join(born, left_on=PAIR[:2], right_on=RECORD, how="semi")
    for row in kept.head(9).iter_rows(named=True):
        pair = compared(frames, (row["source1"], row["pk1"]), (row["source2"], row["pk2"]))
        assert model.odds(evidence_of(pair, model, COMMON))[0][0] == row["bits"]


def test_a_tenants_own_nicknames_are_weighed_as_the_run_weighed_them() -> None:
    """And looked at by a rule that separates names that do not go together."""
    zed = RECORDS.filter(given_name="JAMES").with_columns(datasource=pl.lit("pos:zed"), given_name=pl.lit("Zed"))
    found = stitch(pl.concat([RECORDS, zed]), Stitch(), Given(key=b"k" * 32, nicknames=NICKNAMES)).frames
    model, known = kept_model(found["stitch_model"], found["stitch_shares"]), amended(NICKNAMES)
    row = found["stitch_explanations"].filter(source1="pos:zed", source2="shop:customers").row(0, named=True)
    pair = compared(found, (row["source1"], row["pk1"]), (row["source2"], row["pk2"]))
    assert model.odds(evidence_of(pair, model, known))[0][0] == row["bits"]
    apart = Stitch.model_validate({"rules": [{"action": "separate", "condition": "fuzzy/incompatible-names"}]})
    assert (rule_of(pair, apart, known), rule_of(pair, apart, COMMON) is None) == (None, False)


def test_the_large_blocks_of_a_record_are_those_whose_key_it_has(frames: Frames) -> None:
    """By the key that the table spells, of every strategy; a record with rare values is in none."""
    blocks = frames["stitch_blocks"]
    james = frames["unified_preprocessed_raw"].filter(given_name="JAMES").select(RECORD).row(0)
    expected = blocks.filter(strategy="given", bk="JAMES").select("strategy", "size", "compared").rows()
    found = large_blocks_of(compared(frames, james), blocks, SETTINGS)
    assert len(expected) == 1
    assert set(expected) <= set(found.rows())
    assert large_blocks_of(compared(frames, ("shop:customers", "rare")), blocks, SETTINGS).is_empty()
