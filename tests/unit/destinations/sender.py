"""A destination folder, the ledger of what is sent to it, and consignments to send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from cdp_assets.config.destination import DataTemplate
from cdp_assets.destinations.deliver import Consignment, Delivered, deliver
from cdp_assets.destinations.export import Content
from cdp_assets.exchange.codecs import Recipient
from cdp_assets.exchange.locations import LocalFolder, Location
from cdp_assets.names import PRODUCTION
from cdp_assets.state import deliveries, environments, revisions, tables
from cdp_assets.state.database import State
from cdp_assets.state.deliveries import Delivery

ROWS = pa.table({"id": ["a", "b", "c"], "revenue": [1, 2, 3]})
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
ORCHESTRATION = "o"
TEMPLATE: dict[str, Any] = {
    "name": "daily",
    "destination": "folder",
    "format": {"kind": "csv"},
    "filename": "x_{{now|format:'yyyy_MM_dd'}}.csv",
    "output": "file",
}


def template(**change: Any) -> DataTemplate:
    """Give the template with other settings; one that splits or makes an archive says nothing of `output`."""
    values = TEMPLATE | change
    packed = values.get("compression") in ("tar", "tgz", "zip") or {"split_rows", "split_size_mb"} & set(change)
    if packed:
        values = {name: value for name, value in values.items() if name != "output"}
    return DataTemplate.model_validate(values)


class Sender:
    """Delivers to a folder of its own, or to another location."""

    def __init__(self, root: Path) -> None:
        self.folder, self.workroom = root / "out", root / "work"
        self.state = State.open(str(root / "state.db"))
        self.location: Location = LocalFolder.below(root, "out")
        with self.state.write() as conn:
            if environments.get(conn, PRODUCTION) is not None:
                return  # another process's state
            environments.get_or_create(conn, PRODUCTION)
            revision_id = revisions.put(conn, {"name": "t"}, created_by="ann", message="")
            for number in (1, 2):
                values = {"environment": PRODUCTION, "run_id": f"r{number}", "revision_id": revision_id}
                values |= {"id": number, "business_date": NOW.date(), "created_at": NOW}
                conn.execute(tables.publication.insert().values(values))

    def consignment(
        self,
        publication: int = 1,
        rows: pa.Table | Mapping[str, pa.Table] = ROWS,
        *,
        source: str = "v1",
        place: str = "here",
        now: dt.datetime = NOW,
        recipient: Recipient | None = None,
        **change: Any,
    ) -> Consignment:
        """Give what to send: one query's rows, or those of several tables."""
        found = rows if isinstance(rows, Mapping) else {"buyers": rows}
        if recipient is not None:
            change["pgp_credential"] = "partner"
        return Consignment(
            environment=PRODUCTION,
            orchestration=ORCHESTRATION,
            publication_id=publication,
            template=template(**change),
            contents=[Content(name, table.to_reader) for name, table in found.items()],
            source=source,
            place=place,
            now=now,
            sent_by="ann",
            words={"list_name": "buyers"},
            recipient=recipient,
        )

    def send(self, publication: int = 1, rows: pa.Table | Mapping[str, pa.Table] = ROWS, **change: Any) -> Delivered:
        """Deliver once."""
        return deliver(self.consignment(publication, rows, **change), self.location, self.state, self.workroom)

    def names(self) -> list[str]:
        """Give what is there."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def ledger(self) -> list[Delivery]:
        """Give what the ledger says, the newest first."""
        with self.state.read() as conn:
            return deliveries.listed(conn, PRODUCTION)
