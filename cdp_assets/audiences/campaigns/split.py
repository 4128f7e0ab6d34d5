"""Parts a campaign's audience into groups by keyed hashes, so that people stay where they are."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cdp_assets.config.campaign import Campaign, SubAudience

CONTROL = "_control"
"""The control group's name; a treatment's may not begin so."""
BYTES = 8
STEPS = 1 << (8 * BYTES)


@dataclass(frozen=True)
class Group:
    """Where a person has fallen; `treatment` is CONTROL for those who are sent nothing."""

    sub_audience: str
    treatment: str


def audience(campaign: Campaign, members: Mapping[str, Collection[str]], before: Iterable[str]) -> set[str]:
    """Give the people of any included segment without those of any excluded one, and without those sent to before."""
    found: set[str] = set()
    found.update(*(members[name] for name in campaign.include))
    found.difference_update(*(members[name] for name in campaign.exclude), before)
    return found


def split(
    campaign: Campaign, people: Collection[str], members: Mapping[str, Collection[str]], key: bytes
) -> dict[str, Group]:
    """Give every person's group; whom no sub-audience fits is absent.

    Args:
        campaign: Its sub-audiences are looked at in order, the first that fits has the person.
        people: The audience.
        members: The people of each segment.
        key: The tenant's own, so that nobody outside can foresee who falls where.
    """
    left, found = set(people), {}
    for part in campaign.sub_audiences:
        own = left if part.segment is None else left.intersection(members[part.segment])
        for one in sorted(own):
            found[one] = Group(part.name, group_of(part, campaign.name, one, key))
        left = left.difference(own)
    return found


def group_of(part: SubAudience, campaign: str, amperity_id: str, key: bytes) -> str:
    """Give the treatment, or CONTROL, that a person of a sub-audience falls into.

    Control is decided by a hash of its own: while its percentage stays nobody enters or leaves it, whatever becomes of
    the treatments, and when it grows nobody leaves. Among the treatments the lowest -ln(hash) / percentage wins
    (weighted rendezvous hashing): somebody moves only to a treatment whose percentage has grown against that of the
    one they leave, so a new treatment draws people from the others and parts nobody else.
    Source: Schindelhauer & Schomaker (2005), Weighted Distributed Hash Tables.
    """
    if _place(key, campaign, CONTROL, amperity_id) * 100 < part.control_percentage:
        return CONTROL
    return min(
        part.treatments, key=lambda one: -math.log(_place(key, campaign, one.name, amperity_id)) / one.percentage
    ).name


def _place(key: bytes, campaign: str, group: str, amperity_id: str) -> float:
    """Give a person's place between 0 and 1 in a group of a campaign; both ends are outside."""
    text = f"{campaign}\0{group}\0{amperity_id}".encode()
    number = int.from_bytes(hashlib.blake2b(text, key=key, digest_size=BYTES).digest(), "big")
    return (number + 0.5) / STEPS
