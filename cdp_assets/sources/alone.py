"""Lets one load at a time write to a table, whoever runs it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from cdp_assets.security.user import acting_user
from cdp_assets.state.database import State
from cdp_assets.state.leases import holder, waited_lease

LEASE_S = 20.0
"""So long a table waits for a load that was killed."""


@contextlib.contextmanager
def alone(state: State, table_path: str) -> Iterator[None]:
    """Hold a table for the block; whoever loads into it now is waited for, and named in the log.

    A load holds one table at a time, so that no two wait for each other. Should the lease be lost meanwhile, the commit
    of whoever comes second fails: each is made after the version that was looked at.
    """
    with waited_lease(state, f"table:{table_path}", holder=holder(acting_user()), ttl_s=LEASE_S):
        yield
