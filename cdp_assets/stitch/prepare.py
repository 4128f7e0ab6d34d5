"""Brings records to where they can be compared: normalised, without bad values, labelled, each once."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.bad_values import BadBy, Judged, without_bad_values
from cdp_assets.stitch.collapse import Collapsed, collapse
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.labelled import nobody_labelled, said_of
from cdp_assets.stitch.labels import Forced
from cdp_assets.stitch.normalise.records import normalised


@dataclass(frozen=True, eq=False)
class Prepared:
    """Records before they are compared; `labels` are those of `collapsed.records`, `labelled` as the table is."""

    judged: Judged
    collapsed: Collapsed
    labels: Forced
    labelled: pl.DataFrame = field(default_factory=nobody_labelled)


def prepared(records: pl.DataFrame, settings: Stitch, given: Given) -> Prepared:
    """Give records as `block`, `compare` and all that follows want them."""
    profiles = settings.pre_processing_profiles
    spelled = normalised(records, profiles)
    judged = without_bad_values(spelled, BadBy.of(settings, given.bad_values))
    said = said_of(given.labels, spelled, profiles)
    collapsed = collapse(
        judged.records,
        groups=said.forced.groups,
        exclusions=settings.soft_trivial_dupe_semantic_exclusions,
        most_values=settings.soft_trivial_dupe_size_threshold,
    )
    return Prepared(judged, collapsed, said.forced.of(collapsed.rows), said.labelled)
