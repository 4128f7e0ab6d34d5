"""Explains regrouped people: the parts that were joined or came apart, and the scored pairs between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import polars as pl

from cdp_assets.environments.data_diff.model import Link, Part, Record, Regrouping
from cdp_assets.security.obfuscation import mask, person_name
from cdp_assets.stitch.regrouped import PART, WHOLE

RECORDS_SHOWN = 5
LINKS_SHOWN = 10
RecordId: TypeAlias = tuple[str, str]
Node: TypeAlias = str | RecordId
"""A person of the other side, or a record that the other side does not have."""


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
    """Give the fewest and strongest pairs that join all nodes that any pairs join: a maximum spanning forest.

    `nodes` maps each record to the node it is in; pairs inside one node, or with other records, are left out.
    Source: Kruskal (1956).
    """
    root: dict[Node, Node] = {node: node for node in nodes.values()}

    def top(node: Node) -> Node:
        while root[node] != node:
            root[node] = node = root[root[node]]
        return node

    columns = ["source1", "pk1", "source2", "pk2"]
    ordered = scores.sort("score", *columns, descending=[True, *[False] * len(columns)])
    links = []
    for source1, pk1, source2, pk2, score, kind in ordered.select(*columns, "score", "match_type").iter_rows():
        left, right = (source1, pk1), (source2, pk2)
        if left in nodes and right in nodes and top(nodes[left]) != top(nodes[right]):
            root[top(nodes[left])] = top(nodes[right])
            links.append(Link(_record(left), _record(right), float(score), kind or ""))
    return links


def _record(record: RecordId) -> Record:
    return Record(record[0], mask(record[1]) or "")
