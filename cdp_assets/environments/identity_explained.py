"""Why records are one person or two: each pair with its score, what decided it, and what every field says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cdp_assets.environments.identities import BLOCKS, COMPARED, EXPLANATIONS, RECORDS, SCORES, Identities
from cdp_assets.security.obfuscation import mask, person_name
from cdp_assets.stitch.anew import large_blocks_of, weighed_anew
from cdp_assets.stitch.evidence_table import unpacked
from cdp_assets.stitch.explain import SHOWN, Weighed, weighed
from cdp_assets.stitch.regrouped import PAIR, RecordId, spanning_pairs
from cdp_assets.stitch.scores import CATEGORIES, EXACT, NO_MATCH, bits_of, score_of
from cdp_assets.stitch.why import bad_values, left_out, stands_for, why_two

Compared = Mapping[RecordId, Mapping[str, Any]]
Values = Mapping[str, tuple[str | None, str | None]]
DUPLICATE = "trivial_duplicate"


@dataclass(frozen=True)
class ExplainedPair:
    """Two records, and why they are one person or two."""

    left: RecordId
    right: RecordId
    one_person: bool
    score: float
    category: str
    match_type: str | None
    """As in unified_scores; None for records of two people."""
    decided_by: str | None
    """The label, rule or key that overruled the model."""
    weighed: Weighed | None
    """None for records that say exactly the same, and where no model was learnt."""
    values: Values
    """Field -> the two values that were compared."""
    reasons: tuple[str, ...] = ()
    """Why they are two people, and what was left out when they were compared."""

    def masked(self) -> ExplainedPair:
        """Give the same with shapes instead of values and keys."""
        values = {name: (mask(one), mask(other)) for name, (one, other) in self.values.items()}
        left, right = ((source, mask(pk) or "") for source, pk in (self.left, self.right))
        return replace(self, left=left, right=right, values=values)


@dataclass(frozen=True)
class ExplainedRecord:
    """A record of a person."""

    record: RecordId
    compared_as: RecordId
    """The record that says exactly the same and was compared in its place, or itself."""
    bad_values: tuple[str, ...]
    """What of it too many people have, so that it was not compared."""


@dataclass(frozen=True)
class ExplainedPerson:
    """A person: the records, the strongest pairs that hold them together, and the pairs that speak against it."""

    person: str
    records: tuple[ExplainedRecord, ...]
    links: tuple[ExplainedPair, ...]
    doubts: tuple[ExplainedPair, ...]
    """The weakest pairs below the threshold."""
    doubtful: int
    """How many of all pairs are below it."""
    pairs: int
    parted_from: Mapping[str, int]
    """People who were linked to this one, directly or through others, and parted from it, with their records."""
    large_blocks: tuple[tuple[str, int, bool], ...]
    """Blocks of its records that were too large: strategy, size, and whether they were compared in parts."""

    def masked(self) -> ExplainedPerson:
        """Give the same with shapes instead of values and keys, and a name instead of the id."""
        records = tuple(
            replace(one, record=_masked(one.record), compared_as=_masked(one.compared_as)) for one in self.records
        )
        links, doubts = (tuple(pair.masked() for pair in pairs) for pairs in (self.links, self.doubts))
        parted = {person_name(person): count for person, count in self.parted_from.items()}
        return replace(
            self, person=person_name(self.person), records=records, links=links, doubts=doubts, parted_from=parted
        )


def explain_person(identities: Identities, person: str, most: int) -> ExplainedPerson:
    """Explain a person by at most so many links and doubts; raises StateError for an unknown id."""
    members = identities.members(person)
    found = identities.of_records(RECORDS, members).to_dicts()
    pairs, values = _pairs(identities, person), _values(identities, members)
    threshold = identities.side.made_by.stitch.threshold
    nodes = {record: record for record in _compared(found)}
    doubts = pairs.filter(pl.col("score") < threshold).sort("score", *PAIR)
    links = spanning_pairs(nodes, pairs)
    return ExplainedPerson(
        person,
        tuple(
            ExplainedRecord((row["datasource"], row["pk"]), stands_for(row), tuple(bad_values(row))) for row in found
        ),
        tuple(_pair(identities, row, values) for row in links.head(most).iter_rows(named=True)),
        tuple(_pair(identities, row, values) for row in doubts.head(most).iter_rows(named=True)),
        doubts.height,
        pairs.height,
        _parted_from(identities, person, found, most),
        _large_blocks(identities, members),
    )


def _parted_from(
    identities: Identities, person: str, records: Sequence[Mapping[str, Any]], most: int
) -> Mapping[str, int]:
    linked = identities.linked(sorted({row["component_id"] for row in records}))
    others = {other: count for other, count in linked.items() if other != person}
    return dict(list(others.items())[:most])


def _large_blocks(identities: Identities, members: Sequence[RecordId]) -> tuple[tuple[str, int, bool], ...]:
    compared, settings = identities.of_records(COMPARED, members), identities.side.made_by.stitch
    return tuple(large_blocks_of(compared, identities.table(BLOCKS), settings).rows())


def explain_within(identities: Identities, person: str, one: RecordId, other: RecordId) -> ExplainedPair:
    """Explain two records of one person: by those that stand for them where they say the same as others."""
    rows = {(row["datasource"], row["pk"]): row for row in identities.of_records(RECORDS, [one, other]).to_dicts()}
    left, right = (stands_for(rows[record]) for record in (one, other))
    notes = tuple(left_out(rows[one], rows[other]))
    if left == right:
        return ExplainedPair(one, other, True, EXACT, CATEGORIES[-1], DUPLICATE, None, None, {}, notes)
    [row] = _pairs(identities, person).filter(_is(left, right) | _is(right, left)).to_dicts()
    return replace(_pair(identities, row, _values(identities, [left, right])), reasons=notes)


def explain_apart(identities: Identities, one: RecordId, other: RecordId) -> ExplainedPair:
    """Explain two records of two people: they are weighed anew by the run's model, as far as their values are kept."""
    rows = {(row["datasource"], row["pk"]): row for row in identities.of_records(RECORDS, [one, other]).to_dicts()}
    places = [stands_for(rows[record]) for record in (one, other)]
    settings = identities.side.made_by.stitch
    anew = weighed_anew(identities.model, identities.table(COMPARED), settings, *places)
    found, rule = weighed(identities.model, anew.evidence), anew.decided_by(settings)
    reasons = why_two(
        rows[one],
        rows[other],
        bits=found.bits,
        threshold_bits=bits_of(settings.threshold),
        keys=anew.keys(settings),
        decided_by=rule,
    )
    score = score_of(found.bits) if rule is None else EXACT if rule.startswith("cluster") else NO_MATCH
    values = _both(identities, _values(identities, places), *places)
    return ExplainedPair(one, other, False, score, CATEGORIES[int(score)], None, rule, found, values, tuple(reasons))


