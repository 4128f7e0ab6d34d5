"""The column type of a moment: UTC goes in and comes out, whichever database keeps it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from cdp_assets.state.database import utc


class Moment(sa.types.TypeDecorator[dt.datetime]):
    """A timestamp with time zone. SQLite keeps no zone, so what it keeps is UTC; a moment without one is UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """Turn a moment of any zone into UTC."""
        return None if value is None else utc(value)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """Give the zone back."""
        return None if value is None else utc(value)
