"""Makes ready what a run asks of the one before; it needs none of today's records, and is done while they are read."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.bad_values import BadBy, with_rows, without_bad_values
from cdp_assets.stitch.block import Parts, every_name_of
from cdp_assets.stitch.collapse import alike_hashes
from cdp_assets.stitch.drift import family_hashes
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.model_store import kept_model
from cdp_assets.stitch.pace import may_be_news
from cdp_assets.stitch.ready import Ready, stood_for
from cdp_assets.stitch.slots import Hashes
from cdp_assets.stitch.spelled import HASH, Known, in_order
from cdp_assets.stitch.suspects import Suspects
from cdp_assets.stitch.threads import each
from cdp_assets.stitch.weigh import Model

IN_ORDER = ("stitch_ids", "stitch_records", "stitch_spelled")
"""Tables of the run before in which a record of the day before is found by its place."""


@dataclass(frozen=True, eq=False)
class State:
    """What a day's news are resolved with.

    model: That of the run before. known: What is known of its records. suspects: These, bad values included.
    """

    model: Model
    known: Ready
    suspects: Suspects


@dataclass(frozen=True, eq=False)
class Before:
    """The run before.

    tables: Its own, those with a row for each record in order. records: Where to look for its records, if it left any.
    state: What news are resolved with, if they may be enough.
    """

    tables: Mapping[str, pl.DataFrame]
    records: Known | None
    state: State | None


def before_of(settings: Stitch, given: Given) -> Before:
    """Make the run before ready; `given` holds its tables as they were read."""
    names = [name for name in IN_ORDER if name in given.previous]
    ordered = each(lambda name: in_order(given.previous[name]), names)
    tables = {**given.previous, **dict(zip(names, ordered, strict=True))}
    state = _state(tables, settings, given) if may_be_news(settings, replace(given, previous=tables)) else None
    spelled = tables.get("stitch_spelled")
    return Before(tables, None if spelled is None else Known.of(spelled), state)


def _state(tables: Mapping[str, pl.DataFrame], settings: Stitch, given: Given) -> State:
    spelled, by = tables["stitch_spelled"].drop(HASH), BadBy.of(settings, given.bad_values)
    suspects = Suspects(spelled, by)
    rows = np.flatnonzero(suspects.and_of(spelled.clear()))
    judged = without_bad_values(spelled[rows], by)
    records = with_rows(spelled, rows, judged.records)
    with ThreadPoolExecutor(1) as beside:
        parts = beside.submit(_parts, records, settings)
        model = kept_model(tables["stitch_model"], tables["stitch_shares"])
        alike = alike_hashes(records, settings.soft_trivial_dupe_semantic_exclusions)
        stood, bad = stood_for(tables["stitch_records"]), rows[judged.flags["has_blv"].to_numpy()]
        return State(model, Ready(records, stood, bad, alike, family_hashes(records), parts.result()), suspects)


def _parts(records: pl.DataFrame, settings: Stitch) -> Mapping[str, Hashes]:
    parts = Parts(records)
    return parts.made_of(every_name_of(parts, settings))
