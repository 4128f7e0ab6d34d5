"""Small output tables, and what draws them, for tests of figures."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import strategies as st

COMPARED = {
    name: pl.String
    for name in (
        "amperity_id",
        "datasource",
        "pk",
        "given_name",
        "surname",
        "postal",
        "birthdate",
        "email",
        "phone",
        "address",
    )
}
SCORED = {
    "amperity_id": pl.String,
    "source1": pl.String,
    "pk1": pl.String,
    "source2": pl.String,
    "pk2": pl.String,
    "score": pl.Float64,
    "match_category": pl.String,
    "match_type": pl.String,
}
Row = dict[str, Any]
VALUES = st.sampled_from(["A", "B", None])
RECORD = st.fixed_dictionaries(
    {"amperity_id": st.sampled_from("pqr"), "datasource": st.sampled_from(["shop", "mail"])}
    | {name: VALUES for name in list(COMPARED)[3:]}
)
ROWS = st.lists(RECORD, max_size=9).map(lambda rows: [row | {"pk": str(n)} for n, row in enumerate(rows)])
"""Rows of unified_preprocessed_raw."""


def compared(rows: list[Row]) -> pl.DataFrame:
    """Make unified_preprocessed_raw; what a row leaves out is null."""
    return pl.DataFrame(rows, schema=COMPARED)


def scored(*rows: tuple[str, str, str, float, str]) -> pl.DataFrame:
    """Make unified_scores of one source from (person, pk1, pk2, score, match_type)."""
    names = ["non_match", "weak", "moderate", "high", "excellent", "exact"]
    spelled = [
        (who, "shop", one, "shop", other, score, names[int(score)], kind) for who, one, other, score, kind in rows
    ]
    return pl.DataFrame(spelled, schema=SCORED, orient="row")


def people_of(rows: list[Row]) -> dict[str, list[Row]]:
    """Give each person's rows."""
    return {who: [row for row in rows if row["amperity_id"] == who] for who in {row["amperity_id"] for row in rows}}
