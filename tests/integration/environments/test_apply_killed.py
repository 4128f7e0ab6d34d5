"""An apply is killed at everything that it does to the world: readers see the old production or the new one."""

from __future__ import annotations

import abc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import pytest
import sqlalchemy as sa

from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.apply import Options, apply_plan, recover
from cdp_assets.environments.plan import Plan, read_plan
from cdp_assets.environments.revision import active_tenant
from cdp_assets.errors import LockedError
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION
from cdp_assets.state import applies, environments, leases, tables
from cdp_assets.state.database import now
from tests.integration.environments.shop import SQL, Shop, View
from tests.postgres import PostgresServer

STEPS = {"sqlite": 13, "postgres": 29}
"""How many points are left out between two in an ordinary test, more where each takes longer; none in the long one."""

BEFORE_THE_END = 3
"""How many points are left when the new tables are there and the apply is still open."""


class Scene:
    """A shop with a promotion planned that reuses some tables and builds others; copies of it are killed."""

    def __init__(self, root: Path, kind: str, server: PostgresServer | None) -> None:
        self.root, self.server = root, server
        self.database = server.new_database().rpartition("/")[2] if server is not None else ""
        self.kind = kind
        shop = Shop(root / "first", self._where(root / "first", self.database))
        shop.set_up()
        _git(shop.root)
        shop.make_sandbox()
        shop.edit(SQL, "c.gender,", "c.gender,\n  UPPER(c.state) AS region,", sandbox=True)
        shop.edit("stitch.yaml", "threshold: 3", "threshold: 4", sandbox=True)
        shop.apply_sandbox()
        shop.publish(_sandbox())
        shop.edit("feeds/pos_shoppers.yaml", "description: ", "description: now ")
        shop.apply_files()
        _git(shop.root)
        shop.publish(PRODUCTION)  # a later version of every table: the sandbox's lag behind, and are caught up
        self.plan: Plan = shop.promotion()
        (root / "first" / "plan.json").write_text(json.dumps(self.plan.to_json()))
        self.old = shop.view()
        shop.state.engine.dispose()
        self._count = 0
        self.refused: set[str] = set()
        """How second applies were refused while another was under way."""
        self._nursery = Nursery()

    def close(self) -> None:
        """Leave nothing."""
        self._nursery.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def _where(self, folder: Path, database: str) -> str:
        return str(folder / "state.db") if self.server is None else self.server.url(database)

    def copy(self) -> tuple[Shop, list[str]]:
        """Give a copy of everything, and the child's arguments for it."""
        self._count += 1
        folder = self.root / f"copy{self._count}"
        shutil.copytree(self.root / "first", folder, symlinks=True)
        database = ""
        if self.server is not None:
            database = f"{self.database}_{self._count}"
            with self.server.connect("postgres") as connection:
                connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{self.database}"')
        where = self._where(folder, database)
        return Shop(folder, where), [str(folder), where, str(folder / "plan.json")]

    def killed(self, at: int) -> tuple[Shop, str]:
        """Apply in a child that is killed at its n-th effect; give the shop, and what the child said if it was not."""
        shop, arguments = self.copy()
        with Watcher(shop, self) as watcher, Rival(shop) as rival:
            code, said = self._nursery.apply([*arguments, str(at)])
        assert code in (0, -signal.SIGKILL), said
        assert not watcher.strange, watcher.strange
        assert rival.refused <= {"LockedError", "StalePlanError", "PlanRefusedError"}, rival.refused
        self.refused |= rival.refused
        return shop, said


class Nursery:
    """A process that forks those that apply."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.environments.apply_child"],
            env=os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def apply(self, arguments: list[str]) -> tuple[int, str]:
        """Give how a child ended that was given these arguments, and what it said."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        code, said = json.loads(self._process.stdout.readline())
        return code, said

    def close(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=10)


class Beside(abc.ABC):
    """Somebody who does something with a shop, on connections of their own, as long as the block runs."""

    def __init__(self, shop: Shop) -> None:
        self._shop = Shop(shop.root, shop.state.engine.url.render_as_string(hide_password=False))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._shop.state.engine.dispose()

    @abc.abstractmethod
    def _run(self) -> None:
        """Work until `_stop` is set."""


