"""Finds whom the news of a day reach: the people who are looked at again, and how well the news agree with others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import Pairs
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.held import Keys
from cdp_assets.stitch.large_blocks import LargeBlocks
from cdp_assets.stitch.scores import linking_bits
from cdp_assets.stitch.slots import Finder
from cdp_assets.stitch.spelled import NOBODY
from cdp_assets.stitch.stages import Weighed, weighed
from cdp_assets.stitch.touched import Touched, pairs_among, touched
from cdp_assets.stitch.two_days import TwoDays
from cdp_assets.stitch.weigh import Model


@dataclass(frozen=True, eq=False)
class Reached:
    """Whom the news reach; people are versions that stand for themselves.

    blocks: What the news do to the blocks. weighed: The pairs that may be others than before. components: Those of the
    day before that may be others today. chosen: Everybody who is in one of these, or new in one. pairs: The candidate
    pairs of two of these.
    """

    blocks: Touched
    weighed: Weighed
    components: pl.Series
    chosen: Bools
    pairs: Pairs


def reached(days: TwoDays, model: Model, settings: Stitch, given: Given) -> Reached:
    """Give whom the news reach; `model` is that of the run before, whose tables are in `given`."""
    keys = Keys(days.records, settings, days.known.parts)
    large = LargeBlocks.of_table(given.previous["stitch_blocks"])
    blocks = touched(keys, days.people_before, days.people, large)
    pairs = _weighed(days, blocks.pairs, model, settings, given)
    stirred = _stirred(days, days.came | blocks.regrouped, pairs, linking_bits(settings.threshold))
    components, chosen = _chosen(days, stirred, given.previous["stitch_records"]["component_id"])
    return Reached(blocks, pairs, components, chosen, pairs_among(keys, chosen, blocks.blocks))


def _weighed(days: TwoDays, pairs: Pairs, model: Model, settings: Stitch, given: Given) -> Weighed:
    """Weigh pairs of versions."""
    there = np.zeros(days.versions.size, dtype=np.bool_)
    there[pairs.left] = there[pairs.right] = True
    people, place = days.records.filter(pl.Series(there)), np.cumsum(there, dtype=np.int32) - 1
    found = weighed(people, place.take(pairs.left), place.take(pairs.right), model, settings, given)
    return replace(found, left=pairs.left, right=pairs.right)


def _stirred(days: TwoDays, stirred: Bools, pairs: Weighed, least: float) -> Bools:
    """Give who is stirred, named by a label, stands for somebody else than before, or is linked by one of some pairs.

    What labels say of pairs does not matter here: whoever they name is looked at again.
    """
    links, found = (pairs.bits >= least) & ~pairs.apart, stirred.copy()
    found[days.stands[days.said.is_named]] = True
    found[days.stands[days.versions.after & (days.stands != days.stood)]] = True
    found[pairs.left[links]] = found[pairs.right[links]] = True
    return found


def _chosen(days: TwoDays, stirred: Bools, components: pl.Series) -> tuple[pl.Series, Bools]:
    """Give all components that lose somebody or have somebody who is stirred, and the people of these."""
    versions, moved = days.versions, days.stands != days.stood
    component = components.to_numpy().view(np.uint64)
    was = versions.was.compress((versions.was != NOBODY) & (stirred | (versions.before & moved)))
    touched = np.unique(component.take(was))
    within = np.zeros(len(component) + 1, dtype=np.bool_)  # the last one is of those who are new
    within[Finder(touched).among(component)] = True
    found = days.people & (stirred | within.take(versions.was))
    return pl.Series(components.name, touched.view(np.int64)), np.asarray(found)
