"""Why records are one person or two: each pair with its score, what decided it, and what every field says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cdp_assets.environments.explained import ExplainedPair, ExplainedPerson, ExplainedRecord, Values
from cdp_assets.environments.identities import BLOCKS, EXPLANATIONS, RECORDS, SCORES, Identities
from cdp_assets.stitch.anew import evidence_of, large_blocks_of, rule_of, shared_keys
from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.evidence_table import unpacked
from cdp_assets.stitch.explain import SHOWN, weighed
from cdp_assets.stitch.regrouped import PAIR, RecordId, spanning_pairs
from cdp_assets.stitch.scores import CATEGORIES, EXACT, NO_MATCH, linking_bits, score_of
from cdp_assets.stitch.weigh import Model
from cdp_assets.stitch.why import bad_values, left_out, stands_for, why_two

DUPLICATE = "trivial_duplicate"


@dataclass(frozen=True, eq=False)
class _Kept:
    """Some records as they were compared."""

    rows: pl.DataFrame

    def pair(self, left: RecordId, right: RecordId) -> pl.DataFrame:
        """Give the rows of two of the records, in this order."""
        places = [self.rows.select(KEYS).rows().index(record) for record in (left, right)]
        return self.rows[places]


def explain_person(identities: Identities, person: str, most: int) -> ExplainedPerson:
    """Explain a person by at most so many links and doubts; raises StateError for an unknown id."""
    members = identities.members(person)
    found = identities.of_records(RECORDS, members).to_dicts()
    pairs, kept = _pairs(identities, person), _kept(identities, members)
    threshold = identities.side.made_by.stitch.threshold
    nodes = {record: record for record in _compared(found)}
    doubts = pairs.filter(pl.col("score") < threshold).sort("score", *PAIR)
    links = spanning_pairs(nodes, pairs)
    return ExplainedPerson(
        person,
        tuple(
            ExplainedRecord((row["datasource"], row["pk"]), stands_for(row), tuple(bad_values(row))) for row in found
        ),
        tuple(_pair(identities, row, kept) for row in links.head(most).iter_rows(named=True)),
        tuple(_pair(identities, row, kept) for row in doubts.head(most).iter_rows(named=True)),
        doubts.height,
        pairs.height,
        _parted_from(identities, person, found, most),
        tuple(large_blocks_of(kept.rows, identities.table(BLOCKS), identities.side.made_by.stitch).rows()),
    )


def _parted_from(
    identities: Identities, person: str, records: Sequence[Mapping[str, Any]], most: int
) -> Mapping[str, int]:
    linked = identities.linked(sorted({row["component_id"] for row in records}))
    others = {other: count for other, count in linked.items() if other != person}
    return dict(list(others.items())[:most])


def explain_within(identities: Identities, person: str, one: RecordId, other: RecordId) -> ExplainedPair:
    """Explain two records of one person: by those that stand for them where they say the same as others.

    Two of a person with very many records, who were never compared with each other, are weighed anew.
    """
    rows = {(row["datasource"], row["pk"]): row for row in identities.of_records(RECORDS, [one, other]).to_dicts()}
    left, right = (stands_for(rows[record]) for record in (one, other))
    notes = tuple(left_out(rows[one], rows[other]))
    if left == right:
        return ExplainedPair(one, other, True, EXACT, CATEGORIES[-1], DUPLICATE, None, None, {}, reasons=notes)
    stored = _pairs(identities, person).filter(_is(left, right) | _is(right, left)).to_dicts()
    if not stored:
        return replace(explain_apart(identities, one, other), one_person=True, reasons=notes)
    return replace(_pair(identities, stored[0], _kept(identities, [left, right])), reasons=notes)


def explain_apart(identities: Identities, one: RecordId, other: RecordId) -> ExplainedPair:
    """Explain two records of two people: they are weighed anew, by the run's model."""
    rows = {(row["datasource"], row["pk"]): row for row in identities.of_records(RECORDS, [one, other]).to_dicts()}
    places = [stands_for(rows[record]) for record in (one, other)]
    settings = identities.side.made_by.stitch
    kept = _kept(identities, places)
    pair = kept.pair(*sorted(places))
    found = weighed(identities.model, evidence_of(pair, identities.model, identities.nicknames))
    rule = rule_of(pair, settings, identities.nicknames)
    keys = shared_keys(pair, settings)
    reasons = why_two(
        rows[one],
        rows[other],
        bits=found.bits,
        threshold_bits=linking_bits(settings.threshold),
        keys=keys,
        decided_by=rule,
    )
    score = score_of(found.bits) if rule is None else EXACT if rule.startswith("cluster") else NO_MATCH
    values = _values(identities.model, kept.pair(*places))
    category = CATEGORIES[int(score)]
    return ExplainedPair(one, other, False, score, category, None, rule, found, values, tuple(keys), tuple(reasons))


def _is(left: RecordId, right: RecordId) -> pl.Expr:
    return pl.all_horizontal(pl.col(name) == value for name, value in zip(PAIR, (*left, *right), strict=True))


def _pairs(identities: Identities, person: str) -> pl.DataFrame:
    """Give the explained pairs of a person, with how each was found."""
    kinds = identities.of_person(SCORES, person).select(*PAIR, "match_type")
    return identities.of_person(EXPLANATIONS, person).join(kinds, on=PAIR, how="left", maintain_order="left")


def _compared(records: Sequence[Mapping[str, Any]]) -> set[RecordId]:
    return {(row["rep_ds"], row["rep_pk"]) for row in records}


def _kept(identities: Identities, records: Sequence[RecordId]) -> _Kept:
    return _Kept(identities.compared(records))


def _pair(identities: Identities, row: Mapping[str, Any], kept: _Kept) -> ExplainedPair:
    left, right = (row["source1"], row["pk1"]), (row["source2"], row["pk2"])
    both, model = kept.pair(left, right), identities.model
    frame = pl.DataFrame([row], schema={"levels": pl.String, "rarity": pl.Binary})
    return ExplainedPair(
        left,
        right,
        True,
        row["score"],
        CATEGORIES[int(row["score"])],
        row["match_type"],
        row["decided_by"],
        weighed(model, unpacked(frame, len(model.fields))),
        _values(model, both),
        tuple(shared_keys(both, identities.side.made_by.stitch)),
    )


def _values(model: Model, both: pl.DataFrame) -> Values:
    one, other = both.to_dicts()
    return {field: (_value(one, field), _value(other, field)) for field in model.fields}


def _value(row: Mapping[str, Any], field: str) -> str | None:
    """Give what was compared of a record, or None where it has nothing."""
    parts = [str(row[name]) for name in SHOWN.get(field, (field,)) if row.get(name) is not None]
    return ", ".join(parts) or None
