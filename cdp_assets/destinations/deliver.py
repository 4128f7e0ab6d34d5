"""Sends an export once per publication, file by file, and keeps a record of each."""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cdp_assets.config.destination import DataTemplate, Destination
from cdp_assets.destinations.export import Content, Export, ExportFile, packing_of
from cdp_assets.destinations.layout import Layout
from cdp_assets.errors import CdpError, DeliveryError, DeliveryUnreachableError, Transient
from cdp_assets.exchange.codecs import Recipient
from cdp_assets.exchange.locations import Location
from cdp_assets.hashing import sha256_of
from cdp_assets.state import deliveries
from cdp_assets.state.database import State
from cdp_assets.state.deliveries import Delivery, Order, Part
from cdp_assets.state.leases import lease

logger = logging.getLogger(__name__)
LEASE_S = 15.0
"""After which somebody else may go on with a delivery whose sender was killed."""


@dataclass(frozen=True)
class Consignment:
    """What is to be sent where, of which publication."""

    environment: str
    orchestration: str
    publication_id: int
    template: DataTemplate
    contents: Sequence[Content]
    source: str
    """A hash of where the rows come from; the same for the same rows."""
    place: str
    """A hash of the destination's location: what had arrived elsewhere is not here."""
    now: dt.datetime
    """The moment in the files' names, when it is begun."""
    sent_by: str
    words: Mapping[str, str] = field(default_factory=dict)
    recipient: Recipient | None = None
    """Whom it is encrypted to."""

    @property
    def order(self) -> Order:
        """As the ledger has it."""
        shape = [self.template.model_dump(mode="json"), self.source, self.place, dict(self.words)]
        return Order(
            environment=self.environment,
            orchestration=self.orchestration,
            publication_id=self.publication_id,
            destination=self.template.destination,
            template=self.template.name,
            shape=sha256_of(shape),
            source=self.source,
            named_at=self.now,
            sent_by=self.sent_by,
        )


@dataclass(frozen=True)
class Delivered:
    """What is at the destination; `sent` says whether this call has sent anything of it."""

    delivery: Delivery
    sent: bool

    @property
    def files(self) -> tuple[Part, ...]:
        """The files that are there."""
        return self.delivery.arrived


def refuse_personal(destination: Destination, personal: Collection[str], where: str) -> None:
    """Raise DeliveryError when personal columns would go to a destination that may have none."""
    if personal and not destination.personal_data:
        raise DeliveryError(
            f"{where}: {', '.join(sorted(personal))} are personal, and {destination.name} has `personal_data: false`. "
            "Expected a query without these columns, or a destination that may have them."
        )


def deliver(consignment: Consignment, location: Location, state: State) -> Delivered:
    """Make the export's files one by one and put each at the destination; nothing is sent twice for one publication.

    Every file is noted before it is sent and again when it has arrived. A crash between the two sends the same rows
    under the same name again, which replaces what may be there; what has arrived before is not made again. Once all
    has arrived nothing more is sent for the publication, whatever becomes of the template, the destination or the
    files there. A delivery that broke off and whose template, rows or place have changed is sent anew.

    Raises DeliveryError, which says what has arrived; DeliveryUnreachableError where trying again may help.
    """
    name = f"delivery:{consignment.environment}:{consignment.orchestration}"
    with lease(state, name, holder=consignment.sent_by, ttl_s=LEASE_S):
        with state.write() as conn:
            begun = deliveries.begin(conn, consignment.order)
        if begun.state == "delivered":
            return Delivered(begun, sent=False)
        try:
            _send_all(consignment, begun, location, state)
        except CdpError as error:
            with state.write() as conn:
                failed = deliveries.end(conn, begun.order.id, str(error))
            raise _broken_off(failed, error) from error
        with state.write() as conn:
            return Delivered(deliveries.end(conn, begun.order.id), sent=True)


def _send_all(consignment: Consignment, begun: Delivery, location: Location, state: State) -> None:
    """Send the files that have not arrived."""
    several = len(consignment.contents) > 1
    layout = Layout(consignment.template, begun.order.named_at, consignment.words, several)
    packing = replace(packing_of(layout), recipient=consignment.recipient)
    with tempfile.TemporaryDirectory(prefix="export_") as folder:
        export = Export(consignment.contents, layout, packing, Path(folder))
        for file in export.files({part.position: part.rows for part in begun.arrived}):
            _send(file, begun.order, location, state)


def _send(file: ExportFile, order: Order, location: Location, state: State) -> None:
    part = Part(file.position, file.filename, file.rows, file.size_bytes, file.sha256, file.content_sha256)
    with state.write() as conn:
        deliveries.begin_part(conn, order, part)
    location.put(file.filename, file.path)
    with state.write() as conn:
        deliveries.finish_part(conn, order, file.position)
    logger.info("export.%s: %s: %d rows, %d bytes", order.orchestration, file.filename, file.rows, file.size_bytes)


def _broken_off(failed: Delivery, error: CdpError) -> CdpError:
    """Give the error with what has arrived; it says of what kind it was, so that it is tried again where that helps."""
    names = [part.filename for part in failed.arrived]
    arrived = f"Arrived: {', '.join(names)}; the rest is sent" if names else "Nothing has arrived; all of it is sent"
    kind = DeliveryUnreachableError if isinstance(error, Transient) else DeliveryError
    return kind(f"export.{failed.order.orchestration}: {error} {arrived} when it is run again.")
