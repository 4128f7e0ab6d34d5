"""What a running `cdp up` leaves for other commands: that it runs, where, and how to tell it of an apply."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import logging
import os
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cdp_assets.errors import LockedError
from cdp_assets.home import Home
from cdp_assets.output import write_whole

logger = logging.getLogger(__name__)

STOPPING_WAIT_S = 40.0
RELOAD_TIMEOUT_S = 90.0
RELOAD = """
mutation Reload($location: String!) {
  reloadRepositoryLocation(repositoryLocationName: $location) {
    __typename
    ... on WorkspaceLocationEntry { locationOrLoadError { __typename ... on PythonError { message } } }
    ... on UnauthorizedError { message }
    ... on PythonError { message }
  }
}
"""


@dataclass(frozen=True)
class Running:
    """One `cdp up`: its process and where its webserver listens."""

    pid: int
    url: str


def _facts(home: Home) -> Path:
    return home.root / "up.json"


def running(home: Home) -> Running | None:
    """Give the `cdp up` of this home, or nothing when none runs; the file of one that was killed does not count."""
    try:
        found = Running(**json.loads(_facts(home).read_text()))
        with (home.root / "up.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return found if _is_alive(found.pid) else None
    except (OSError, ValueError, TypeError):
        return None
    return None


def ui_address(home: Home) -> str | None:
    """Give where people open the UI: CDP_UI_URL where it is set, else that of the `cdp up` of this home."""
    there = running(home)
    return os.environ.get("CDP_UI_URL") or (there.url if there else None)


def announce(home: Home, url: str) -> None:
    """Let other commands find this `cdp up`."""
    write_whole(_facts(home), json.dumps(asdict(Running(os.getpid(), url))))


@contextlib.contextmanager
def only_one(home: Home, say: Callable[[str], None]) -> Iterator[int]:
    """Hold the home's lock and give its descriptor, for guards to hold on to as well.

    Raises LockedError naming the one that runs. Where one was killed, waits until its guards have ended
    everything that it had started.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    with (home.root / "up.lock").open("a") as lock:
        deadline, told = time.monotonic() + STOPPING_WAIT_S, False
        while not _locks(lock.fileno()):
            if (other := running(home)) is not None:
                raise LockedError(
                    f"The platform already runs: process {other.pid}, {other.url}. "
                    "Expected to be the only one of this home; stop it there with Ctrl-C, or use it."
                )
            if time.monotonic() > deadline:
                raise LockedError(f"{lock.name} is held by another process. Expected nothing to run in this home.")
            if not told:
                say("Waiting for what an earlier `cdp up` started to end …")
                told = True
            time.sleep(0.2)
        try:
            yield lock.fileno()
        finally:
            _facts(home).unlink(missing_ok=True)


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def reload_location(home: Home, location: str) -> bool:
    """Let a running platform load a location's active revision; say whether one runs and has done so.

    What is active is decided before this is called: a failure is a warning, and doing it again is harmless.
    """
    there = running(home)
    if there is None:
        return False
    try:
        answer = ask(there.url, "/graphql", {"query": RELOAD, "variables": {"location": location}}, RELOAD_TIMEOUT_S)
        problem = _problem(answer)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        problem = type(error).__name__
    if problem:
        logger.warning(
            "The running platform did not reload %s (%s). Reload it in the UI, under Deployment, or restart `cdp up`.",
            location,
            problem,
        )
    return not problem


LOCATIONS = "{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus } } } }"
LOCATION_WAIT_S = 90.0


def wait_for_location(home: Home, location: str) -> bool:
    """Wait until a running platform shows a code location; say whether one runs and does."""
    there = running(home)
    deadline = time.monotonic() + LOCATION_WAIT_S
    while there is not None and time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            entries = ask(there.url, "/graphql", {"query": LOCATIONS}, 10)["data"]["workspaceOrError"][
                "locationEntries"
            ]
            if any((entry["name"], entry["loadStatus"]) == (location, "LOADED") for entry in entries):
                return True
        time.sleep(0.5)
        there = running(home)
    return False


def _problem(answer: Any) -> str:
    """Name what went wrong in GraphQL's answer; empty when the location is loaded."""
    if "errors" in answer:
        return "the webserver refused the question"
    result = answer["data"]["reloadRepositoryLocation"]
    loaded = result.get("locationOrLoadError") or result
    return "" if loaded["__typename"] == "RepositoryLocation" else str(loaded.get("message") or loaded["__typename"])


def ask(url: str, path: str, body: object, timeout_s: float) -> Any:
    """Give the JSON that a webserver answers; asked directly, since a proxy is not for this machine."""
    there = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=timeout_s)
    with contextlib.closing(connection):
        if body is None:
            connection.request("GET", path)
        else:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return json.load(connection.getresponse())
