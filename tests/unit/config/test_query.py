"""What a query may say about itself."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from cdp_assets.config.query import Query, RecordCount


def query(**more: Any) -> Query:
    return Query.model_validate({"name": "q", "database": "d", "sql": "SELECT 1 AS one", **more})


@pytest.mark.parametrize("folder", ["", "winback", "winback/spring/2026"])
def test_folders_have_up_to_three_levels(folder: str) -> None:
    assert query(folder=folder).folder == folder


@pytest.mark.parametrize(
    "wrong",
    [
        {"folder": "a/b/c/d"},
        {"folder": "/a"},
        {"folder": "a//b"},
        {"labels": [str(number) for number in range(11)]},
        {"labels": ["x" * 36]},
        {"labels": [""]},
        {"warn_when": {}},
        {"fail_when": {"below": -1}},
    ],
)
def test_what_is_out_of_bounds_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        query(**wrong)


def test_ten_labels_of_thirty_five_characters_fit() -> None:
    assert len(query(labels=["x" * 35] * 10).labels) == 10


@pytest.mark.parametrize(("rows", "met"), [(0, True), (9, True), (10, False), (20, False), (21, True)])
def test_bounds_themselves_raise_no_alert(rows: int, met: bool) -> None:
    assert RecordCount(below=10, above=20).met_by(rows) is met


def test_an_alert_is_said_in_words() -> None:
    assert str(RecordCount(below=10, above=20)) == "fewer than 10 or more than 20 records"
