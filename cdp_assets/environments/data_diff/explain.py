"""Explains regrouped people: the parts that were joined or came apart, and the scored pairs between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from cdp_assets.environments.data_diff.model import Link, Part, Record, Regrouping
from cdp_assets.security.obfuscation import mask, person_name
from cdp_assets.stitch.regrouped import PAIR, PART, WHOLE, Node, RecordId, spanning_pairs

RECORDS_SHOWN = 5
LINKS_SHOWN = 10


def regroupings(wholes: Sequence[str], members: pl.DataFrame, scores: pl.DataFrame | None) -> tuple[Regrouping, ...]:
    """Describe each of `wholes`, in order; primary keys show their shape, people their name.

    `members` are the rows of `identity.members`; `scores` are rows of unified_scores of the side where they are
    whole (source1, pk1, source2, pk2, score, match_type), or None where there are none.
    """
    by_whole = members.partition_by(WHOLE, as_dict=True)
    return tuple(_regrouping(whole, by_whole[(whole,)], scores) for whole in wholes)


def _regrouping(whole: str, members: pl.DataFrame, scores: pl.DataFrame | None) -> Regrouping:
    nodes: dict[RecordId, Node] = {
        (source, pk): (source, pk) if part is None else part
        for source, pk, part in members.select("datasource", "pk", PART).iter_rows()
    }
    parts = [_part(group) for group in members.partition_by(PART, maintain_order=True)]
    parts.sort(key=lambda part: (part.person is None, -part.size, part.person or ""))
    links = () if scores is None else tuple(strongest_links(nodes, scores))
    return Regrouping(person_name(whole), members.height, tuple(parts), links[:LINKS_SHOWN])


def _part(records: pl.DataFrame) -> Part:
    person = records[PART][0]
    first = records.head(RECORDS_SHOWN).select("datasource", "pk").iter_rows()
    shown = tuple(_record(record) for record in first)
    return Part(None if person is None else person_name(person), records.height, shown)


def strongest_links(nodes: Mapping[RecordId, Node], scores: pl.DataFrame) -> list[Link]:
    """Give `regrouped.spanning_pairs` as they may be shown."""
    found = spanning_pairs(nodes, scores).select(*PAIR, "score", "match_type").iter_rows()
    return [
        Link(_record((one, pk1)), _record((other, pk2)), score, kind or "")
        for one, pk1, other, pk2, score, kind in found
    ]


def _record(record: RecordId) -> Record:
    return Record(record[0], mask(record[1]) or "")
