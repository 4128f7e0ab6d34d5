"""Sends an export once per publication, file by file, and keeps a record of each."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cdp_assets.config.destination import DataTemplate, Destination
from cdp_assets.destinations.export import Content, Export, ExportFile, packing_of
from cdp_assets.destinations.layout import Layout
from cdp_assets.errors import CdpError, DeliveryError, DeliveryUnreachableError, Transient
from cdp_assets.exchange.codecs import SIGNATURE_ENDINGS, Recipient
from cdp_assets.exchange.locations import Location
from cdp_assets.hashing import sha256_of
from cdp_assets.state import deliveries
from cdp_assets.state.database import State
from cdp_assets.state.deliveries import Delivery, Order, Part
from cdp_assets.state.leases import lease

logger = logging.getLogger(__name__)
MOST_NAMED = 5
"""Files that an error names; the ledger knows all."""
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


def deliver(consignment: Consignment, location: Location, state: State, workroom: Path) -> Delivered:
    """Make the export's files one by one and put each at the destination; nothing is sent twice for one publication.

    Every file is noted before it is sent and again when it has arrived. A crash between the two sends the same rows
    under the same name again, which replaces what may be there; what has arrived before is not made again. Once all
    has arrived nothing more is sent for the publication, whatever becomes of the template, the destination or the
    files there. A delivery that broke off and whose template, rows or place have changed is sent anew.

    Args:
        workroom: Where the files are made, in a folder that only we may read and that is gone afterwards; what a
            killed try has left of it goes with the next one.

    Raises DeliveryError, which says what has arrived; DeliveryUnreachableError where trying again may help.
    """
    name = f"delivery:{consignment.environment}:{consignment.orchestration}"
    with lease(state, name, holder=consignment.sent_by, ttl_s=LEASE_S):
        with state.write() as conn:
            begun = deliveries.begin(conn, consignment.order)
        if begun.state == "delivered":
            return Delivered(begun, sent=False)
        try:
            _send_all(consignment, begun, location, state, workroom / begun.order.id)
        except CdpError as error:
            with state.write() as conn:
                failed = deliveries.end(conn, begun.order.id, str(error))
            raise _broken_off(failed, error) from error
        with state.write() as conn:
            return Delivered(deliveries.end(conn, begun.order.id), sent=True)


def _send_all(consignment: Consignment, begun: Delivery, location: Location, state: State, folder: Path) -> None:
    """Send the files that have not arrived, then remove what is left of longer exports, then say that it is done."""
    several = len(consignment.contents) > 1
    layout = Layout(consignment.template, begun.order.named_at, consignment.words, several)
    packing = replace(packing_of(layout), recipient=consignment.recipient)
    with _emptied(folder):
        export = Export(consignment.contents, layout, packing, folder)
        for file in export.files({part.position: part.rows for part in begun.arrived}):
            _send(file, consignment, begun.order, location, state)
        _remove_further(export, consignment, begun.order, location, state)
        with state.read() as conn:
            names = [part.filename for part in deliveries.get(conn, begun.order.id).arrived]
        done = export.done(len(names))
        if done is not None and done.filename not in names:
            _send(done, consignment, begun.order, location, state)


@contextlib.contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """Have an empty folder for the block, and none afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise DeliveryError(f"{folder.parent}: cannot be written to ({why}). Expected a folder with room.") from error
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_further(export: Export, consignment: Consignment, order: Order, location: Location, state: State) -> None:
    """Remove parts of an earlier, longer export under the same name: whoever reads the folder would read both."""
    with state.read() as conn:
        present = deliveries.present(conn, order, consignment.place)
        names = {part.filename for part in deliveries.get(conn, order.id).arrived}
    for name in set(export.further(present)) - names:
        location.remove(name)
        if consignment.template.signatures == "beside":
            location.remove(name + SIGNATURE_ENDINGS[0])
        with state.write() as conn:
            deliveries.note_removed(conn, order, consignment.place, name)
        logger.info("export.%s: %s: removed, of a longer export before", order.orchestration, name)


def _send(file: ExportFile, consignment: Consignment, order: Order, location: Location, state: State) -> None:
    part = Part(
        position=file.position,
        filename=file.filename,
        place=consignment.place,
        rows=file.rows,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        content_sha256=file.content_sha256,
    )
    with state.write() as conn:
        deliveries.begin_part(conn, order, part)
    if file.signature is not None:  # before its file, which whoever waits for that may then verify
        location.put(file.filename + SIGNATURE_ENDINGS[0], file.signature)
    location.put(file.filename, file.path)
    with state.write() as conn:
        deliveries.finish_part(conn, order, file.position)
    logger.info("export.%s: %s: %d rows, %d bytes", order.orchestration, file.filename, file.rows, file.size_bytes)


def _broken_off(failed: Delivery, error: CdpError) -> CdpError:
    """Give the error with what has arrived; it says of what kind it was, so that it is tried again where that helps."""
    names = [part.filename for part in failed.arrived]
    told = ", ".join(names[-MOST_NAMED:]) + (
        f" and {len(names) - MOST_NAMED} before" if len(names) > MOST_NAMED else ""
    )
    arrived = f"Arrived: {told}; the rest is sent" if names else "Nothing has arrived; all of it is sent"
    kind = DeliveryUnreachableError if isinstance(error, Transient) else DeliveryError
    return kind(f"export.{failed.order.orchestration}: {error} {arrived} when it is run again.")
