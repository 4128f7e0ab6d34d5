"""A code location whose one run lasts until it is ended."""

from __future__ import annotations

import time

import dagster as dg


@dg.asset
def long_night() -> None:
    """Sleep."""
    time.sleep(600)


defs = dg.Definitions(
    assets=[long_night],
    jobs=[dg.define_asset_job("sleep", [long_night], tags={"cdp/env": "production"})],
    executor=dg.in_process_executor,
)
