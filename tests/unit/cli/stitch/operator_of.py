"""An installation whose production has resolved a few people, twice."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cdp_assets.config.catalog import STITCH_TABLES
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.stitch import Stitch
from cdp_assets.names import PRODUCTION
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from tests.unit.cli.test_plan_apply import Engineer
from tests.unit.environments.data_diff.lakes import Installation
from tests.unit.stitch.people import people

RECORDS = people(60)


class Operator(Engineer):
    """An operator whose production ran twice: first without the mailing list."""

    def __init__(self, root: Path, more: pl.DataFrame | None = None) -> None:
        super().__init__(root)
        everybody = RECORDS if more is None else pl.concat([RECORDS, more], how="diagonal")
        self.lake, tenant = Installation(self.home.root), load_tenant(self.config)
        given = Given(key=b"k" * 32)
        for records in (everybody.filter(pl.col("datasource") != "mail:list"), everybody):
            self.frames = stitch(records.drop("person"), Stitch(), given).frames
            self.lake.publish(PRODUCTION, tenant, {str(name): self.frames[name.name] for name in STITCH_TABLES})
            given = Given(key=b"k" * 32, run_id="second", previous=self.frames)
