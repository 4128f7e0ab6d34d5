"""What a plan does to each table: share it, reuse what a sandbox built, build it anew, or retire it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdp_assets.config.catalog import Catalog, Table
from cdp_assets.environments.categories import Judgement
from cdp_assets.environments.table_plan import TableAction, TablePlan
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state.publications import Entry, Publication

NEW = Judgement("non_breaking", "a new table")
UNJUDGED = Judgement("breaking", "what makes it changes")


@dataclass(frozen=True)
class Size:
    """What is known of a table from the last run that wrote it."""

    rows: int | None = None
    size_bytes: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Built:
    """What a sandbox has built: its publication, and the path of each table and fingerprint that it owns."""

    entries: Mapping[TableName, Entry]
    paths: Mapping[tuple[TableName, str], str]
    business_date: str


@dataclass(frozen=True)
class Landing:
    """How many landed files a domain table needs, and how many of them each path has loaded."""

    files: int
    size_bytes: int
    loaded: Mapping[str, int]
    """Path -> committed files among those that the present table has loaded."""
    loaded_now: int
    """Files that the environment's present table has loaded."""


@dataclass(frozen=True)
class Facts:
    """Everything that deciding needs, read from state beforehand."""

    catalog: Catalog
    """Of the target."""
    before: Mapping[TableName, str]
    """Fingerprints of the active revision."""
    after: Mapping[TableName, str]
    """Fingerprints of the target."""
    publication: Publication | None
    """What the environment's readers see now."""
    judgements: Mapping[TableName, Judgement] = field(default_factory=dict)
    """Of the tables that were there before; only who shows a plan needs them."""
    sizes: Mapping[str, Size] = field(default_factory=dict)
    """By physical path."""
    landing: Mapping[TableName, Landing] = field(default_factory=dict)
    built: Built | None = None
    """The promoted sandbox's."""
    shared: frozenset[TableName] = frozenset()
    """In a sandbox: the tables whose fingerprint is production's."""


def table_plans(facts: Facts) -> list[TablePlan]:
    """Give a plan for every table that changes, inputs first, then the retired ones."""
    found: list[TablePlan] = []
    entries = dict(facts.publication.entries) if facts.publication else {}
    versions = {table: f"{entry.path}@{entry.version}" for table, entry in entries.items()}
    for table in facts.catalog.ordered():
        if table.kind == "query" or facts.before.get(table.name) == facts.after[table.name]:
            continue
        one = _planned(facts, table, entries, versions)
        found.append(one)
        if one.action == "reuse" and facts.built is not None:
            entry = facts.built.entries[table.name]
            versions[table.name] = f"{entry.path}@{entry.version}"
        elif one.action != "shared":
            versions[table.name] = "to be built"
    return found + _retired(facts)


def _planned(
    facts: Facts, table: Table, entries: Mapping[TableName, Entry], versions: Mapping[TableName, str]
) -> TablePlan:
    is_new = table.name not in facts.before
    judgement = NEW if is_new else facts.judgements.get(table.name, UNJUDGED)
    action, why, entry = _decided(facts, table, entries, versions)
    size = facts.sizes.get(entry.path, Size()) if entry is not None else Size()
    landing = facts.landing.get(table.name)
    files = _files(action, landing, entry)
    return TablePlan(
        table=str(table.name),
        action=action,
        category=judgement.category,
        reason=why or judgement.reason,
        path=entry.path if action in ("reuse", "catch_up") and entry is not None else None,
        rows=size.rows,
        size_bytes=landing.size_bytes if action == "reload" and landing else size.size_bytes,
        seconds=size.seconds,
        files=files,
    )


def _decided(
    facts: Facts, table: Table, entries: Mapping[TableName, Entry], versions: Mapping[TableName, str]
) -> tuple[TableAction, str, Entry | None]:
    """Give the action, a reason of its own, and the entry that tells how large the table is."""
    now = entries.get(table.name)
    if table.name in facts.shared:
        return "shared", "production's fingerprint", now
    theirs = _theirs(facts, table.name)
    if theirs is not None:
        lag = _lag(facts, table, theirs, versions)
        if not lag:
            return "reuse", "", theirs
        if now is not None:
            return "catch_up", lag, theirs
    if now is None or facts.publication is None or facts.publication.environment != PRODUCTION:
        return "pending", "", now  # nobody outside a sandbox waits for it
    return ("reload" if table.kind == "domain" else "build"), "", now


def _theirs(facts: Facts, table: TableName) -> Entry | None:
    """Give the sandbox's entry of the very definition that is wanted."""
    if facts.built is None:
        return None
    entry = facts.built.entries.get(table)
    path = facts.built.paths.get((table, facts.after[table]))
    return entry if entry is not None and entry.path == path else None


def _lag(facts: Facts, table: Table, entry: Entry, versions: Mapping[TableName, str]) -> str:
    """Say how the sandbox's table lags behind what production has; nothing when it does not."""
    if table.kind == "domain":
        landing = facts.landing.get(table.name)
        missing = 0 if landing is None else landing.loaded_now - landing.loaded.get(entry.path, 0)
        return f"{missing} files behind production" if missing > 0 else ""
    moved = [name for name in table.inputs if entry.coverage.get(str(name)) != versions.get(name)]
    if moved:
        return f"built from another version of {', '.join(str(name) for name in moved)}"
    day = entry.coverage.get("business_date")
    if day is not None and facts.publication is not None and day != facts.publication.business_date.isoformat():
        return f"built for {day}"
    return ""


def _files(action: TableAction, landing: Landing | None, entry: Entry | None) -> int | None:
    if landing is None:
        return None
    if action == "catch_up" and entry is not None:
        return landing.loaded_now - landing.loaded.get(entry.path, 0)
    return landing.files if action in ("reload", "pending") else None


def _retired(facts: Facts) -> list[TablePlan]:
    entries = facts.publication.entries if facts.publication else {}
    found = []
    for table in sorted(facts.before):
        if table in facts.after or table.layer == "query":
            continue
        entry = entries.get(table)
        size = facts.sizes.get(entry.path, Size()) if entry is not None else Size()
        known = (size.rows, size.size_bytes)
        found.append(TablePlan(str(table), "retire", "destructive", "not in configuration", None, *known))
    return found
