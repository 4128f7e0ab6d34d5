"""What is said of records when it is explained why they are one person or two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cdp_assets.security.obfuscation import mask, person_name
from cdp_assets.stitch.explain import Weighed
from cdp_assets.stitch.regrouped import RecordId
from cdp_assets.stitch.repeats import REPEATS

Values = Mapping[str, tuple[str | None, str | None]]


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
    keys: tuple[str, ...] = ()
    """The blocking strategies of which they share a key."""
    reasons: tuple[str, ...] = ()
    """Why they are two people, and what was left out when they were compared."""

    def masked(self) -> ExplainedPair:
        """Give the same with shapes instead of values and keys; sources are nobody's own."""
        values = {
            name: both if name == REPEATS else (mask(both[0]), mask(both[1])) for name, both in self.values.items()
        }
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


def _masked(record: RecordId) -> RecordId:
    return record[0], mask(record[1]) or ""
