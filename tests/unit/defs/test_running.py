"""One `cdp up` for a home, found by other commands, and told when a revision has become active."""

from __future__ import annotations

import http.server
import json
import logging
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdp_assets.defs import running as module
from cdp_assets.defs.running import Running, announce, only_one, reload_location, running, ui_address
from cdp_assets.errors import LockedError
from cdp_assets.home import REPOSITORY, Home
from tests.unit.cli.processes import python

LOADED = {
    "data": {
        "reloadRepositoryLocation": {
            "__typename": "WorkspaceLocationEntry",
            "locationOrLoadError": {"__typename": "RepositoryLocation"},
        }
    }
}
BROKEN = {
    "data": {
        "reloadRepositoryLocation": {
            "__typename": "WorkspaceLocationEntry",
            "locationOrLoadError": {"__typename": "PythonError", "message": "no such table"},
        }
    }
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start a process that holds the home, as `cdp up` does."""
    started: list[subprocess.Popen[str]] = []

    def start(announced: str) -> subprocess.Popen[str]:
        text = f"""
from pathlib import Path
from cdp_assets.defs.running import announce, only_one
from cdp_assets.home import Home
home = Home(Path({str(tmp_path)!r}))
with only_one(home, print):
    {announced}
    print("holds", flush=True)
    input()
"""
        process = subprocess.Popen(
            python(text),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_nothing_runs_in_an_empty_home(home: Home) -> None:
    assert running(home) is None
    assert not reload_location(home, "production")


def test_another_process_finds_the_one_that_runs_and_a_second_is_refused_by_name(
    home: Home, platform: Callable[[str], subprocess.Popen[str]]
) -> None:
    process = platform('announce(home, "http://127.0.0.1:3456")')
    assert running(home) == Running(process.pid, "http://127.0.0.1:3456")
    with pytest.raises(LockedError, match=rf"process {process.pid}, http://127\.0\.0\.1:3456"), only_one(home, print):
        pass
    process.communicate("\n")
    assert running(home) is None
    with only_one(home, print):
        pass


def test_what_a_killed_one_left_behind_does_not_count(
    home: Home, platform: Callable[[str], subprocess.Popen[str]]
) -> None:
    process = platform('announce(home, "http://127.0.0.1:3456")')
    process.kill()
    process.wait()
    assert (home.root / "up.json").exists()
    assert running(home) is None


def test_a_home_whose_guards_still_work_is_waited_for(
    home: Home, platform: Callable[[str], subprocess.Popen[str]]
) -> None:
    process = platform("pass")  # holds the lock and has not announced itself, like a guard
    said: list[str] = []
    threading.Timer(0.5, lambda: process.communicate("\n")).start()
    with only_one(home, said.append):
        pass
    assert said == ["Waiting for what an earlier `cdp up` started to end …"]


def test_a_lock_that_stays_held_is_an_error(
    home: Home, platform: Callable[[str], subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform("pass")
    monkeypatch.setattr(module, "STOPPING_WAIT_S", 0.3)
    with pytest.raises(LockedError, match=r"up\.lock is held"), only_one(home, print):
        pass


@pytest.fixture
def webserver() -> Iterator[Callable[[Any], tuple[str, list[Any]]]]:
    """Answer GraphQL with a fixed answer, and keep the questions."""
    servers: list[http.server.HTTPServer] = []

    def start(answer: Any) -> tuple[str, list[Any]]:
        asked: list[Any] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_an_apply_reloads_the_location_of_the_one_that_runs(
    home: Home, webserver: Callable[[Any], tuple[str, list[Any]]]
) -> None:
    url, asked = webserver(LOADED)
    with only_one(home, print):
        announce(home, url)
        assert reload_location(home, "production")
    path, body = asked[0]
    assert path == "/graphql"
    assert body["variables"] == {"location": "production"}


@pytest.mark.parametrize(
    ("answer", "reason"), [(BROKEN, "no such table"), ({"errors": []}, "refused"), ([], "TypeError"), ({}, "KeyError")]
)
def test_a_reload_that_fails_is_a_warning(
    answer: Any,
    reason: str,
    home: Home,
    webserver: Callable[[Any], tuple[str, list[Any]]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    url, _ = webserver(answer)
    with only_one(home, print), caplog.at_level(logging.WARNING):
        announce(home, url)
        assert not reload_location(home, "production")
    assert reason in caplog.text


def test_a_webserver_that_is_away_is_a_warning(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    with only_one(home, print), caplog.at_level(logging.WARNING):
        announce(home, "http://127.0.0.1:1")
        assert not reload_location(home, "production")
    assert "ConnectionRefusedError" in caplog.text


def test_links_lead_to_the_ui_that_people_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a setting names goes before where `cdp up` listens; where neither is, there is no link."""
    home = Home(tmp_path)
    monkeypatch.delenv("CDP_UI_URL", raising=False)
    assert ui_address(home) is None
    with only_one(home, print):
        announce(home, "http://127.0.0.1:3000")
        assert ui_address(home) == "http://127.0.0.1:3000"
        monkeypatch.setenv("CDP_UI_URL", "https://cdp.acme.example")
        assert ui_address(home) == "https://cdp.acme.example"
