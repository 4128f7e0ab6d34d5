"""Says in words why two records are one person or two, and what was left out when they were judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cdp_assets.stitch.bad_values import FLAGS
from cdp_assets.stitch.regrouped import RecordId

Row = Mapping[str, Any]


def bad_values(record: Row) -> list[str]:
    """Give which of a record's values were taken for bad, and so for absent; `record` is a row of stitch_records.

    >>> bad_values({"blv_email": True, "blv_phone": False})
    ['email']
    """
    return [name for name in FLAGS if record.get(f"blv_{name}")]


def stands_for(record: Row) -> RecordId:
    """Give the record that was compared in the place of this one: the one that says the same, or itself.

    >>> stands_for({"datasource": "ecom", "pk": "2", "rep_ds": "ecom", "rep_pk": "1"})
    ('ecom', '1')
    """
    return record["rep_ds"], record["rep_pk"]


def why_two(
    one: Row, other: Row, *, bits: float, threshold_bits: float, keys: Sequence[str], decided_by: str | None
) -> list[str]:
    """Say why records of two people were not joined, the most telling reason first.

    Args:
        one, other: Their rows of stitch_records.
        bits: The odds that the model gives them, and `threshold_bits` the least that join.
        keys: The blocking strategies of which they share a key.
        decided_by: The rule that overrules the model.
    """
    reasons = []
    if decided_by is not None:
        reasons.append(f"A rule has the word over the model: {decided_by}.")
    if not keys:
        reasons.append("They share no blocking key, so nobody compared them.")
    if decided_by is None and bits < threshold_bits:
        reasons.append("They do not agree enough: the odds are below those of the threshold.")
    elif decided_by is None and one["component_id"] == other["component_id"]:
        reasons.append(
            "They were linked, directly or through others, and parted: the records of each fit each other better."
        )
    elif decided_by is None:
        reasons.append("They agree enough, so a label, or a key that is not kept with the values, holds them apart.")
    return [*reasons, *left_out(one, other)]


def left_out(one: Row, other: Row) -> list[str]:
    """Say what of two records was not compared, or by way of another record; they are rows of stitch_records."""
    notes = []
    for place, record in (("first", one), ("second", other)):
        if stands_for(record) != (record["datasource"], record["pk"]):
            notes.append(f"The {place} record says exactly the same as another, which was compared in its place.")
        if found := bad_values(record):
            notes.append(f"Of the {place} record, too many people have the {' and the '.join(found)}: not compared.")
    return notes
