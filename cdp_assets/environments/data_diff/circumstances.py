"""What else than the sandbox's configuration may have made two publications differ, or keeps them from differing."""

from __future__ import annotations

from collections.abc import Sequence

from cdp_assets.environments.data_diff.reading import Sides
from cdp_assets.names import TableName
from cdp_assets.state import physical_tables


def notes(sides: Sides, compared: Sequence[TableName]) -> tuple[str, ...]:
    """Say, a sentence each, what beside the configuration may have made differences of the compared tables."""
    before, after = sides.before.publication, sides.after.publication
    found = []
    if before.business_date != after.business_date:
        found.append(f"Production's business date is {before.business_date}, the sandbox's {after.business_date}.")
    if sides.lagging and compared:
        found.append(
            f"The sandbox read production's {', '.join(map(str, sides.lagging))} at another version than "
            "the current one: part of the differences may come from data instead of configuration. "
            "Run the sandbox again to part them."
        )
    return tuple(found)


def unbuilt(sides: Sides) -> tuple[TableName, ...]:
    """Give the tables that a run of the sandbox would build, since none has by its active configuration.

    A table that neither side has published, and that both define alike, waits for data rather than for that run.
    """
    with sides.after.state.read() as conn:
        made_by = {one.path: one.fingerprint for one in physical_tables.all_tables(conn)}
    entries, production = sides.after.publication.entries, sides.before
    return tuple(
        table
        for table, wanted in sorted(sides.after.fingerprints.items())
        if table.layer != "query"
        and not (table in entries and made_by.get(entries[table].path) == wanted)
        and (
            table in entries or table in production.publication.entries or production.fingerprints.get(table) != wanted
        )
    )
