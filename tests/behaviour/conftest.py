"""What the suites of every port share: a state in every place, and the object stores' servers, each started once."""

from __future__ import annotations

import pytest

from cdp_assets.names import PRODUCTION
from cdp_assets.state import environments
from cdp_assets.state.database import State
from tests.object_stores import azure_server, gcs_server, s3_server

__all__ = ["azure_server", "gcs_server", "s3_server"]


@pytest.fixture
def state(place: str) -> State:
    """A migrated state with production in it."""
    made = State.open(place)
    with made.write() as conn:
        environments.get_or_create(conn, PRODUCTION)
    return made
