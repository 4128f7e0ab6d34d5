"""Production's own runs go on while an apply builds: the swap takes nothing of theirs away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cdp_assets.environments.apply import MOST_TRIES, Options, Ports, apply_plan
from cdp_assets.environments.staging import Staged
from cdp_assets.errors import LockedError
from cdp_assets.names import PRODUCTION
from cdp_assets.state import applies, leases
from tests.integration.environments.shop import SQL, Shop, TinyBuilder


class Meanwhile:
    """Builds, and before it has ended a run of production publishes, so many times."""

    def __init__(self, shop: Shop, times: int) -> None:
        self._shop, self._builder, self._times = shop, TinyBuilder(shop), times
        self.builds = 0

    def build(self, apply_id: str, staged: Staged) -> None:
        """Build the staged tables."""
        self.builds += 1
        self._builder.build(apply_id, staged)
        if self.builds <= self._times:
            self._shop.publish(PRODUCTION)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop whose files ask for a column more in a table that production publishes."""
    made = Shop(tmp_path, str(tmp_path / "state.db"))
    made.set_up()
    made.edit(SQL, "c.gender,", "c.gender,\n  UPPER(c.state) AS region,")
    return made


def apply(shop: Shop, times: int) -> Meanwhile:
    """Apply the files while production publishes."""
    builder = Meanwhile(shop, times)
    ports: Ports = replace(shop.ports(), builder=builder)
    plan = shop.plan_files()
    apply_plan(shop.state, plan, "ann", Options(), ports)
    return builder


def test_what_was_published_meanwhile_is_built_upon(shop: Shop) -> None:
    before = shop.view()
    assert apply(shop, times=2).builds == 3
    after = shop.view()
    assert after.revision != before.revision
    assert not shop.mixed(after)
    kept = {name: place for name, place in after.entries.items() if place[0] == before.entries[name][0]}
    assert len(kept) > 15
    assert {version for _, version in kept.values()} == {2}, "the two runs' versions, not those that it began with"


def test_an_apply_that_never_catches_up_gives_way(shop: Shop) -> None:
    before = shop.view()
    with pytest.raises(LockedError, match="again and again"):
        apply(shop, times=MOST_TRIES)
    after = shop.view()
    assert after.revision == before.revision
    assert not shop.mixed(after)
    with shop.state.read() as conn:
        assert applies.find_open(conn, PRODUCTION) is None
        assert leases.held(conn) == []
