"""Programs are kept running, given up when hopeless, and all ended whatever happens to their supervisor."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest

from cdp_assets.cli import child as child_module
from cdp_assets.cli.child import GaveUpError, Program
from cdp_assets.cli.logs import LogView
from cdp_assets.cli.supervise import Supervisor
from cdp_assets.home import REPOSITORY
from tests.unit.cli.processes import (
    FAMILY,
    FAMILY_SIZE,
    STUBBORN,
    WAITS,
    alive,
    descendants,
    eventually,
    program,
    python,
)


class Stage:
    """A supervisor in this process, ended by a real signal to it."""

    def __init__(self, folder: Path, *programs: Program) -> None:
        self.out = StringIO()
        self.logs = folder / "logs"
        self._lock = (folder / "lock").open("w")
        names = [one.name for one in programs]
        self.view = LogView([*names, "cdp"], self.out)
        self.supervisor = Supervisor(programs, self.view, self.logs, self._lock.fileno())

    def pid(self, name: str) -> int | None:
        """Give a program's process id, when it runs."""
        process = self.supervisor.children[name].process
        return process.pid if process else None

    def play(self, scene: Callable[[], None]) -> None:
        """Run; play the scene in a thread once all programs are ready; then stop by SIGINT."""

        def act() -> None:
            try:
                scene()
            finally:
                os.kill(os.getpid(), signal.SIGINT)

        with ThreadPoolExecutor(1) as actor:
            played: list[Future[None]] = []
            self.supervisor.run(lambda _: played.append(actor.submit(act)))
            played[0].result()

    def close(self) -> None:
        """Close the lock."""
        self._lock.close()


@pytest.fixture
def stages(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Make stages, and close them."""
    made: list[Stage] = []

    def make(*programs: Program) -> Stage:
        made.append(Stage(tmp_path, *programs))
        return made[-1]

    yield make
    for stage in made:
        stage.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start again at once."""
    monkeypatch.setattr(child_module, "FIRST_WAIT_S", 0.05)
    monkeypatch.setattr(child_module, "ELSEWHERE_WAIT_S", 0.2)
    monkeypatch.setattr(child_module, "LOOK_READY_S", 0.1)
    monkeypatch.setattr(child_module, "LOOK_STARTING_S", 0.1)


@pytest.mark.usefixtures("impatient")
def test_a_killed_program_is_started_again_and_its_family_is_not_left(stages: Callable[..., Stage]) -> None:
    stage = stages(program("one", FAMILY))
    pids: list[int] = []

    def scene() -> None:
        first = stage.pid("one")
        assert first is not None
        assert eventually(lambda: len(descendants(first)) == FAMILY_SIZE - 1)
        pids.extend([first, *descendants(first)])
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: "one is back" in stage.out.getvalue())
        assert stage.pid("one") != first

    stage.play(scene)
    assert len(pids) == FAMILY_SIZE
    assert not alive(pids)
    assert "one ended (SIGKILL)" in stage.out.getvalue()


@pytest.mark.usefixtures("impatient")
def test_a_death_is_looked_into_while_nothing_runs_and_put_in_order_when_all_is_well(
    stages: Callable[..., Stage],
) -> None:
    pids: list[int] = []
    found: list[tuple[bool, int | None]] = []
    back: list[bool] = []

    def when_dead() -> Callable[[], None]:
        found.append((eventually(lambda: not alive(pids), within_s=0.3), stage.pid("one")))
        return lambda: back.append(stage.supervisor.children["one"].ready)

    stage = stages(program("one", FAMILY, when_dead=when_dead))

    def scene() -> None:
        first = stage.pid("one")
        assert first is not None
        assert eventually(lambda: len(descendants(first)) == FAMILY_SIZE - 1)
        pids.extend([first, *descendants(first)])
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: bool(back))

    stage.play(scene)
    assert found == [(True, None)], "once, when nothing of it ran and no other did; not at the end"
    assert back == [True]


@pytest.mark.usefixtures("impatient")
def test_a_hopeless_program_is_given_up_with_the_end_of_its_log_and_the_others_end(
    stages: Callable[..., Stage],
) -> None:
    stage = stages(program("good", WAITS), program("bad", "echo the reason; exit 3"))
    with pytest.raises(GaveUpError, match=r"(?s)bad ended 5 times in a row \(exit status 3\).*the reason.*bad\.log"):
        stage.supervisor.run(lambda _: None)
    assert stage.pid("good") is None
    assert (stage.logs / "bad.log").read_text() == "the reason\n" * 5


def test_the_wait_before_a_start_grows(stages: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "FIRST_WAIT_S", 0.1)
    monkeypatch.setattr(child_module, "MAX_FAILURES", 4)
    stage = stages(program("bad", "exit 3"))
    started = time.monotonic()
    with pytest.raises(GaveUpError):
        stage.supervisor.run(lambda _: None)
    assert re.findall(r"again in (\S+) s", stage.out.getvalue()) == ["0.1", "0.2", "0.4"]
    assert time.monotonic() - started > 0.7


