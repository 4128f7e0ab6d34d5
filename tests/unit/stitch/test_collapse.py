"""Records that say the same are taken as one."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.stitch.collapse import collapse
from cdp_assets.stitch.normalise.records import normalised


def standing(records: list[dict[str, str | None]], groups: list[int] | None = None, **options: object) -> list[int]:
    """Give, for each record, the number of the one that stands for it."""
    rows = [{"datasource": "a:b", "pk": f"{at:03d}", "email": None} | record for at, record in enumerate(records)]
    found = normalised(pl.DataFrame(rows))
    numbers = None if groups is None else np.array(groups, dtype=np.int64)
    collapsed = collapse(found, groups=numbers, **options)  # type: ignore[arg-type]  # options of each test
    assert collapsed.records.height == len(collapsed.rows)
    return [int(collapsed.rows[place]) for place in collapsed.representative]


ANN = {"given_name": "Ann", "surname": "Ash", "address": "1 Main St", "city": "Seattle"}


def test_equal_records_are_one_and_others_are_not() -> None:
    """Letter case does not matter; a foreign key does."""
    same = [ANN, ANN | {"given_name": "ANN"}, ANN | {"fk_member": "m1"}, ANN | {"fk_member": "m1"}]
    assert standing([{"fk_member": None} | one for one in same]) == [0, 0, 2, 2]


def test_whoever_stands_for_others_is_a_double_once() -> None:
    """However many orders repeat one customer."""
    bob = ANN | {"given_name": "Bob"}
    rows = [
        {"datasource": "a", "pk": str(at)} | one for at, one in enumerate([ANN, ANN, ANN, bob, ANN | {"city": "Reno"}])
    ]
    collapsed = collapse(normalised(pl.DataFrame(rows)))
    assert collapsed.doubles.tolist() == [0]


def test_a_name_alone_is_not_enough() -> None:
    """Two John Smiths stay two."""
    assert standing([{"given_name": "John", "surname": "Smith"}] * 2) == [0, 1]


def test_a_mailbox_or_a_foreign_key_alone_is_enough_and_a_phone_is_not() -> None:
    """Events of one subscriber, and orders of one customer number; a phone is a household's."""
    for column, value, expected in (
        ("email", "ann@mail.com", [0, 0]),
        ("fk_member", "m1", [0, 0]),
        ("phone", "2065550123", [0, 1]),
    ):
        assert standing([{"fk_member": None, column: value}] * 2) == expected, column


def test_records_that_labels_part_are_not_one() -> None:
    """However equal they are."""
    assert standing([ANN, ANN, ANN], [4, 5, -1]) == [0, 1, 2]


def test_an_excluded_semantic_stops_telling_records_apart_beyond_its_threshold() -> None:
    """The documented example: eleven mailboxes of one person are one record, ten are ten."""
    eleven = [ANN | {"email": f"v{at}@mail.com"} for at in range(11)]
    assert standing(eleven, exclusions=["email"]) == [0] * 11
    assert standing(eleven[:10], exclusions=["email"]) == list(range(10))
    assert standing(eleven) == list(range(11))
    assert standing(eleven[:3], exclusions=["email"], most_values=2) == [0, 0, 0]


def test_repeats_of_one_mailbox_are_one_value() -> None:
    """Distinct values are counted, not records."""
    assert standing([ANN | {"email": f"v{at % 4}@mail.com"} for at in range(12)], exclusions=["email"]) == [
        at % 4 for at in range(12)
    ]


def test_who_says_too_little_without_the_excluded_semantic_stays_apart() -> None:
    """A name with many mailboxes, and nothing else, may be many people."""
    johns = [{"given_name": "John", "surname": "Smith", "email": f"v{at}@mail.com"} for at in range(11)]
    assert standing(johns, exclusions=["email"]) == list(range(11))
