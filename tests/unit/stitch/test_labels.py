"""Labels name records, and say which are one person and which are two."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cdp_assets.stitch.labelled import said_of
from cdp_assets.stitch.labels import LABEL_SCHEMA, NO_GROUP, LabelError
from cdp_assets.stitch.normalise.records import normalised

RECORDS = normalised(
    pl.DataFrame(
        {
            "datasource": ["a:x", "a:x", "a:x", "b:y", "b:y"],
            "pk": ["1", "2", "3", "1", "2"],
            "email": ["ann@mail.com", "bob@mail.com", "ann@mail.com", "ann@mail.com", None],
            "fk_member": ["m1", None, None, "M1", "m2"],
            "generational_suffix": ["Jr.", None, None, "junior", "Sr"],
        }
    )
)


def labels(*rows: tuple[str, str, str, str, str], table: str = "labels_people") -> pl.DataFrame:
    """Give labels: label_id, partition_id, datasource, semantic, value."""
    return pl.DataFrame([(table, *row) for row in rows], schema=LABEL_SCHEMA, orient="row")


def said(*tables: pl.DataFrame) -> dict[tuple[int, int], int]:
    """Give what labels say about every pair of records of which they say something."""
    found = said_of(pl.concat(tables), RECORDS).forced
    left, right = (side.astype(np.int32) for side in np.triu_indices(RECORDS.height, 1))
    pairs = zip(left.tolist(), right.tolist(), found.decided(left, right).tolist(), strict=True)
    return {(a, b): said for a, b, said in pairs if said}


def test_one_partition_is_one_person_and_two_are_two() -> None:
    """Records 0, 1 and 3 by their keys."""
    together = labels(("L", "1", "a:x", "pk", "1"), ("L", "1", "b:y", "pk", "1"))
    apart = labels(("L", "1", "a:x", "pk", "1"), ("L", "2", "b:y", "pk", "1"))
    assert said(together) == {(0, 3): 1}
    assert said(apart) == {(0, 3): -1}


def test_labels_of_one_id_in_two_tables_are_two_labels() -> None:
    """Each table numbers its own."""
    one = labels(("L", "1", "a:x", "pk", "1"), ("L", "1", "a:x", "pk", "2"))
    other = labels(("L", "1", "b:y", "pk", "1"), ("L", "1", "b:y", "pk", "2"), table="labels_more")
    assert said(one, other) == {(0, 1): 1, (3, 4): 1}


def test_a_value_names_every_record_of_its_source_that_holds_it() -> None:
    """However it is written; `*` is every source."""
    assert said(labels(("L", "1", "a:x", "email", " Ann+x@Mail.com"))) == {(0, 2): 1}
    assert said(labels(("L", "1", "*", "email", "ann@mail.com"))) == {(0, 2): 1, (0, 3): 1, (2, 3): 1}
    assert said(labels(("L", "1", "a:x", "fk-member", "m1"), ("L", "2", "b:y", "pk", "2"))) == {(0, 4): -1}
    assert said(labels(("L", "1", "*", "generational-suffix", "Jr"))) == {(0, 3): 1}


def test_labels_that_share_a_record_join() -> None:
    """And what is apart from one is apart from all."""
    joined = labels(
        ("L", "1", "a:x", "pk", "1"),
        ("L", "1", "a:x", "pk", "2"),
        ("M", "1", "a:x", "pk", "2"),
        ("M", "1", "a:x", "pk", "3"),
        ("N", "1", "a:x", "pk", "3"),
        ("N", "2", "b:y", "pk", "1"),
    )
    assert said(joined) == {(0, 1): 1, (0, 2): 1, (1, 2): 1, (0, 3): -1, (1, 3): -1, (2, 3): -1}


def test_what_is_not_there_is_not_named() -> None:
    """A deleted record's label is no mistake."""
    assert said(labels(("L", "1", "a:x", "pk", "1"), ("L", "1", "a:x", "pk", "gone"))) == {}


def test_a_value_is_spelled_by_the_profiles_of_the_records() -> None:
    """A shop's mailbox says something where the settings let it."""
    mailbox = pl.DataFrame({"datasource": ["a:x", "a:x"], "pk": ["1", "2"], "email": ["info@shop.com"] * 2})
    asked = labels(("L", "1", "a:x", "email", "Info@shop.com"))
    for profiles, group in ((("allow-business-email",), 0), ((), NO_GROUP)):
        found = said_of(asked, normalised(mailbox, profiles), profiles).forced
        assert found.groups.tolist() == [group, group]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("L7", "3", "a:x", "pk", "1")], "L7: a partition"),
        ([("L7", "1", "a:x", "shoe-size", "44")], "L7: a semantic"),
        ([("L7", "1", "a:x", "pk", "1"), ("L7", "2", "a:x", "email", "ann@mail.com")], "L7 parts records that L7"),
        (
            [
                ("L7", "1", "a:x", "pk", "1"),
                ("L7", "1", "a:x", "pk", "2"),
                ("L8", "1", "a:x", "pk", "1"),
                ("L8", "2", "a:x", "pk", "2"),
            ],
            "L8 parts records that L7, L8 joined",
        ),
    ],
)
def test_labels_that_cannot_be_followed_are_named(rows: list[tuple[str, str, str, str, str]], message: str) -> None:
    """By their ids; no value of a record is told."""
    with pytest.raises(LabelError, match=message) as error:
        said_of(labels(*rows), RECORDS)
    assert "mail.com" not in str(error.value).lower()
