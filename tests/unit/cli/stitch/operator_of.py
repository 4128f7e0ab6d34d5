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
FEED = """\
source: ops
name: nicknames
primary_key: [canonical_name, nickname]
fields:
  - {name: canonical_name, type: string, tags: [nicknames/canonical-name]}
  - {name: nickname, type: string, tags: [nicknames/nickname]}
  - {name: update_type, type: string, tags: [nicknames/update-type]}
"""
"""A feed of nicknames."""


class Operator(Engineer):
    """An operator whose production ran twice: first without the mailing list.

    more: Records beside RECORDS. nicknames: canonical_name, nickname, update_type of a feed of the tenant's.
    """

    def __init__(self, root: Path, more: pl.DataFrame | None = None, nicknames: pl.DataFrame | None = None) -> None:
        super().__init__(root)
        everybody = RECORDS if more is None else pl.concat([RECORDS, more], how="diagonal")
        if nicknames is not None:
            (self.config / "feeds" / "ops_nicknames.yaml").write_text(FEED)
        self.lake, tenant = Installation(self.home.root), load_tenant(self.config)
        beside = {} if nicknames is None else {"domain.ops_nicknames": nicknames}
        given = Given(key=b"k" * 32, nicknames=nicknames)
        for records in (everybody.filter(pl.col("datasource") != "mail:list"), everybody):
            self.frames = stitch(records.drop("person"), Stitch(), given).frames
            made = {str(name): self.frames[name.name] for name in STITCH_TABLES}
            self.lake.publish(PRODUCTION, tenant, made | beside)
            given = Given(key=b"k" * 32, run_id="second", previous=self.frames, nicknames=nicknames)
