"""Two processes that load into one table at the same time: one waits, says for whom, and nothing is lost."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp_assets.errors import LakeError
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse import delta
from cdp_assets.sources.alone import alone
from cdp_assets.state import leases
from tests.integration.sources.shop import TABLE, Shop

HEADER = "id,amount,ordered_on,note\n"
TRUNCATES = [{"feed": "shop_orders", "type": "truncate"}, {"feed": "shop_orders", "file": "orders"}]
HOLDER = """
import sys
from pathlib import Path
from cdp_assets.sources import alone
from tests.integration.sources.shop import TABLE, Shop

alone.LEASE_S = 2.0
shop = Shop(Path(sys.argv[1]))
with alone.alone(shop.state, TABLE):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop with a landed file, of a courier that empties the table first."""
    shop = Shop(tmp_path, courier={"load": TRUNCATES})
    shop.drop("orders_2026_11_20.csv", f"{HEADER}a,1,,\n")
    shop.land()
    return shop


@pytest.fixture
def other(shop: Shop) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that is at the table, until it is told to go."""
    command = [sys.executable, "-c", HOLDER, str(shop.root)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "CDP_USER": "bob"}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_load_waits_for_another_process_and_says_for_whom(
    shop: Shop, other: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As soon as that one goes it loads."""
    versions = []

    def look_again(_: float) -> None:
        versions.append(shop.version())
        if len(versions) == 3:
            other.communicate(b"go\n")

    monkeypatch.setattr("time.sleep", look_again)
    with caplog.at_level(logging.INFO, "cdp_assets.state.leases"):
        assert len(shop.load()) == 1
    assert versions == [None] * 3, "nothing was written meanwhile"
    (told,) = (message for message in caplog.messages if message.startswith("Waiting"))
    assert f"table:{TABLE}: held by bob, process {other.pid} on" in told


def test_what_a_killed_process_held_is_free_after_a_while(shop: Shop, other: subprocess.Popen[bytes]) -> None:
    """And the next load takes it."""
    other.kill()
    other.wait()
    assert len(shop.load()) == 1
    assert shop.rows()["id"].to_list() == ["a"]


def test_a_load_whose_lease_was_broken_loses_nothing_of_the_others(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commit fails, whichever kind it is: somebody has written since it looked."""
    shop.load()
    shop.drop("orders_2026_11_21.csv", f"{HEADER}b,1,,\n")
    shop.land()
    intruder = Shop(shop.root)
    winners = delta.overwrite

    def late(*arguments: object, **named: object) -> int:
        monkeypatch.setattr(delta, "overwrite", winners)
        with shop.state.write() as conn:
            assert leases.break_(conn, f"table:{TABLE}")
        with alone(intruder.state, TABLE):
            delta.append(shop.lake / TABLE, delta.read(shop.lake / TABLE), "an append of somebody else's")
        return winners(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(delta, "overwrite", late)
    with pytest.raises(LakeError, match="cannot be written"):
        shop.load()
    assert shop.rows()["id"].to_list() == ["a", "a"]
    assert len(shop.load()) == 1
    assert shop.rows()["id"].to_list() == ["b"]
