"""Drafts of queries in a tenant's files: one beside an active query, and what puts it in that one's place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cdp_assets.config.yaml_edit import edited
from cdp_assets.config.yaml_file import Loader
from cdp_assets.errors import ConfigError
from cdp_assets.names import is_name
from cdp_assets.output import write_whole

ENDING = "_draft"


@dataclass(frozen=True)
class QueryFiles:
    """The two files of one query in a tenant's folder."""

    folder: Path
    name: str

    @property
    def settings(self) -> Path:
        """Where its settings stand."""
        return self.folder / "queries" / f"{self.name}.yaml"

    @property
    def sql(self) -> Path:
        """Where its SQL stands."""
        return self.settings.with_suffix(".sql")

    @property
    def values(self) -> dict[str, Any]:
        """What its settings say."""
        found: dict[str, Any] = yaml.load(self.settings.read_text(encoding="utf-8"), Loader=Loader) or {}  # noqa: S506
        return found


def draft(folder: Path, name: str) -> Path:
    """Copy an active query to a draft beside it, comments and all; give the file of its SQL.

    Raises ConfigError for a query that is absent or a draft itself, and for one that has a draft.
    """
    active, beside = _known(folder, name), QueryFiles(folder, name + ENDING)
    if active.values.get("status", "active") != "active":
        raise ConfigError(f"queries/{name}.yaml", "a draft itself", "its own files to be edited")
    if beside.settings.exists():
        raise ConfigError(f"queries/{beside.name}.yaml", "there is a draft already", "it to be edited or deleted")
    values = active.values | {"status": "draft", "draft_of": name}
    write_whole(beside.sql, active.sql.read_text(encoding="utf-8"))
    write_whole(beside.settings, edited(active.settings.read_text(encoding="utf-8"), values))
    return beside.sql


def activate(folder: Path, name: str) -> Path:
    """Make a draft active: one beside an active query takes its place and is gone. Give the file of the SQL.

    `name` is the draft's own, or that of the query beside which it stands. Raises ConfigError where there is none.
    """
    beside = QueryFiles(folder, name + ENDING)
    found = beside if beside.settings.exists() else _known(folder, name)
    values = found.values
    if values.get("status") != "draft":
        raise ConfigError(f"queries/{found.name}.yaml", "active already", "a draft, as `cdp query draft` makes one")
    place = QueryFiles(folder, values.get("draft_of") or found.name)
    kept = {key: value for key, value in values.items() if key != "draft_of"} | {"status": "active"}
    write_whole(place.sql, found.sql.read_text(encoding="utf-8"))
    write_whole(place.settings, edited(found.settings.read_text(encoding="utf-8"), kept))
    if place != found:
        found.settings.unlink()
        found.sql.unlink()
    return place.sql


def _known(folder: Path, name: str) -> QueryFiles:
    found = QueryFiles(folder, name)
    if not (is_name(name) and found.settings.is_file() and found.sql.is_file()):
        raise ConfigError(f"queries/{name}.yaml", "absent", "a query of the tenant's files")
    return found
