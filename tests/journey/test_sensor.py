"""With `cdp up` running, a day's files in the drop folder are enough."""

from __future__ import annotations

import signal
import time

import polars as pl

from cdp_assets.cli import demo
from cdp_assets.environments.runs import latest_publication
from cdp_assets.home import Home
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION
from cdp_assets.state.database import State
from tests.integration.up.platform_process import PlatformProcess
from tests.journey.conftest import ThreeDays
from tests.journey.installation import DAYS, STITCH_IDS

WITHIN_S = 300


def test_dropped_files_update_everything_and_ids_stay(one_by_one: ThreeDays) -> None:
    """The sensor starts the run; ids and exports are those of the same day run by hand."""
    home = Home(one_by_one.after_day_one)
    state = State.open(home.state)
    before = latest_publication(state, PRODUCTION)
    assert before is not None
    platform = PlatformProcess(home.root)
    try:
        platform.wait_for("Ready (", 180)
        demo.drop(DAYS[1], home.drop(PRODUCTION))
        deadline = time.monotonic() + WITHIN_S
        day_two = home.outbox(PRODUCTION) / "warehouse" / "lifecycle_summary_2026_11_21.parquet"
        while not day_two.exists() and time.monotonic() < deadline:
            time.sleep(1)
        assert day_two.exists(), platform.text[-4000:]
        after = latest_publication(state, PRODUCTION)
    finally:
        left = platform.end(signal.SIGINT)
    assert left == []
    assert after is not None
    assert after.id > before.id
    assert after.business_date == DAYS[1]
    entry = after.entry(STITCH_IDS)
    ids = pl.DataFrame(delta.read(str(home.lake / entry.path), entry.version)).select(one_by_one.ids[1].columns)
    assert ids.sort("datasource", "pk").equals(one_by_one.ids[1].sort("datasource", "pk"))
