"""What a full name says: as much as its rarity, learnt from the pairs that have other evidence."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.stitch.encode import Encoded, encode
from cdp_assets.stitch.namesakes import CLASSES, NAMESAKES, classes
from cdp_assets.stitch.normalise.records import COMPARED
from cdp_assets.stitch.rarity import shares
from cdp_assets.stitch.weigh import Common

FIELDS = ["given_name", "surname", NAMESAKES]


def people(names: list[tuple[str | None, str | None]]) -> Encoded:
    """Encode records that hold nothing but names."""
    given, surname = (pl.Series([name[side] for name in names], dtype=pl.String) for side in (0, 1))
    empty = {name: pl.Series([None] * len(names), dtype=pl.String) for name in COMPARED}
    return encode(pl.DataFrame(empty | {"given_name": given, "surname": surname}))


def told(encoded: Encoded, left: int, right: int, given: int = 0, surname: int = 0) -> int:
    """Give the class of the full name of one pair, given how its parts agree."""
    common = Common(shares(encoded, FIELDS), encoded)
    levels = np.array([[given, surname, -1]], dtype=np.int8)
    one, other = (np.array([row], dtype=np.int32) for row in (left, right))
    return int(common.told(NAMESAKES, FIELDS, levels, one, other)[0])


def test_a_class_says_how_many_bear_the_name_and_how_many_would_by_chance() -> None:
    """Two bear it where one in four would; then nine where sixteen would."""
    rare, common = classes(np.array([2.0, 9.0]), np.array([-2.0, 4.0]))
    assert CLASSES[rare] == "2 bear the name, about 0.35 would by chance"
    assert CLASSES[common] == "8 to 10 bear the name, about 23 would by chance"


def test_every_class_has_a_place_of_its_own_that_a_level_can_hold() -> None:
    assert len(set(CLASSES)) == len(CLASSES) <= np.iinfo(np.int8).max + 1


def test_nicknames_bear_the_name_they_stand_for() -> None:
    encoded = people([("WILLIAM", "STONE"), ("BILL", "STONE"), ("ANNA", "STONE"), ("WILLIAM", "REED")])
    assert told(encoded, 0, 1, given=2) == told(encoded, 0, 1) >= 0


def test_a_slip_or_another_surname_is_no_common_name() -> None:
    encoded = people([("WILLIAM", "STONE"), ("WILLIAM", "STONE"), ("ANNA", "STONE"), ("WILLIAM", None)])
    assert told(encoded, 0, 1) >= 0
    assert told(encoded, 0, 1, given=1) == -1
    assert told(encoded, 0, 2, given=5) == -1
    assert told(encoded, 0, 3, surname=-1) == -1


def test_a_name_that_too_many_bear_says_only_what_its_parts_say() -> None:
    many, too_many = people([("WILLIAM", "STONE")] * 80), people([("WILLIAM", "STONE")] * 81)
    assert CLASSES[told(many, 0, 79)].startswith("26 to 80 bear the name")
    assert told(too_many, 0, 80) == -1


def test_a_name_of_which_no_second_was_known_says_only_what_its_parts_say() -> None:
    """As when a later day brings the second record of a name, and is weighed with an earlier model."""
    earlier, later = people([("WILLIAM", "STONE"), ("ANNA", "REED")]), people([("ANNA", "REED"), ("ANNA", "REED")])
    common = Common(shares(earlier, FIELDS), later)
    both = np.array([[0, 0, -1]], dtype=np.int8)
    assert common.told(NAMESAKES, FIELDS, both, np.array([0], np.int32), np.array([1], np.int32))[0] == -1
