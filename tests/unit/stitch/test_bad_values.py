"""Values of nobody in particular are set aside, and told."""

from __future__ import annotations

import polars as pl

from cdp_assets.config.stitch import BadValue, BadValueRule
from cdp_assets.stitch.bad_values import GIVEN_SCHEMA, BadBy, Judged, without_bad_values
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.suspects import Suspects

NAMES = ["Ann", "Bob", "Cid", "Dora"]


def records(**columns: list[str | None]) -> pl.DataFrame:
    """Give normalised records, those of even number from shop:a and the others from shop:b."""
    size = len(next(iter(columns.values())))
    keys = {"datasource": ["shop:a" if at % 2 == 0 else "shop:b" for at in range(size)]}
    return normalised(pl.DataFrame(keys | {"pk": [f"{at:03d}" for at in range(size)]} | columns))


def listed(*rows: tuple[str | None, str, str, bool | None]) -> pl.DataFrame:
    """Give a tenant's list: datasource, semantic, value, is_preprocessed."""
    return pl.DataFrame(rows, schema=GIVEN_SCHEMA, orient="row")


def told(judged: Judged) -> list[tuple[object, ...]]:
    """Give the table of bad values as rows."""
    return judged.values.rows()


RULE = BadValueRule(semantic="email", proxy="given-name", threshold=3)


def test_a_value_with_too_many_proxies_is_bad() -> None:
    """Four names are more than three; three are not; one name in two spellings counts once."""
    shared = without_bad_values(records(given_name=NAMES, email=["x@mail.com"] * 4), BadBy([RULE]))
    assert shared.records["email"].null_count() == 4
    assert shared.flags["blv_email"].all()
    assert shared.flags["has_blv"].all()
    assert not shared.flags["blv_phone"].any()
    assert told(shared) == [("*", "email", "X@MAIL.COM", 4, 4)]
    spelled = without_bad_values(records(given_name=[*NAMES[:3], "Annabel"], email=["x@mail.com"] * 4), BadBy([RULE]))
    assert spelled.records["email"].null_count() == 0
    assert told(spelled) == []


def test_any_semantic_may_be_judged_by_any_other() -> None:
    """A birthdate with many surnames is a default of some form."""
    rule = BadValueRule(semantic="birthdate", proxy="surname", threshold=2)
    judged = without_bad_values(records(surname=["Ash", "Birk", "Cole"], birthdate=["1980-06-06"] * 3), BadBy([rule]))
    assert judged.records["birthdate"].null_count() == 3
    assert judged.flags["has_blv"].all()
    assert set(judged.flags.columns) == {
        "blv_address", "blv_email", "blv_given_name", "blv_phone", "blv_surname", "has_blv",
    }  # fmt: skip


def test_a_foreign_key_may_be_judged_and_judge() -> None:
    """A customer number that a till fills in for everybody; a rule about a key that no record has finds nothing."""
    by_key = BadValueRule(semantic="fk-member-id", proxy="given-name", threshold=3)
    columns = {"given_name": NAMES, "fk_member_id": ["m0"] * 4, "phone": ["206 555 0100"] * 4, "fk_till": list("1234")}
    judged = without_bad_values(records(**columns), BadBy([by_key]))
    assert told(judged) == [("*", "fk-member-id", "m0", 4, 4)]
    assert judged.records["fk_member_id"].null_count() == 4
    assert judged.flags["has_blv"].all()
    of_key = BadValueRule(semantic="phone", proxy="fk-till", threshold=3)
    assert told(without_bad_values(records(**columns), BadBy([of_key]))) == [("*", "phone", "2065550100", 4, 4)]
    without = records(given_name=NAMES)
    assert told(without_bad_values(without, BadBy([by_key, of_key]))) == []
    assert not Suspects(without, BadBy([by_key, of_key])).and_of(without).any()


def test_two_houses_of_one_street_address_are_two_places() -> None:
    """An address is judged with its flat and its postal code."""
    rule = BadValueRule(semantic="address", proxy="given-name", threshold=3)
    one = {"given_name": NAMES, "address": ["1 Main St"] * 4}
    assert told(without_bad_values(records(**one, postal=["98101", "98101", "60601", "60601"]), BadBy([rule]))) == []
    assert told(without_bad_values(records(**one, postal=["98101"] * 4), BadBy([rule]))) == [
        ("*", "address", "1 MAIN STREET", 4, 4)
    ]


