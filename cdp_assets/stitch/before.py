"""Makes ready what a run asks of the one before; it needs none of today's records, and is done while they are read."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import Parts, names_of
from cdp_assets.stitch.collapse import alike_hashes
from cdp_assets.stitch.drift import family_hashes
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.model_store import kept_model
from cdp_assets.stitch.pace import may_be_news
from cdp_assets.stitch.ready import Ready
from cdp_assets.stitch.slots import Hashes
from cdp_assets.stitch.spelled import HASH, Known, in_order
from cdp_assets.stitch.threads import each
from cdp_assets.stitch.two_days import stood_for
from cdp_assets.stitch.weigh import Model

IN_ORDER = ("stitch_ids", "stitch_records", "stitch_spelled")
"""Tables of the run before in which a record of the day before is found by its place."""


@dataclass(frozen=True, eq=False)
class State:
    """What a day's news are resolved with: the model of the run before, and what is known of its records."""

    model: Model
    known: Ready


@dataclass(frozen=True, eq=False)
class Before:
    """The run before.

    tables: Its own, those with a row for each record in order. known: Its records, if it left any. state: What news are
    resolved with, if they may be enough.
    """

    tables: Mapping[str, pl.DataFrame]
    known: Known | None
    state: State | None


def before_of(settings: Stitch, given: Given) -> Before:
    """Make the run before ready; `given` holds its tables as they were read."""
    names = [name for name in IN_ORDER if name in given.previous]
    ordered = each(lambda name: in_order(given.previous[name]), names)
    tables = {**given.previous, **dict(zip(names, ordered, strict=True))}
    state = _state(tables, settings) if may_be_news(settings, replace(given, previous=tables)) else None
    spelled = tables.get("stitch_spelled")
    return Before(tables, None if spelled is None else Known.of(spelled), state)


def _state(tables: Mapping[str, pl.DataFrame], settings: Stitch) -> State:
    spelled, exclusions = tables["stitch_spelled"].drop(HASH), settings.soft_trivial_dupe_semantic_exclusions
    with ThreadPoolExecutor(1) as beside:
        parts = beside.submit(_parts, spelled, settings)
        model = kept_model(tables["stitch_model"], tables["stitch_shares"])
        stood, alike = stood_for(tables["stitch_records"]), alike_hashes(spelled, exclusions).to_numpy()
        return State(model, Ready(stood, alike, family_hashes(spelled), parts.result()))


def _parts(spelled: pl.DataFrame, settings: Stitch) -> Mapping[str, Hashes]:
    parts = Parts(spelled)
    return parts.made_of(names_of(parts, settings))
