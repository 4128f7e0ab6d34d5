"""A query: Presto SQL over one database."""

from __future__ import annotations

from typing import Literal

from cdp_assets.config.base import Resource, affects


class Query(Resource):
    """One SELECT; only an active query runs and is sent."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    database: str = affects("data")
    status: Literal["draft", "active"] = affects("runtime", "active")
    sql: str = affects("data")
