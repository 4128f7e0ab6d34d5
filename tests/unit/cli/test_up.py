"""What `cdp up` refuses and decides before it starts anything."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import click.testing
import pytest
import yaml

from cdp_assets.cli.ports import DEFAULT_PORT, choose_port, refuse_others
from cdp_assets.cli.programs import LONGEST_SOCKET_FOLDER, Ports, child_environment, platform, socket_folder
from cdp_assets.cli.up import tell_unfinished, up
from cdp_assets.errors import CdpError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.state import applies, environments
from cdp_assets.state.database import State


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_may_always_see_the_ui(host: str) -> None:
    refuse_others(host, allowed=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "cdp.example"])  # noqa: S104 - what is refused
def test_others_may_see_the_ui_only_when_that_is_asked_for(host: str) -> None:
    with pytest.raises(CdpError, match="--open-to-network"):
        refuse_others(host, allowed=False)
    refuse_others(host, allowed=True)


def test_the_refusal_comes_before_anything_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "home"))
    result = click.testing.CliRunner().invoke(up, ["--host", "0.0.0.0"])  # noqa: S104 - what is refused
    assert isinstance(result.exception, CdpError)
    assert not (tmp_path / "home").exists()


def test_a_port_that_was_asked_for_and_is_taken_is_refused(taken: int) -> None:
    with pytest.raises(CdpError, match=f"--port {taken}"):
        choose_port("127.0.0.1", taken, print)


def test_a_taken_default_port_gives_way_to_a_free_one(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdp_assets.cli.ports.DEFAULT_PORT", taken)
    chosen = choose_port("127.0.0.1", None, print)
    assert chosen not in (taken, DEFAULT_PORT)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:3000"),
        ("0.0.0.0", "http://127.0.0.1:3000"),  # noqa: S104 - a container's
        ("::", "http://[::1]:3000"),
        ("localhost", "http://localhost:3000"),
    ],
)
def test_the_address_is_one_that_this_machine_can_open(host: str, url: str) -> None:
    assert Ports(host, 3000, None).url == url


def test_sockets_are_in_a_folder_of_this_user_alone_and_old_ones_go(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    first = socket_folder(home)
    (first / "code.sock").touch()
    assert socket_folder(home) == first == home.root / "run"
    assert list(first.iterdir()) == []
    assert stat.S_IMODE(first.stat().st_mode) == 0o700


def test_a_deep_home_has_its_sockets_elsewhere(tmp_path: Path) -> None:
    folder = socket_folder(Home(tmp_path / ("x" * LONGEST_SOCKET_FOLDER)))
    try:
        assert len(str(folder)) <= LONGEST_SOCKET_FOLDER
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        folder.rmdir()


def test_the_workspace_names_the_code_servers_socket(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    ports = Ports("127.0.0.1", 3000, 15002)
    programs = {
        one.name: one for one in platform(home, tmp_path / "run", ports, "some.module", "1g", lambda: lambda: None)
    }
    server = yaml.safe_load((home.dagster / "workspace.yaml").read_text())["load_from"][0]["grpc_server"]
    assert server == {"socket": str(tmp_path / "run" / "code.sock"), "location_name": "production"}
    assert server["socket"] in programs["code"].command
    assert list(programs["spark"].command)[-2:] == ["--port", "15002"]
    assert list(programs) == ["spark", "code", "web", "daemon"]
    assert all(set(one.after) <= set(programs) for one in programs.values())


def test_nothing_is_reported_to_anybody(tmp_path: Path) -> None:
    environment = child_environment(Home(tmp_path), tmp_path)
    assert environment["DAGSTER_DISABLE_TELEMETRY"]
    settings = yaml.safe_load((Path(__file__).parents[3] / "infra" / "dagster.yaml").read_text())
    assert settings["telemetry"] == {"enabled": False}
    assert settings["nux"] == {"enabled": False}


def test_an_apply_that_was_cut_off_is_told_at_the_start(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db")
    said: list[str] = []
    tell_unfinished(state, said.append)
    assert said == []
    with state.write() as conn:
        environments.get_or_create(conn, PRODUCTION)
        facts = {"plan_id": "p", "plan": {}, "options": {}, "fence": 1, "began_by": "ann"}
        applies.begin(conn, "a", environment=PRODUCTION, **facts)
    tell_unfinished(state, said.append)
    (line,) = said
    assert line.startswith("production: an apply of ann is building")
    assert "cdp apply --recover" in line


def test_help_names_every_option_and_an_example() -> None:
    text = click.testing.CliRunner().invoke(up, ["--help"]).output
    for word in ("--port", "--spark-port", "--host", "--open-to-network", "--quiet", "Examples"):
        assert word in text
