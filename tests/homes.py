"""Homes in which the demo tenant is applied, and nothing has run."""

from __future__ import annotations

from pathlib import Path

from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.apply import apply_plan
from cdp_assets.environments.planning import make_plan
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.names import PRODUCTION
from cdp_assets.security.user import acting_user
from cdp_assets.state.database import State


def applied_home(root: Path) -> Home:
    """Make one in an empty folder."""
    home = Home(root)
    home.make()
    state = State.open(home.state)
    apply_plan(state, make_plan(state, load_tenant(REPOSITORY / "tenant_config"), PRODUCTION), acting_user())
    return home