def test_a_program_starts_after_the_one_that_it_needs_and_ends_before_it(stages: Callable[..., Stage]) -> None:
    order: list[str] = []
    stage = stages(
        program("base", "trap 'exit 0' TERM; while :; do sleep 0.05; done", healthy=lambda _: len(order) > 0),
        program("top", WAITS, after=("base",)),
    )

    def watch() -> None:
        assert eventually(lambda: stage.pid("base") is not None)
        time.sleep(0.5)
        order.append("base alone" if stage.pid("top") is None else "both")

    with ThreadPoolExecutor(1) as watcher:
        watched = watcher.submit(watch)
        stage.play(lambda: None)
        watched.result()
    assert order == ["base alone"]


def test_what_others_need_ends_last(stages: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    stage = stages(
        program("base", "trap 'echo end; exit 0' TERM; while :; do sleep 0.05; done"), program("top", FAMILY)
    )
    ended_with: list[bool] = []

    def scene() -> None:
        pid = stage.pid("top")
        assert pid is not None
        assert eventually(lambda: len(descendants(pid)) == FAMILY_SIZE - 1)
        family = [pid, *descendants(pid)]

        def show(_: str, line: str) -> None:
            if line == "end":
                ended_with.append(eventually(lambda: not alive(family), within_s=0.3))

        monkeypatch.setattr(stage.view, "show", show)

    stage.play(scene)
    assert ended_with == [True]


@pytest.mark.usefixtures("impatient")
def test_a_program_that_hangs_is_started_again(stages: Callable[..., Stage]) -> None:
    hung: list[int] = []
    stage = stages(program("one", WAITS, healthy=lambda pid: pid not in hung, patience_s=0.5))

    def scene() -> None:
        first = stage.pid("one")
        assert first is not None
        hung.append(first)
        assert eventually(lambda: stage.pid("one") not in (None, first))
        assert not alive([first])

    stage.play(scene)
    assert "one has not answered" in stage.out.getvalue()


@pytest.mark.usefixtures("impatient")
def test_work_done_elsewhere_is_no_failure_and_is_taken_over(stages: Callable[..., Stage], tmp_path: Path) -> None:
    there = tmp_path / "elsewhere"
    there.touch()
    text = f"if [ -e '{there}' ]; then exit 75; fi; touch '{there}.taken'; exec sleep 60"
    taken = tmp_path / "elsewhere.taken"
    stage = stages(program("one", text, elsewhere=75, healthy=lambda _: taken.exists()))

    def scene() -> None:
        time.sleep(1.0)  # tried again several times meanwhile
        there.unlink()
        assert eventually(lambda: "one is back" in stage.out.getvalue())

    stage.play(scene)
    assert stage.out.getvalue().count("another command of this home") == 1
    assert "ended" not in stage.out.getvalue()


def test_one_signal_gives_the_grace_and_a_second_takes_it_away(stages: Callable[..., Stage]) -> None:
    stage = stages(program("stubborn", STUBBORN, grace_s=30))
    pids: list[int | None] = []
    moments: list[float] = []

    def scene() -> None:
        pids.append(stage.pid("stubborn"))
        time.sleep(0.5)  # until it ignores the signal
        moments.append(time.monotonic())
        threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    stage.play(scene)
    assert 0.5 <= time.monotonic() - moments[0] < 10
    assert not alive([pid for pid in pids if pid])


def test_a_reader_that_goes_away_stops_everything(stages: Callable[..., Stage]) -> None:
    stage = stages(program("one", "while :; do echo x; sleep 0.1; done"))
    pids: list[int | None] = []

    def scene(_: float) -> None:
        pids.append(stage.pid("one"))
        stage.out.close()

    stage.supervisor.run(scene)
    assert not alive([pid for pid in pids if pid])


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_nothing_outlives_a_supervisor(sign: signal.Signals, tmp_path: Path) -> None:
    text = f"""
import os, sys
from pathlib import Path
from cdp_assets.cli.logs import LogView
from cdp_assets.cli.supervise import Supervisor
from tests.unit.cli.processes import FAMILY, STUBBORN, program
lock = open({str(tmp_path / "lock")!r}, "w")
programs = [program("family", FAMILY), program("stubborn", STUBBORN), program("late", FAMILY, after=("family",))]
view = LogView(["family", "stubborn", "late", "cdp"])
Supervisor(programs, view, Path({str(tmp_path / "logs")!r}), lock.fileno()).run(lambda s: view.say("ready"))
"""
    process = subprocess.Popen(
        python(text), cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert any(b"ready" in line for line in process.stdout)
    assert eventually(lambda: len(descendants(process.pid)) == 2 * FAMILY_SIZE + 2)
    pids = descendants(process.pid)
    process.send_signal(sign)
    process.stdout.read()
    process.stdout.close()
    process.wait()
    assert eventually(lambda: not alive(pids))
