"""Carries out labels on what clustering has found: people are joined and parted as operators say."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl

from cdp_assets.stitch.cluster import Clusters
from cdp_assets.stitch.column import Labels
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.labels import NO_GROUP, Forced

MOST_BITS = 24.0
"""One sure pair does not outweigh all the others of a part."""


def steered(found: Clusters, forced: Forced, judge: Judge) -> Clusters:
    """Give the people that remain when every label is carried out.

    The records of one group become one person together with everybody who was found to be one of them. Where that, or
    the model, leaves groups in one person that labels part, the person is parted: each record goes with the side that
    it agrees with best.
    """
    if (forced.groups == NO_GROUP).all():
        return found
    labels = _parted(_joined(found.labels, forced), forced, judge)
    return dataclasses.replace(found, labels=labels, components=_joined(found.components, forced))


def _joined(labels: Labels, forced: Forced) -> Labels:
    """Give one label to all that share a group, directly or through others: the smallest of theirs."""
    pairs = pl.DataFrame({"label": labels, "group": forced.groups}).filter(pl.col("group") != NO_GROUP).unique()
    low = {int(label): int(label) for label in pairs["label"]}

    def root(label: int) -> int:
        while low[label] != label:
            label = low[label]
        return label

    for _, of_group in pairs.sort("group", "label").group_by("group", maintain_order=True):
        roots = {root(int(label)) for label in of_group["label"]}
        low |= dict.fromkeys(roots, min(roots))
    changed = np.arange(int(labels.max()) + 1)
    changed[list(low)] = [root(label) for label in low]
    return changed[labels]


def _parted(labels: Labels, forced: Forced, judge: Judge) -> Labels:
    """Split every person that holds groups which are apart."""
    held = pl.DataFrame({"label": labels, "group": forced.groups}).filter(pl.col("group") != NO_GROUP).unique()
    labels, free = labels.copy(), int(labels.max()) + 1
    for (label,), of_label in held.sort("label", "group").group_by("label", maintain_order=True):
        sides = _sides(of_label["group"].to_list(), forced)
        if len(sides) < 2:
            continue
        members = np.flatnonzero(labels == label)
        choice = _choices(members, sides, forced, judge)
        for side in range(1, len(sides)):
            labels[members[choice == side]] = free
            free += 1
    return labels


def _sides(groups: list[int], forced: Forced) -> list[list[int]]:
    """Give the fewest sides that a greedy look finds; groups without a quarrel in this person are on none."""
    quarrels = [group for group in groups if any((min(group, one), max(group, one)) in forced.apart for one in groups)]
    sides: list[list[int]] = []
    for group in quarrels:
        fits = (side for side in sides if all((min(group, one), max(group, one)) not in forced.apart for one in side))
        side = next(fits, None)
        if side is None:
            sides.append([group])
        else:
            side.append(group)
    return sides


def _choices(members: Labels, sides: list[list[int]], forced: Forced, judge: Judge) -> Labels:
    """Give each member's side: its group's own, else the one that its group, or it alone, agrees with best."""
    groups = forced.groups[members]
    of_group = {group: number for number, side in enumerate(sides) for group in side}
    choice = np.array([of_group.get(int(group), NO_GROUP) for group in groups])
    seeded = np.flatnonzero(choice != NO_GROUP)
    blocks = [np.flatnonzero(groups == group) for group in np.unique(groups) if group != NO_GROUP]
    blocks += [np.array([place]) for place in np.flatnonzero(groups == NO_GROUP)]
    for block in blocks:
        if choice[block[0]] == NO_GROUP:
            agreement = [
                _agreement(members, block, seeded[choice[seeded] == side], judge) for side in range(len(sides))
            ]
            choice[block] = int(np.argmax(agreement))
    return choice


def _agreement(members: Labels, block: Labels, side: Labels, judge: Judge) -> float:
    left, right = (places.ravel() for places in np.meshgrid(members[block], members[side]))
    low, high = np.minimum(left, right), np.maximum(left, right)
    found = judge.bits(low.astype(np.int32), high.astype(np.int32))
    return float(np.clip(found, -MOST_BITS, MOST_BITS).mean())
