"""What is told of each record."""

from __future__ import annotations

import polars as pl

from cdp_assets.config.stitch import BadValue, Stitch
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.outputs.records import preprocessed_raw, stitch_records
from tests.unit.stitch.outputs.runs import AGAIN, records, run

KEYS = ["datasource", "pk"]


def test_components_keep_their_numbers_when_others_come() -> None:
    """A number is its first record's: strangers before and after it move none."""
    more = pl.DataFrame({"datasource": ["a:a", "z:z"], "pk": ["0", "0"], "email": ["one@x.org", "two@y.org"]})
    grown = pl.concat([records(), more], how="diagonal")
    after = stitch_records(resolve(grown, Stitch(wider_blocking=False), Given(key=b"k" * 32)))
    both = stitch_records(run()).join(after, on=KEYS, suffix="_after")
    assert both.height == records().height
    assert (both["component_id"] == both["component_id_after"]).mean() == 1.0
    raw = preprocessed_raw(run())
    first = raw.group_by("component_id").agg(pl.col("int_id").sort_by(*KEYS).first())
    assert (first["component_id"] == first["int_id"]).all()


def test_a_record_that_collapsed_names_the_one_that_stands_for_it() -> None:
    """The first of those that say the same, which stands for itself; only those are compared."""
    found = stitch_records(run())
    twins = found.filter(pl.col("datasource") == "shop:customers", pl.col("rep_ds") != "shop:customers")
    assert twins.height > 40
    assert set(twins["rep_ds"]) == {AGAIN}
    assert (twins["rep_pk"] == twins["pk"]).all()
    raw = preprocessed_raw(run())
    standing = found.select(datasource="rep_ds", pk="rep_pk").unique()
    assert raw.select(KEYS).sort(KEYS).equals(standing.sort(KEYS))


def test_supersized_records_carry_the_number_of_their_component() -> None:
    """Only they do."""
    settings = Stitch(wider_blocking=False, supersized_cluster_min_size=3)
    for frame in (
        make(resolve(records(), settings, Given(key=b"k" * 32))) for make in (stitch_records, preprocessed_raw)
    ):
        large = frame.drop_nulls("supersized_id")
        assert 0 < large.height < frame.height
        assert (large["supersized_id"] == large["component_id"]).all()
    assert stitch_records(run())["supersized_id"].null_count() == records().height


def test_compared_values_are_shown_with_what_is_derived_from_them() -> None:
    """In the documented columns."""
    one = pl.DataFrame(
        {
            "datasource": ["a:b"],
            "pk": ["1"],
            "full_name": ["Liz Jones Jr"],
            "email": ["liz.jones@mail.com"],
            "birthdate": ["1980-02-03"],
            "address": ["PO Box 12"],
            "fk_member": ["m1"],
        }
    )
    found = preprocessed_raw(resolve(one, Stitch(), Given(key=b"k" * 32))).row(0, named=True)
    shown = {name: str(value) for name, value in found.items() if value is not None}
    del shown["amperity_id"], shown["int_id"], shown["component_id"]
    assert shown == {
        "datasource": "a:b",
        "pk": "1",
        "given_name": "LIZ",
        "surname": "JONES",
        "po_box": "12",
        "email": "LIZ.JONES@MAIL.COM",
        "birthdate": "1980-02-03",
        "login_trimmed": "LIZ.J",
        "sk_given_name": "LIZ",
        "sk_generational_suffix": "JR",
        "fk_member": "m1",
    }


def test_addresses_and_emails_are_shown_as_documented_unless_they_are_bad_values() -> None:
    """With the suite and the dots that comparing leaves out."""
    one = pl.DataFrame(
        {
            "datasource": ["a:b", "a:b"],
            "pk": ["1", "2"],
            "address": ["1000 1st Ave. Ste. 1960", "44 holiday dr."],
            "email": ["gary.smith+123@gmail.com", "no.body.here@gmail.com"],
        }
    )
    settings = Stitch(bad_values=(BadValue(semantic="email", value="nobodyhere@googlemail.com"),))
    shown = preprocessed_raw(resolve(one, settings, Given(key=b"k" * 32))).sort("pk")
    assert shown["address"].to_list() == ["1000 FIRST AVENUE SUITE 1960", "44 HOLIDAY DRIVE"]
    assert shown["email"].to_list() == ["GARY.SMITH@GMAIL.COM", None]
