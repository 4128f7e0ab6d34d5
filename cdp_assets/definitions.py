"""Dagster's entry point of one environment; CDP_ENVIRONMENT names it, production unless set."""

from __future__ import annotations

import os

import dagster as dg

from cdp_assets.defs.environment import environment_definitions
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION


@dg.definitions
def defs() -> dg.Definitions:
    """Give the environment's assets, jobs, schedules and sensors."""
    return environment_definitions(Home.locate(), os.environ.get("CDP_ENVIRONMENT", PRODUCTION))
