"""Sets how much memory a process may take, within what whoever started it allows."""

from __future__ import annotations

import resource


def limited(size: int) -> int:
    """Let this process take so many bytes, or as many as the hard limit allows where that is less; give which."""
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    least = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (least, least))
    return least
