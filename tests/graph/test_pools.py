"""Every step is in its environment's pool, so that runs of one environment never overlap, however they began."""

from __future__ import annotations

from pathlib import Path

from cdp_assets.cli.demo import activate
from cdp_assets.defs.environment import environment_definitions
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION


def test_every_step_is_in_the_pool_of_its_environment(tmp_path: Path) -> None:
    home = Home(tmp_path)
    activate(home)
    definitions = environment_definitions(home, PRODUCTION)
    pools = {node.name: node.definition.pools for node in definitions.resolve_job_def("full").graph.nodes}
    assert len(pools) > 20
    assert set(map(frozenset, pools.values())) == {frozenset({PRODUCTION})}
