"""Parts a campaign's audience into groups by keyed hashes, so that people stay where they are."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from cdp_assets.config.campaign import WHOLE, Campaign, SubAudience

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
        group = group_of(part, campaign.name, key)
        for one in own:
            found[one] = Group(part.name, group(one))
        left = left.difference(own)
    return found


def group_of(part: SubAudience, campaign: str, key: bytes) -> Callable[[str], str]:
    """Give the function from a person of a sub-audience to the treatment, or CONTROL, that they fall into.

    Control is decided by a hash of its own: while its percentage stays nobody enters or leaves it, whatever becomes of
    the treatments, and when it grows nobody leaves. Among the treatments the lowest -ln(hash) / percentage wins
    (weighted rendezvous hashing): somebody moves only to a treatment whose percentage has grown against that of the
    one they leave, so a new treatment draws people from the others and parts nobody else.
    Source: Schindelhauer & Schomaker (2005), Weighted Distributed Hash Tables.
    """
    control, share = _places(key, campaign, CONTROL), part.control_percentage / WHOLE
    ways = [(one.name, one.percentage, _places(key, campaign, one.name)) for one in part.treatments]

    def group(amperity_id: str) -> str:
        if control(amperity_id) < share:
            return CONTROL
        return min((-math.log(place(amperity_id)) / percentage, name) for name, percentage, place in ways)[1]

    return group


def _places(key: bytes, campaign: str, group: str) -> Callable[[str], float]:
    """Give the function from a person to their place between 0 and 1 in a campaign's group, both ends outside."""
    start = hashlib.blake2b(f"{campaign}\0{group}\0".encode(), key=key, digest_size=BYTES)

    def place(amperity_id: str) -> float:
        found = start.copy()
        found.update(amperity_id.encode())
        return (int.from_bytes(found.digest(), "big") + 0.5) / STEPS

    return place