def test_flats_of_one_house_are_places_of_their_own() -> None:
    """Its address is bad where too many have no flat, or one: a store, a suite full of letter boxes."""
    rule = BadValueRule(semantic="address", proxy="given-name", threshold=3)
    keep = {"given_name": NAMES, "postal": ["98101"] * 4}
    flats = [f"1 Main St Apt {flat}" for flat in range(4)]
    assert told(without_bad_values(records(**keep, address=flats), BadBy([rule]))) == []
    suite = without_bad_values(records(**keep, address=["1 Main St Ste 9"] * 4), BadBy([rule]))
    assert told(suite) == [("*", "address", "1 MAIN STREET", 4, 4)]
    house = {"given_name": [*NAMES, *NAMES], "postal": ["98101"] * 8, "address": ["1 Main St"] * 4 + flats}
    judged = without_bad_values(records(**house), BadBy([rule]))
    assert judged.flags["blv_address"].sum() == 4
    assert judged.flags["blv_address"].equals(judged.spelled["unit"].is_null())


def test_settings_name_values_as_anybody_writes_them() -> None:
    """Each flag is really set, and only where the value was."""
    columns = {"given_name": ["Walk-In", "Ann"], "surname": ["Till", "Ash"], "phone": ["206 555 0100", None]}
    manual = [
        BadValue(semantic="given-name", value="walk-in"),
        BadValue(semantic="surname", value="TILL"),
        BadValue(semantic="phone", value="(206) 555-0100"),
    ]
    judged = without_bad_values(records(**columns), BadBy(manual=manual))
    assert judged.records.select("given_name", "surname", "phone").rows() == [(None, None, None), ("ANN", "ASH", None)]
    assert [judged.flags[f"blv_{flag}"][0] for flag in ("given_name", "surname", "phone")] == [True] * 3
    assert judged.flags["has_blv"].to_list() == [True, False]


def test_a_list_is_about_its_source_or_about_all() -> None:
    """`*` and no datasource mean every one."""
    found = records(email=["a@mail.com"] * 4)
    one = without_bad_values(found, BadBy(given=listed(("shop:a", "email", "a@mail.com", False))))
    assert one.records["email"].to_list() == [None, None, "A@MAIL.COM", "A@MAIL.COM"]
    assert told(one) == [("shop:a", "email", "A@MAIL.COM", 2, None)]
    for everywhere in ("*", None):
        judged = without_bad_values(found, BadBy(given=listed((everywhere, "email", "a@mail.com", None))))
        assert judged.records["email"].null_count() == 4


def test_a_preprocessed_value_is_taken_as_it_is() -> None:
    """`1 Main St` is how nobody's address is compared."""
    found = records(address=["1 Main St"])
    for value, preprocessed, bad in (
        ("1 Main St", False, 1),
        ("1 MAIN STREET", True, 1),
        ("1 Main St", True, 0),
    ):
        judged = without_bad_values(found, BadBy(given=listed(("*", "address", value, preprocessed))))
        assert judged.records["address"].null_count() == bad


def test_keys_of_other_systems_may_be_bad_too() -> None:
    """A semantic that no record has, and one that names the record itself, do nothing."""
    found = records(fk_member=["0000", "m1"])
    rows = (("*", "fk-member", "0000", False), ("*", "fk-other", "x", False), ("*", "pk", "001", False))
    judged = without_bad_values(found, BadBy(given=listed(*rows)))
    assert judged.records["fk_member"].to_list() == [None, "m1"]
    assert judged.records["pk"].null_count() == 0
    assert judged.flags["has_blv"].to_list() == [True, False]
    assert not judged.flags.drop("has_blv").to_series().any()


def test_an_address_of_two_rules_is_told_once() -> None:
    """With the most proxies that any rule counted."""
    rules = [RULE, BadValueRule(semantic="email", proxy="surname", threshold=1)]
    found = records(given_name=NAMES, surname=["Ash", "Birk", "Ash", "Birk"], email=["x@mail.com"] * 4)
    assert told(without_bad_values(found, BadBy(rules))) == [("*", "email", "X@MAIL.COM", 4, 4)]
