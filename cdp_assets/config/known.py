"""What somebody may have meant: the known name nearest to an unknown one."""

from __future__ import annotations

import difflib
import functools
import zoneinfo
from collections.abc import Collection

from cdp_assets.errors import ConfigError


def nearest_known(wanted: str, known: Collection[str]) -> str:
    """Give the nearest known name, or a few of them.

    >>> nearest_known("custmers", ["customers", "orders"]), nearest_known("x", ["b", "a"])
    ('customers', 'one of a, b')
    """
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    if close:
        return close[0]
    return f"one of {', '.join(sorted(known)[:12])}" if known else "one that exists; there are none yet"


@functools.cache
def time_zones() -> frozenset[str]:
    """Give the names of all time zones, for which Python looks through its files each time that it is asked."""
    return frozenset(zoneinfo.available_timezones())


def absent(place: str, wanted: str, known: Collection[str]) -> ConfigError:
    """Give the mistake of a name that is none of the known ones.

    >>> str(absent("segments/buyers.yaml, database", "custmers", ["customers", "orders"]))
    'segments/buyers.yaml, database: custmers is absent. Expected customers.'
    """
    return ConfigError(place, f"{wanted} is absent", nearest_known(wanted, known))
