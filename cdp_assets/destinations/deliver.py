"""Sends an export once per publication, and keeps a record of every file."""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from cdp_assets.config.destination import DataTemplate, Destination
from cdp_assets.destinations.export import ExportFile, export_files
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.locations import Location
from cdp_assets.state import deliveries
from cdp_assets.state.database import State
from cdp_assets.state.deliveries import Delivery

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """What is at the destination; `sent` says whether this call has sent anything of it."""

    files: tuple[Delivery, ...]
    sent: bool

    @property
    def rows(self) -> int:
        """Rows in all files."""
        return sum(file.rows for file in self.files)


def refuse_personal(destination: Destination, personal: Collection[str], where: str) -> None:
    """Raise DeliveryError when personal columns would go to a destination that may have none."""
    if personal and not destination.personal_data:
        raise DeliveryError(
            f"{where}: {', '.join(sorted(personal))} are personal, and {destination.name} has `personal_data: false`. "
            "Expected a query without these columns, or a destination that may have them."
        )


def deliver(
    rows: pa.Table,
    template: DataTemplate,
    *,
    orchestration: str,
    destination: str,
    location: Location,
    state: State,
    environment: str,
    publication_id: int,
    now: dt.datetime,
    words: Mapping[str, str] = MappingProxyType({}),
) -> Delivered:
    """Make the export's files and put each at the destination; nothing is sent twice for one publication.

    Every file is noted before it is sent and again when it has arrived. A crash between the two sends the
    same bytes under the same name again, which replaces what may be there. Raises DeliveryError.
    """
    with tempfile.TemporaryDirectory(prefix="export_") as folder:
        files = export_files(rows, template, now=now, folder=Path(folder), words=words)
        arrived = _arrived(state, environment, orchestration, publication_id)
        missing = [file for file in files if file.filename not in arrived]
        for file in missing:
            _send(file, location, state, environment, orchestration, publication_id, destination)
    with state.read() as conn:
        sent = deliveries.of_publication(conn, environment, orchestration, publication_id)
    return Delivered(tuple(sent), sent=bool(missing))


def _arrived(state: State, environment: str, orchestration: str, publication_id: int) -> set[str]:
    with state.read() as conn:
        found = deliveries.of_publication(conn, environment, orchestration, publication_id)
    return {file.filename for file in found if file.state == "delivered"}


def _send(
    file: ExportFile,
    location: Location,
    state: State,
    environment: str,
    orchestration: str,
    publication_id: int,
    destination: str,
) -> None:
    with state.write() as conn:
        begun = deliveries.begin(
            conn,
            environment=environment,
            orchestration=orchestration,
            publication_id=publication_id,
            destination=destination,
            filename=file.filename,
            rows=file.rows,
            size_bytes=file.size_bytes,
            sha256=file.sha256,
        )
    location.put(file.filename, file.path)
    with state.write() as conn:
        deliveries.finish(conn, begun.id)
    logger.info("export.%s: %s: %d rows, %d bytes", orchestration, file.filename, file.rows, file.size_bytes)