class Rival(Beside):
    """Somebody who applies the same plan again and again while another does, and must always be refused."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self._plan = read_plan(json.loads((shop.root / "plan.json").read_text()))
        self.refused: set[str] = set()

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            with self._shop.state.read() as conn:
                is_under_way = bool(leases.held(conn))
            if is_under_way:
                self.refused.add(self._refusal())

    def _refusal(self) -> str:
        try:
            apply_plan(self._shop.state, self._plan, "cleo", Options(), self._shop.ports())
        except Exception as error:  # noqa: BLE001 - the test says which may come
            return type(error).__name__
        return "not refused"


class Watcher(Beside):
    """A reader in a loop while an apply is under way."""

    def __init__(self, shop: Shop, scene: Scene) -> None:
        super().__init__(shop)
        self._scene = scene
        self.strange: list[View] = []

    def _run(self) -> None:
        seen: set[tuple[str | None, int | None]] = set()
        while not self._stop.wait(0.01):
            if self._shown() in seen:
                continue
            view = self._shop.view()
            if view != self._scene.old and self._shop.mixed(view):
                self.strange.append(view)
            seen.add((view.revision, view.publication))

    def _shown(self) -> tuple[str | None, int | None]:
        """Look whether there is anything new to see: a row, where a view is a row for each table."""
        with self._shop.state.read() as conn:
            now = environments.get(conn, PRODUCTION)
        return (now.revision_id, now.publication_id) if now else (None, None)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else None
    made = Scene(tmp_path_factory.mktemp("killed"), request.param, server)
    yield made
    made.close()


def _sandbox() -> str:
    from tests.integration.environments.shop import SANDBOX

    return SANDBOX


def _git(root: Path) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "tenant_config"], [*who, "commit", "-qm", "as applied"]):
        subprocess.run(("git", "-C", str(root), *command), check=True, capture_output=True)  # noqa: S607


def test_the_scene_reuses_and_builds(scene: Scene) -> None:
    """Otherwise the kills below would show little."""
    actions = {one.action for one in scene.plan.tables}
    assert "catch_up" in actions
    assert scene.plan.files


def test_killed_anywhere_production_is_the_old_or_the_new_and_recovery_settles_it(scene: Scene) -> None:
    shop, said = scene.killed(0)
    total = int(said)
    assert total >= 20
    new = shop.view()
    assert new != scene.old
    assert not shop.mixed(new)
    some = range(1, total + 1, STEPS[scene.kind])
    outcomes = {_after_a_kill(scene, at, new) for at in (*some, total - BEFORE_THE_END)}
    assert {"withdrawn", "finished", None} <= outcomes
    assert "LockedError" in scene.refused, "a second apply was tried meanwhile"


@pytest.mark.long
def test_killed_at_every_single_point(scene: Scene) -> None:
    shop, said = scene.killed(0)
    new = shop.view()
    for at in range(1, int(said) + 1):
        _after_a_kill(scene, at, new)


def _after_a_kill(scene: Scene, at: int, new: View) -> str | None:
    shop, said = scene.killed(at)
    assert not said, f"not killed at {at}"
    left = shop.view()
    assert left == scene.old or left.revision == new.revision, at
    assert not shop.mixed(left), at
    _expire_leases(shop)
    done = recover(shop.state, PRODUCTION, "ben", shop.ports())
    settled = shop.view()
    assert settled == left, at
    if settled == scene.old:
        plan = read_plan(json.loads((shop.root / "plan.json").read_text()))
        apply_plan(shop.state, plan, "ben", Options(), shop.ports())
        settled = shop.view()
    _is_whole(shop, settled, new, at)
    shop.state.engine.dispose()
    shutil.rmtree(shop.root)
    return done


def _is_whole(shop: Shop, view: View, new: View, at: int) -> None:
    assert view.revision == new.revision, at
    assert view.entries.keys() == new.entries.keys(), at
    assert not shop.mixed(view), at
    active = active_tenant(shop.state, PRODUCTION)
    assert active is not None
    assert load_tenant(shop.config) == active[1], at
    status = ["git", "-C", str(shop.root), "status", "--porcelain", "tenant_config"]
    assert subprocess.run(status, check=True, capture_output=True, text=True).stdout == "", at
    with shop.state.read() as conn:
        assert applies.find_open(conn, PRODUCTION) is None, at


def _expire_leases(shop: Shop) -> None:
    """Let the minute pass after which a dead holder's lease ends."""
    with shop.state.write() as conn:
        conn.execute(sa.update(tables.lease).values(expires_at=now()))


def test_of_two_applies_at_once_one_wins_and_the_other_says_why(scene: Scene) -> None:
    shop, arguments = scene.copy()
    nurseries = [Nursery(), Nursery()]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda nursery: nursery.apply([*arguments, "0"]), nurseries))
    for nursery in nurseries:
        nursery.close()
    assert sorted(code for code, _ in results) == [0, 1]
    (loser,) = [said for code, said in results if code]
    assert "LockedError" in loser or "StalePlanError" in loser or "PlanRefusedError" in loser
    assert not shop.mixed(shop.view())


def test_a_process_that_was_taken_over_cannot_swap_any_more(scene: Scene) -> None:
    """It hung, its lease ended, somebody recovered: then it wakes up."""
    shop, _ = scene.copy()
    plan = read_plan(json.loads((shop.root / "plan.json").read_text()))
    ports = shop.ports()

    class Hangs:
        def build(self, apply_id: str, staged: object) -> None:
            assert ports.builder is not None
            ports.builder.build(apply_id, staged)  # type: ignore[arg-type]
            _expire_leases(shop)
            assert recover(shop.state, PRODUCTION, "ben", ports) == "withdrawn"

    hung = type(ports)(builder=Hangs(), projections=ports.projections, before=ports.before)
    with pytest.raises(LockedError, match="taken over"):
        apply_plan(shop.state, plan, "ann", Options(), hung)
    assert shop.view() == scene.old
