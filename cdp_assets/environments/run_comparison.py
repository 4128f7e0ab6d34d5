"""Compares who is who in two publications of one environment: what became of people, and the largest examples."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cdp_assets.config.catalog import STITCH_IDS
from cdp_assets.config.known import nearest_known
from cdp_assets.environments.data_diff.compare import ID_COLUMNS, people
from cdp_assets.environments.data_diff.model import IdentityDiff
from cdp_assets.environments.data_diff.reading import Side, Sides
from cdp_assets.errors import StateError
from cdp_assets.state import publications
from cdp_assets.state.database import State
from cdp_assets.state.publications import Publication
from cdp_assets.state.readers import reading
from cdp_assets.stitch.identity_changes import change_counts

MOST_LISTED = 1000
"""The newest publications among which a run is looked for."""


@dataclass(frozen=True)
class Change:
    """How many people have become something, as `stitch.identity_changes` names it."""

    kind: str
    people_before: int
    people_after: int
    records: int


@dataclass(frozen=True)
class RunComparison:
    """Two publications of one environment, and what became of people between them."""

    environment: str
    before: int
    after: int
    """The publications' numbers."""
    dates: tuple[str, str]
    """Their business dates."""
    changes: tuple[Change, ...]
    identity: IdentityDiff

    def to_json(self) -> dict[str, Any]:
        """Give plain values for `--json`."""
        return {"is_different": self.identity.counts.is_different, **asdict(self)}


def compare_runs(
    state: State, lake: Path, environment: str, first: str | None, second: str | None, examples: int
) -> RunComparison:
    """Compare two publications, each named by its number or its run's id; the janitor keeps both meanwhile.

    Without `second` it is the current one, without `first` the one before `second`. Raises StateError where there is
    no such publication, or one without ids.
    """
    listed = _listed(state, environment)
    after = listed[0] if second is None else _named(listed, environment, second)
    before = _one_before(listed, after) if first is None else _named(listed, environment, first)
    with contextlib.ExitStack() as stack:
        for publication in (before, after):
            publication.entry(STITCH_IDS)
            stack.enter_context(reading(state, publication.id, "comparison of runs"))
        sides = Sides(Side.of(state, lake, before), Side.of(state, lake, after))
        ids = [side.rows(side.publication.entries[STITCH_IDS], ID_COLUMNS) for side in (sides.before, sides.after)]
        changes = tuple(Change(*row) for row in change_counts(*ids).iter_rows())
        dates = before.business_date.isoformat(), after.business_date.isoformat()
        return RunComparison(environment, before.id, after.id, dates, changes, people(sides, examples))


def _listed(state: State, environment: str) -> list[Publication]:
    with state.read() as conn:
        found = publications.history(conn, environment, MOST_LISTED)
    if not found:
        raise StateError(f"{environment}: nothing is published yet. Expected a run of all tables to end first.")
    return found


def _named(listed: Sequence[Publication], environment: str, name: str) -> Publication:
    """Give the publication of this number, or of the run whose id begins so."""
    for one in listed:
        if str(one.id) == name or one.run_id == name:
            return one
    begun = [one for one in listed if one.run_id.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    problem = "several runs begin so" if begun else "no such publication or run"
    known = [text for one in listed for text in (str(one.id), one.run_id)]
    raise StateError(
        f"{environment}, {name}: {problem}. Expected {nearest_known(name, known)}; `cdp history` lists them."
    )


def _one_before(listed: Sequence[Publication], after: Publication) -> Publication:
    earlier = [one for one in listed if one.id < after.id]
    if not earlier:
        raise StateError(
            f"{after.environment}: publication {after.id} is the first. Expected two runs to compare: run the job "
            "again once records, settings or labels have changed."
        )
    return earlier[0]
