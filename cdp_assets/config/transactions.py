"""Settings of the tables about orders: optional attributes and the fiscal calendar."""

from __future__ import annotations

import datetime as dt
from typing import Literal, Self

from pydantic import model_validator

from cdp_assets.config.base import ConfigModel, affects

AttributeSet = Literal["canceled", "returned", "net", "cost"]


class Holiday(ConfigModel):
    """A sale that days of the calendar belong to."""

    name: str = affects("data", min_length=1)
    first_day: dt.date = affects("data")
    last_day: dt.date = affects("data")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError("a last_day that is not before first_day")
        return self


class FiscalCalendar(ConfigModel):
    """A 4-5-4 calendar as the National Retail Federation publishes it, made rather than loaded."""

    first_year: int = affects("data", ge=1900, le=2999)
    years: int = affects("data", 10, ge=1, le=100)
    holidays: tuple[Holiday, ...] = affects("data", ())
    """Sales by name; a day in several belongs to the first."""


class Transactions(ConfigModel):
    """What the tables about orders hold beside the documented columns that everybody has."""

    attribute_sets: tuple[AttributeSet, ...] = affects("data", ())
    """Optional sets of Transaction Attributes Extended, for each of its windows."""
    fiscal_calendar: FiscalCalendar | None = affects("data", None)
    """Unless set, the calendar is that of a feed tagged `fiscal/…`, if there is one."""
