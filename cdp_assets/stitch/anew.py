"""Weighs two records that a run did not: by its model, on the values that it kept."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import Parts, keys_of
from cdp_assets.stitch.encode import encode
from cdp_assets.stitch.judge import Decisions
from cdp_assets.stitch.labels import no_labels
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.rarity import shares
from cdp_assets.stitch.regrouped import RECORD, RecordId
from cdp_assets.stitch.weigh import Evidence, Model, Scale


@dataclass(frozen=True, eq=False)
class Anew:
    """The evidence of a pair, and the records that gave it: two rows of normalised records."""

    evidence: Evidence
    pair: pl.DataFrame

    def keys(self, settings: Stitch) -> list[str]:
        """Give the blocking strategies by which the two were worth comparing."""
        return _shared(self.pair, settings)

    def decided_by(self, settings: Stitch) -> str | None:
        """Give the rule that overrules the model, or None; what labels say is not looked at."""
        first, second = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
        found = Decisions(self.pair, settings, no_labels(2)).decided_by(first, second)[0]
        return None if found is None else str(found)


def weighed_anew(model: Model, compared: pl.DataFrame, settings: Stitch, one: RecordId, other: RecordId) -> Anew:
    """Compare two rows of unified_preprocessed_raw; what that table does not hold counts as unknown.

    The same values give the evidence that the run would have found: how rare they are is counted in the whole table.
    """
    people = _normalised(compared, settings)
    encoded = encode(people)
    places = sorted(_place(people, record) for record in (one, other))
    left, right = (np.array([place], dtype=np.int32) for place in places)
    scale = Scale(dataclasses.replace(model, shares=shares(encoded, model.fields)), encoded)
    return Anew(scale.evidence(left, right), people[places])


def shared_keys(pair: pl.DataFrame, settings: Stitch) -> list[str]:
    """Give the blocking strategies of which two rows of unified_preprocessed_raw share a key."""
    return _shared(_normalised(pair, settings), settings)


def _shared(pair: pl.DataFrame, settings: Stitch) -> list[str]:
    keys = ((name, key) for name, key, _ in keys_of(Parts(pair), settings))
    return [name for name, key in keys if key.known.all() and key.hashes[0] == key.hashes[1]]


def large_blocks_of(compared: pl.DataFrame, blocks: pl.DataFrame, settings: Stitch) -> pl.DataFrame:
    """Give strategy, size, compared of the blocks of `blocks` that some of these records are in, the largest first.

    `compared` are rows of unified_preprocessed_raw, `blocks` is stitch_blocks.
    """
    keys = keys_of(Parts(_normalised(compared, settings)), settings)
    found = [(name, str(block)) for name, key, _ in keys for block in key.hashes[key.known]]
    mine = pl.DataFrame(found, schema={"strategy": pl.String, "block": pl.String}, orient="row").unique()
    chosen = blocks.join(mine, on=["strategy", "block"], how="semi")
    return chosen.sort("size", "strategy", descending=[True, False]).select("strategy", "size", "compared")


def _normalised(compared: pl.DataFrame, settings: Stitch) -> pl.DataFrame:
    """Give the rows as they were compared: the table shows the documented form of some values."""
    known = compared.drop("sk_given_name").rename({"sk_generational_suffix": "generational_suffix"})
    found = normalised(known.cast({"birthdate": pl.String}), settings.pre_processing_profiles)
    boxes = known.select(*RECORD, shown_box="po_box")
    joined = found.join(boxes, on=RECORD, how="left", maintain_order="left")
    return joined.with_columns(po_box=pl.coalesce("po_box", "shown_box")).drop("shown_box")


def _place(people: pl.DataFrame, record: RecordId) -> int:
    found = [pl.col(name) == value for name, value in zip(RECORD, record, strict=True)]
    return int(people.select(pl.all_horizontal(found).arg_max()).item())
