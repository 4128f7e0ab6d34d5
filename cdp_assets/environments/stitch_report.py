"""The figures of what is published now about identities, read without Spark."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from cdp_assets.config.catalog import STITCH_IDS, STITCH_TABLES
from cdp_assets.environments.data_diff.compare import ID_COLUMNS
from cdp_assets.environments.data_diff.reading import Side
from cdp_assets.errors import StateError
from cdp_assets.names import TableName
from cdp_assets.state import publications
from cdp_assets.state.database import State
from cdp_assets.state.publications import Publication
from cdp_assets.state.readers import reading
from cdp_assets.stitch.figures.run import NEEDED, READ, Examples, Figures, figures_of
from cdp_assets.stitch.report_page import About

MOST_LISTED = 100
"""The newest publications among which the one before with other ids is looked for."""


def stitch_report(state: State, lake: Path, environment: str, examples: Examples) -> tuple[About, Figures]:
    """Give the figures of the current publication; the janitor keeps it, and the one it is compared with, meanwhile.

    Changes are told against the last publication with another version of the ids. Raises StateError where the
    environment has published nothing, or not what figures need.
    """
    side = Side.current(state, lake, environment)
    before = _before(side.publication, state)
    with contextlib.ExitStack() as stack:
        for publication in (side.publication, *([before] if before else [])):
            stack.enter_context(reading(state, publication.id, "report of identities"))
        found = figures_of(_tables(side), _ids(state, lake, before), examples)
    return About(environment, side.publication.id, side.publication.created_at), found


def _tables(side: Side) -> dict[str, pl.DataFrame]:
    named = {name.name: name for name in STITCH_TABLES if name.name in READ}
    entries = side.publication.entries
    missing = [str(named[name]) for name in NEEDED if named[name] not in entries]
    if missing:
        raise StateError(
            f"{side.environment}: {', '.join(missing)} not published. Expected a run of Stitch to end first."
        )
    return {short: _rows(side, name) for short, name in named.items() if name in entries}


def _rows(side: Side, table: TableName) -> pl.DataFrame:
    entry = side.publication.entries[table]
    return side.rows(entry, list(side.schema(entry)))


def _before(publication: Publication, state: State) -> Publication | None:
    """Give the newest earlier publication with other ids."""
    with state.read() as conn:
        listed = publications.history(conn, publication.environment, MOST_LISTED)
    now = _place(publication)
    return next((one for one in listed if one.id < publication.id and _place(one) not in (None, now)), None)


def _place(publication: Publication) -> tuple[str, int] | None:
    entries: Mapping[TableName, publications.Entry] = publication.entries
    return (entries[STITCH_IDS].path, entries[STITCH_IDS].version) if STITCH_IDS in entries else None


def _ids(state: State, lake: Path, publication: Publication | None) -> pl.DataFrame | None:
    if publication is None:
        return None
    return Side.of(state, lake, publication).rows(publication.entries[STITCH_IDS], ID_COLUMNS)
