"""Whose identities a command looks at, and whether the user may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment

if TYPE_CHECKING:
    from cdp_assets.state.database import State


def asked_environment(sandbox: str | None, *tables: TableName) -> tuple[State, str]:
    """Give the state and the environment's name; raises DeniedError where the user may not query ids and `tables`."""
    from cdp_assets.config.catalog import STITCH_IDS
    from cdp_assets.environments.permission import allow, allow_reading
    from cdp_assets.security.user import acting_user
    from cdp_assets.state import sandboxes
    from cdp_assets.state.database import State

    environment = sandbox_environment(sandbox) if sandbox else PRODUCTION
    state, user = State.open(Home.locate().state), acting_user()
    if sandbox:
        with state.read() as conn:
            sandboxes.get(conn, environment)
        allow(state, user, "sandbox:open", environment)
    allow_reading(state, user, environment, (STITCH_IDS, *tables))
    return state, environment
