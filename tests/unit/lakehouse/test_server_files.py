from __future__ import annotations

import socket
import stat
import time
from pathlib import Path

import pytest

from cdp_assets.errors import EngineUnreachableError
from cdp_assets.lakehouse.address import Address, server_address, write_address
from cdp_assets.lakehouse.health import check
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.lakehouse.session import SparkSessions, connect
from tests.ports import free_port


def _written(home: Path, port: int) -> Address:
    (home / "spark").mkdir(parents=True)
    address = Address(port, "the-token", 1)
    write_address(home, address)
    return address


def test_home_without_a_server_has_no_address(tmp_path: Path) -> None:
    assert server_address(tmp_path) is None
    assert not SparkServer(tmp_path).healthy()


def test_address_comes_back_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    address = _written(tmp_path, 15002)
    assert server_address(tmp_path) == address
    for name in ("token", "server.json"):
        assert stat.S_IMODE((tmp_path / "spark" / name).stat().st_mode) == 0o600


def test_token_does_not_show_in_the_repr() -> None:
    assert "the-token" not in repr(Address(1, "the-token", 1))


def test_no_server_is_unreachable_and_says_what_to_do() -> None:
    with pytest.raises(EngineUnreachableError, match="cdp up"):
        connect(None)


def test_port_where_nobody_listens_is_unreachable_at_once(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(EngineUnreachableError, match="does not answer"):
        connect(_written(tmp_path, free_port()))
    assert time.monotonic() - started < 5


def test_stranger_on_the_port_is_not_healthy(tmp_path: Path) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        address = _written(tmp_path, stranger.getsockname()[1])
        with pytest.raises(EngineUnreachableError, match="DEADLINE_EXCEEDED"):
            check(address, bound_s=0.3)


def test_work_is_repeated_until_the_bound_and_then_unreachable(tmp_path: Path) -> None:
    sessions = SparkSessions(lambda: _address, reconnect_s=1.0)
    _address = Address(free_port(), "t", 1)
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        sessions.session()

    with pytest.raises(EngineUnreachableError, match="did not come back"):
        sessions.run(work)
    assert len(tries) > 1


def test_work_that_is_not_idempotent_is_done_once() -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        raise EngineUnreachableError("gone")

    with pytest.raises(EngineUnreachableError):
        SparkSessions(lambda: None).run(work, idempotent=False)
    assert tries == [1]