def _is(left: RecordId, right: RecordId) -> pl.Expr:
    return pl.all_horizontal(pl.col(name) == value for name, value in zip(PAIR, (*left, *right), strict=True))


def _pairs(identities: Identities, person: str) -> pl.DataFrame:
    """Give the explained pairs of a person, with how each was found."""
    kinds = identities.of_person(SCORES, person).select(*PAIR, "match_type")
    return identities.of_person(EXPLANATIONS, person).join(kinds, on=PAIR, how="left", maintain_order="left")


def _compared(records: Sequence[Mapping[str, Any]]) -> set[RecordId]:
    return {(row["rep_ds"], row["rep_pk"]) for row in records}


def _values(identities: Identities, records: Sequence[RecordId]) -> Compared:
    return {(row["datasource"], row["pk"]): row for row in identities.of_records(COMPARED, records).to_dicts()}


def _pair(identities: Identities, row: Mapping[str, Any], values: Compared) -> ExplainedPair:
    left, right = (row["source1"], row["pk1"]), (row["source2"], row["pk2"])
    model, frame = identities.model, pl.DataFrame([row], schema={"levels": pl.String, "rarity": pl.Binary})
    return ExplainedPair(
        left,
        right,
        True,
        row["score"],
        CATEGORIES[int(row["score"])],
        row["match_type"],
        row["decided_by"],
        weighed(model, unpacked(frame, len(model.fields))),
        _both(identities, values, left, right),
    )


def _both(identities: Identities, values: Compared, left: RecordId, right: RecordId) -> Values:
    fields = identities.model.fields
    return {field: (_value(values[left], field), _value(values[right], field)) for field in fields}


def _value(row: Mapping[str, Any], field: str) -> str | None:
    """Give what was compared of a record, or None where it has nothing."""
    parts = [str(row[name]) for name in SHOWN.get(field, (field,)) if row.get(name) is not None]
    return ", ".join(parts) or None


def _masked(record: RecordId) -> RecordId:
    return record[0], mask(record[1]) or ""
