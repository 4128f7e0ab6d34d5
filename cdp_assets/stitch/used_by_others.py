"""How often strangers hold one e-mail or phone.

Pairs that share a contact are nearly all one person or one household, and in a small file so are those of random pairs
that do. Counting cannot part these from strangers where there is little else to tell by; so a share is taken for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cdp_assets.stitch.column import Floats

USED_BY_OTHERS: Mapping[str, float] = {"email": 0.05, "phone": 0.15}
"""How often, in people, a contact that only one name uses belongs to somebody else as well."""
PEOPLE = 0.5
"""Per record: how many people there are, about."""
OFTENER, CHANCE = 2.0, 10.0
"""Random pairs share a contact at most so many times as often as candidate pairs do, and so many pairs more; or else
there is one that so many hold that its pairs are not all compared."""


@dataclass(frozen=True)
class Contact:
    """How often pairs share an e-mail, or a phone.

    candidates: How many candidate pairs do. by_chance: How many random pairs do. drawn: How many pairs there are for
    each random one.
    """

    name: str
    size: int
    candidates: float
    by_chance: float
    drawn: float

    @property
    def shared(self) -> float:
        """The chance that two strangers hold one contact, of those that only one name uses.

        So many pairs do as a share of all people would be and, where fewer candidate pairs share a contact, of these.

        >>> [round(Contact("email", 1000, pairs, 0, 1).shared * 1000 * 999 / 2, 3) for pairs in (600.0, 10.0)]
        [50.0, 1.0]
        """
        pairs = USED_BY_OTHERS[self.name] * min(PEOPLE * self.size, max(self.candidates, 1.0)) / PEOPLE
        return pairs / max(self.size * (self.size - 1) / 2, 1.0)

    def without_matches(self, chances: Floats) -> Floats:
        """Give the chances of strangers' levels without the pairs of one person that were counted among them."""
        most = OFTENER * self.candidates / self.drawn + CHANCE
        if self.by_chance > most or chances[0] <= self.shared:
            return chances
        return self.weighed(chances)

    def weighed(self, chances: Floats) -> Floats:
        """Give the chances of strangers' levels as they are weighed: a contact that several names use counts apart."""
        others = chances[1:] / float(chances[1:].sum())
        return np.append(self.shared, others * (1 - self.shared))


def more_often(name: str, times: Floats, shared_log2: float, pairs_log2: float) -> Floats:
    """Give, in log2, how many times as often strangers share contacts as one that only one name uses.

    Args:
        times: So many times it would be where strangers share those of one name as a share of the people do.
        shared_log2: How often they share those here, as `Contact.shared` gives it.
        pairs_log2: How many pairs of records there are.
    """
    size = (1 + np.sqrt(1 + 8 * np.exp2(pairs_log2))) / 2
    less = np.exp2(shared_log2) * (size - 1) * PEOPLE / USED_BY_OTHERS[name]
    return np.asarray(np.log2((times - 1) / min(less, 1.0) + 1), dtype=np.float64)
