"""What is shown of a segment's people: counts as they are, personal values as their shape."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.config.catalog import build_catalog
from cdp_assets.environments.columns import columns_of
from cdp_assets.environments.segment_answers import SegmentAnswers
from cdp_assets.errors import StateError
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName
from cdp_assets.security.obfuscation import person_name
from cdp_assets.state.publications import Entry, Publication
from tests.unit.environments.edits import TENANT, edited

PEOPLE = pa.table(
    {
        "amperity_id": ["a", "b"],
        "email": ["Ann@mail.com", None],
        "lifetime_order_revenue": pa.array([Decimal(100), Decimal(5)], pa.decimal128(38, 2)),
    }
)
RULES = {
    "all": [
        {"attribute": "customer_360.email", "operator": "ends_with", "value": ".com"},
        {"attribute": "customer_360.lifetime_order_revenue", "operator": "is_at_least", "value": 10},
    ]
}


def answers(lake: Path, rules: dict[str, Any] = RULES) -> SegmentAnswers:
    """Publish a table of two people, and ask of a segment over it."""
    table = TableName("database__customer_360", "customer_360")
    made = {name: _empty(name) for name in build_catalog(TENANT).tables[table].inputs} | {table: PEOPLE}
    entries = {
        name: Entry(name, str(name), delta.overwrite(lake / str(name), rows, "made"), {}) for name, rows in made.items()
    }
    day = dt.date(2026, 11, 20)
    publication = Publication(1, "production", None, "r", "x", day, dt.datetime(2026, 11, 20), entries)
    tenant = edited(
        lambda document: document["segments"].update(mine={"name": "mine", "database": "customer_360", "rules": rules})
    )
    return SegmentAnswers.of(lake, publication, tenant, "mine")


def _empty(name: TableName) -> pa.Table:
    return pa.schema([(column, pa.string()) for column in columns_of(TENANT).of(name)]).empty_table()


def test_a_sample_shows_personal_values_as_their_shape(tmp_path: Path) -> None:
    (hidden,) = answers(tmp_path).sample(5)
    assert hidden["amperity_id"] == person_name("a")
    assert hidden["customer_360.email"] == "Xxx@xxxx.xxx"
    assert str(hidden["customer_360.lifetime_order_revenue"]).startswith("100")


def test_who_may_see_them_sees_them(tmp_path: Path) -> None:
    (shown,) = answers(tmp_path).sample(5, reveal=True)
    assert (shown["amperity_id"], shown["customer_360.email"]) == ("a", "Ann@mail.com")


def test_counts_are_of_the_publication(tmp_path: Path) -> None:
    counts = answers(tmp_path).counts()
    assert (counts.people, counts.members, [one.remaining for one in counts.rules]) == (2, 1, [1, 1])


def test_a_person_is_told_why_not(tmp_path: Path) -> None:
    found = answers(tmp_path).explain("b")
    assert (found.person, found.known, found.member) == (person_name("b"), True, False)
    assert found.failing == "customer_360.email ends with .com"
    assert found.rules[0].value is None


def test_a_member_is_told_what_holds(tmp_path: Path) -> None:
    found = answers(tmp_path).explain("a")
    assert (found.member, found.failing, found.rules[0].value) == (True, None, "Xxx@xxxx.xxx")


def test_an_id_that_is_nobodys_is_said_to_be_so(tmp_path: Path) -> None:
    found = answers(tmp_path).explain("zzz")
    assert (found.known, found.member) == (False, False)
    assert found.failing == "nobody in customer_360 has this id"


def test_a_segment_that_is_absent_or_does_not_fit_is_refused(tmp_path: Path) -> None:
    mine = answers(tmp_path)
    with pytest.raises(StateError, match=r"segment min: absent. Expected mine"):
        SegmentAnswers.of(tmp_path, mine.publication, mine.tenant, "min")
    with pytest.raises(StateError, match=r"customer_360.emial is no column of its table. Expected email"):
        answers(tmp_path, {"attribute": "customer_360.emial", "operator": "is_null"})
