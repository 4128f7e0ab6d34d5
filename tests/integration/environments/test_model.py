"""Random edits, sandboxes, pulls, promotions and rollbacks agree with a model of a few lines, step by step."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant_files import texts_of
from cdp_assets.environments.apply import Options, Ports, apply_plan, plan_of
from cdp_assets.environments.files import write_files
from cdp_assets.environments.merge import merge
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.promotion import promotion_plan
from cdp_assets.environments.revision import active_tenant
from cdp_assets.environments.rollback import rollback_plan
from cdp_assets.environments.sandboxes import create, delete, pull, resolve, three_sides
from cdp_assets.errors import ConflictsError
from cdp_assets.names import PRODUCTION, sandbox_environment
from cdp_assets.state import sandboxes
from cdp_assets.state.database import State

Model = dict[str, dict[str, str]]
"""Table -> its fields. What the whole machinery is compared with."""
TABLES = ("t1", "t2", "t3")
FIELDS = {
    "description": ("", "one", "two", "three: # no comment"),
    "sql": ("SELECT 1 AS a", "SELECT 2 AS a", "SELECT 3 AS a, 4 AS b"),
}
NAMES = ("x", "y-1")
CLASH = object()


def merged(base: Model, ours: Model, theirs: Model, prefer: Model | None = None) -> Model | None:
    """Merge as the documents say, in the simplest way: table by table, field by field; None for a conflict.

    With `prefer`, one of the two sides, that side's value is taken where they conflict.
    """
    found: Model = {}
    for table in TABLES:
        value = _one(base.get(table), ours.get(table), theirs.get(table))
        if value is CLASH and all(table in side for side in (base, ours, theirs)):
            value = {name: _one(base[table][name], ours[table][name], theirs[table][name]) for name in FIELDS}
            if prefer is not None:
                value = {name: prefer[table][name] if one is CLASH else one for name, one in value.items()}
            value = CLASH if CLASH in value.values() else value
        if value is CLASH:
            if prefer is None:
                return None
            value = prefer.get(table)
        if value is not None:
            found[table] = value
    return found


def _one(base: Any, ours: Any, theirs: Any) -> Any:
    if ours == theirs or base == theirs:
        return ours
    return theirs if base == ours else CLASH


class Machine(RuleBasedStateMachine):
    """An engineer who does anything at any time."""

    @initialize()
    def set_up(self) -> None:
        """Begin with one table."""
        self.root = Path(tempfile.mkdtemp())
        self.config, self.folder = self.root / "tenant_config", self.root / "sandboxes"
        self.state = State.open(self.root / "state.db")
        head = {"tenant.yaml": "id: m\nname: M  # kept\n", "databases/d/database.yaml": "description: d\n"}
        write_files(self.config, head)
        self.production: Model = {}
        self.history: list[Model] = []
        self.bases: dict[str, Model] = {}
        self.own: dict[str, Model] = {}
        self.files = {PRODUCTION: self.config}
        self.edit(PRODUCTION, "t1", "description", "one")

    def teardown(self) -> None:
        """Leave nothing."""
        if hasattr(self, "root"):
            self.state.engine.dispose()
            shutil.rmtree(self.root)

    def edit(self, where: str, table: str, field: str, value: str | None) -> None:
        """Change one field on disk and in the model, or remove the table; then apply."""
        model = self.production if where == PRODUCTION else self.own[where]
        changed = {name: dict(fields) for name, fields in model.items()}
        if value is None:
            changed.pop(table, None)
        else:
            changed.setdefault(table, {"description": "", "sql": "SELECT 1 AS a"})[field] = value
        self.write(where, table, changed.get(table))
        self.apply(where)
        if where == PRODUCTION:
            self.remember(changed)
        else:
            self.own[where] = changed

    def remember(self, model: Model) -> None:
        """Note what production is; nothing new is no apply."""
        if model != self.production or not self.history:
            self.production = model
            self.history.append(model)

    def write(self, where: str, table: str, fields: dict[str, str] | None) -> None:
        """Write a table as an engineer would: YAML with a comment, SQL beside it."""
        folder = self.files[where] / "databases" / "d"
        paths = folder / f"{table}.yaml", folder / f"{table}.sql"
        if fields is None:
            for path in paths:
                path.unlink(missing_ok=True)
            return
        text = yaml.safe_dump({"mode": "sql", "description": fields["description"]})
        paths[0].write_text(f"# {where}\n{text}")
        paths[1].write_text(fields["sql"] + "\n")

    def ports(self) -> Ports:
        """Only files follow."""
        return Ports(projections={"files": lambda found: write_files(self.config, plan_of(found).files)})

    def apply(self, where: str) -> None:
        """Plan and apply what the files say."""
        plan = make_plan(self.state, load_tenant(self.files[where]), where, user="ann")
        apply_plan(self.state, plan, "ann", Options(files=texts_of(self.files[where])), self.ports())

    @rule(table=st.sampled_from(TABLES), data=st.data())
    def edit_production(self, table: str, data: st.DataObject) -> None:
        """Production is edited directly."""
        field = data.draw(st.sampled_from(sorted(FIELDS)))
        self.edit(PRODUCTION, table, field, data.draw(st.sampled_from((*FIELDS[field], None))))

    @precondition(lambda self: self.own)
    @rule(table=st.sampled_from(TABLES), data=st.data())
    def edit_sandbox(self, table: str, data: st.DataObject) -> None:
        """A sandbox is edited."""
        field = data.draw(st.sampled_from(sorted(FIELDS)))
        where = data.draw(st.sampled_from(sorted(self.own)))
        self.edit(where, table, field, data.draw(st.sampled_from((*FIELDS[field], None))))

    @rule(name=st.sampled_from(NAMES))
    def make(self, name: str) -> None:
        """A sandbox is made of production as it is."""
        where = sandbox_environment(name)
        if where not in self.own:
            create(self.state, self.folder, name, user="ann", texts=texts_of(self.config))
            self.files[where] = self.folder / name
            self.own[where] = self.bases[where] = self.production

    @precondition(lambda self: self.own)
    @rule(data=st.data())
    def pull(self, data: st.DataObject) -> None:
        """Production's changes come into a sandbox; where they conflict, a side is chosen first, for every place."""
        where = data.draw(st.sampled_from(sorted(self.own)))
        expected = merged(self.bases[where], self.own[where], self.production)
        if expected is None:
            with pytest.raises(ConflictsError):
                self.pull_files(where)
            take = data.draw(st.sampled_from(("sandbox", "production")))
            self.resolve(where, take)
            prefer = self.own[where] if take == "sandbox" else self.production
            expected = merged(self.bases[where], self.own[where], self.production, prefer)
        assert expected is not None
        self.pull_files(where)
        self.apply(where)
        self.own[where], self.bases[where] = expected, self.production

    def pull_files(self, where: str) -> None:
        """Merge production's changes into a sandbox's files."""
        with self.state.read() as conn:
            found = sandboxes.get(conn, where)
        pull(self.state, self.files[where], found, load_tenant(self.files[where]), user="ann")

    def resolve(self, where: str, take: str) -> None:
        """Record the same choice for every place where a sandbox and production disagree."""
        with self.state.read() as conn:
            found = sandboxes.get(conn, where)
        base, production, own = three_sides(self.state, found)
        for conflict in merge(base, production, own).conflicts:
            tenant = load_tenant(self.files[where])
            resolve(self.state, self.files[where], found, tenant, conflict.place, take)

    @precondition(lambda self: self.own)
    @rule(data=st.data())
    def promote(self, data: st.DataObject) -> None:
        """A sandbox's changes come to production, or conflict."""
        where = data.draw(st.sampled_from(sorted(self.own)))
        expected = merged(self.bases[where], self.production, self.own[where])
        with self.state.read() as conn:
            found = sandboxes.get(conn, where)
        plan = promotion_plan(self.state, found, self.files[where], self.config, user="ann")
        assert bool(plan.open_conflicts) == (expected is None)
        if expected is None:
            with pytest.raises(ConflictsError):
                apply_plan(self.state, plan, "ann", Options(), self.ports())
            return
        assert plan.is_empty == (expected == self.production)
        apply_plan(self.state, plan, "ann", Options(files=texts_of(self.config)), self.ports())
        self.remember(expected)

    @precondition(lambda self: len(self.history) > 1)
    @rule()
    def rollback(self) -> None:
        """Production goes back by one."""
        plan = rollback_plan(self.state, PRODUCTION, self.config, user="ann")
        apply_plan(self.state, plan, "ann", Options(), self.ports())
        self.remember(self.history[-2])

    @precondition(lambda self: self.own)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """A sandbox goes; its name may come again."""
        where = data.draw(st.sampled_from(sorted(self.own)))
        with self.state.read() as conn:
            found = sandboxes.get(conn, where)
        delete(self.state, self.files.pop(where), found, user="ann")
        del self.own[where], self.bases[where]

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        """State and files, production and sandboxes."""
        if not hasattr(self, "root"):
            return
        for where, model in {PRODUCTION: self.production, **self.own}.items():
            active = active_tenant(self.state, where)
            assert active is not None
            assert _model(active[1]) == model, where
            assert load_tenant(self.files[where]) == active[1], where
            assert make_plan(self.state, active[1], where).is_empty


def _model(tenant: Any) -> Model:
    tables = tenant.databases["d"].tables.values()
    return {one.name: {"description": one.description, "sql": one.sql.strip()} for one in tables}


QUICK = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
TestModel = Machine.TestCase
TestModel.settings = settings(max_examples=8, stateful_step_count=25, **QUICK)  # type: ignore[arg-type]


@pytest.mark.long
class TestModelLong(Machine.TestCase):  # type: ignore[misc]
    """Thousands of steps."""

    settings = settings(max_examples=100, stateful_step_count=50, **QUICK)  # type: ignore[arg-type]
