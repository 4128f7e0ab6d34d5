"""Lands a courier's files: every byte is copied once, named by its hash, and never changed again."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import itertools
import logging
import os
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cdp_assets.config.courier import Courier
from cdp_assets.errors import SourceDamagedError, SourceError
from cdp_assets.exchange.codecs import LIMITS
from cdp_assets.exchange.in_order import in_order
from cdp_assets.exchange.locations import Location
from cdp_assets.exchange.streams import sync_folder
from cdp_assets.hashing import sha256_of
from cdp_assets.sources.in_place.staying import staying
from cdp_assets.sources.new_file import NewFile
from cdp_assets.sources.settled import is_unfinished, settle_s, settled
from cdp_assets.sources.signed import TAG as SIGNATURE
from cdp_assets.sources.signed import with_signatures
from cdp_assets.sources.wanted import NEWS, Missing, Wanted, missing, refuse_missing
from cdp_assets.state import landed_files
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import Arrival, LandedFile

logger = logging.getLogger(__name__)

CHUNK_BYTES = 4 << 20
FILES_AT_ONCE = 4
"""Each holds a chunk in memory, and one of an object store the three parts of `part_stream` beside it."""
NOTED_AT_ONCE, NOTED_EVERY_S = 100, 1.0
"""Files whose rows are written in one transaction; each by itself, a thousand small ones took twice as long."""
DAMAGED_TRIES = 3
PARTS = ".part"
PART_AGE_S = 24 * 3600
"""A half-copied file that has not changed for so long is what a crash left."""


@dataclass(frozen=True)
class Landed:
    """What one look of a courier brought: files whose name and content were not known before."""

    files: tuple[LandedFile, ...]
    missing: tuple[Missing, ...] = ()
    """Required files that were expected and are absent."""


def unlanded(
    courier: Courier, location: Location, *, state: State, environment: str, wanted: Wanted = NEWS
) -> list[NewFile]:
    """Give the files that `land` would fetch now, by file date and name, judged by name, size and time alone."""
    with state.read() as conn:
        known = landed_files.seen(conn, environment, courier.name)
    found = _matching(courier, location, wanted)
    new = [file for file in found if (file.tag, file.name, file.size_bytes, file.modified_at) not in known]
    return sorted(new, key=lambda file: (file.file_date, file.name, file.tag))


def awaited(courier: Courier, location: Location, *, state: State, environment: str, wanted: Wanted) -> list[Missing]:
    """Give the required files that neither have landed nor lie at the location; nothing is fetched."""
    lying = [(file.tag, file.file_date) for file in _matching(courier, location, wanted)]
    return missing(courier, wanted, [*lying, *_landed_dates(courier, state, environment)])


def land(
    courier: Courier,
    location: Location,
    *,
    state: State,
    lake_root: Path,
    environment: str,
    wanted: Wanted = NEWS,
) -> Landed:
    """Fetch what is new of the wanted days, and note it in the ledger; the order is file date, then name.

    A file goes to `landing/<environment>/<courier>/<sha256>/<name>`, read-only, and its ledger row comes last:
    a crash before it leaves bytes that the next look names again by the same hash. The same name with the
    same content lands once, even when another content came between; with other content it lands as a new
    version. A file that is being written, or changes or goes while it is read, is left for the next look.

    Of what is to be read where it lies only the version is noted, by which it can be told from any other.

    Raises MissingFilesError when a file that the courier requires is absent, and SourceError for more than the
    documented limits of a job and of a file; what else there is has landed then.
    """
    folder = lake_root / "landing" / environment / courier.name
    _remove_old_parts(folder)
    files = []
    found = unlanded(courier, location, state=state, environment=environment, wanted=wanted)
    found = settled(found, partial(location.list, _beginning(courier)), settle_s(courier))
    stays = frozenset(staying(courier, found))
    for copies in _together(_fetched(courier, location, folder, _within_limits(courier, found), stays)):
        arrivals = [_arrival(new, copied, lake_root) for same, copied in copies for new in same]
        with state.write() as conn:
            files += landed_files.insert(conn, environment, courier.name, arrivals)
    _refuse_too_large(found)
    absent = missing(courier, wanted, _landed_dates(courier, state, environment))
    refuse_missing(courier, absent, wanted)
    return Landed(tuple(files), tuple(absent))


def _matching(courier: Courier, location: Location, wanted: Wanted) -> Iterator[NewFile]:
    """Give every wanted file that a pattern matches, with the date in its name, or the day of its last change.

    Its signatures beside it come with it.
    """
    patterns = [(kind.tag, kind.names) for kind in courier.files]
    listed = (remote for remote in location.list(_beginning(courier)) if not is_unfinished(remote.name))
    for remote, signatures in with_signatures(courier, listed):
        for tag, pattern in patterns:
            if pattern.matches(remote.name) and wanted.takes(named := pattern.date_in(remote.name)):
                file_date = named or wanted.day_of(remote.modified_at)
                for kind, one in ((tag, remote), *((SIGNATURE, signature) for signature in signatures)):
                    yield NewFile(kind, one.name, one.size_bytes, one.modified_at, file_date, one.version)


def _beginning(courier: Courier) -> str:
    """Give what the names of all of a courier's files begin with: what lies elsewhere need not even be listed."""
    beginnings = [kind.names.beginning for kind in courier.files]
    return os.path.commonprefix(beginnings)  # noqa: RUF071 - of characters, as a listing takes it


def _within_limits(courier: Courier, found: list[NewFile]) -> list[NewFile]:
    """Give the files that are not too large; raises SourceError where they are more than one job may take."""
    if len(found) > LIMITS.members:
        raise SourceError(
            f"courier {courier.name}",
            f"{len(found):,} new files",
            f"at most {LIMITS.members:,} a job; run it for a shorter period, one after the other",
        )
    return [new for new in found if new.size_bytes <= LIMITS.size_bytes]


def _refuse_too_large(found: list[NewFile]) -> None:
    for new in found:
        if new.size_bytes > LIMITS.size_bytes:
            problem = f"has {new.size_bytes:,} bytes and was not fetched"
            raise SourceError(new.name, problem, f"at most {LIMITS.size_bytes:,} bytes a file; send it in parts")


@dataclass(frozen=True)
class _Copied:
    """A file's bytes at their place in the landing, or else in the store, by their version."""

    path: Path | None
    sha256: str
    version: str | None = None

    def place(self, lake_root: Path) -> str:
        """Give how the ledger writes the place."""
        return f"{landed_files.IN_PLACE}{self.version}" if self.path is None else str(self.path.relative_to(lake_root))


Fetched = tuple[list[NewFile], _Copied]
"""A file, once per tag that it is about, and its bytes."""


def _arrival(new: NewFile, copied: _Copied, lake_root: Path) -> Arrival:
    path = copied.place(lake_root)
    return Arrival(new.tag, new.name, new.file_date, new.size_bytes, new.modified_at, copied.sha256, path)


def _together(fetched: Iterator[Fetched]) -> Iterator[list[Fetched]]:
    """Give files in groups that are noted together: small ones by the hundred, a large one by itself.

    A crash lets those of one group be fetched again. Where a fetch fails, what came before it is given first.
    """
    group: list[Fetched] = []
    failure, began_at = None, time.monotonic()
    try:
        for one in fetched:
            group.append(one)
            if len(group) == NOTED_AT_ONCE or time.monotonic() - began_at > NOTED_EVERY_S:
                yield group
                group, began_at = [], time.monotonic()
    except SourceError as error:
        failure = error
    if group:
        yield group
    if failure is not None:
        raise failure


def _fetched(
    courier: Courier, location: Location, folder: Path, news: list[NewFile], stays: frozenset[NewFile]
) -> Iterator[Fetched]:
    """Copy files to their places, a few at once; give those that came whole, in their order, until one fails.

    A file that several tags are about, such as an archive of several tables, is copied once. One that stays is not.
    """
    apart = itertools.groupby(news, key=lambda new: (new.file_date, new.name, new in stays and new.tag))
    found = [list(same) for _, same in apart]
    first = [same[0] for same in found]
    ended = threading.Event()

    def fetch(new: NewFile) -> _Copied | None:
        if new in stays:
            return _Copied(
                None, sha256_of([courier.location.address, new.name, new.size_bytes, new.version]), new.version
            )
        return _fetch(location, folder, ended, new)

    with contextlib.closing(in_order(fetch, first, FILES_AT_ONCE, ended)) as copies:
        for same, copied in zip(found, copies, strict=True):
            if copied is None:
                logger.info("%s: %s changed while it was read; left for the next look", courier.name, same[0].name)
            else:
                yield same, copied


def _fetch(location: Location, folder: Path, ended: threading.Event, new: NewFile) -> _Copied | None:
    """Copy a file to its place, or nothing where it changes or goes meanwhile; a disk's refusal is a SourceError.

    When `ended` is set nobody waits for the file any more: what has come of it is thrown away.
    """
    part = folder / PARTS / uuid.uuid4().hex
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        digest, size_bytes = _copied_undamaged(location, new.name, part, ended)
        if size_bytes != new.size_bytes or not _still_as(location, new):
            return None
        place = folder / digest / new.name
        place.parent.mkdir(parents=True, exist_ok=True)
        part.chmod(0o444)
        os.replace(part, place)
        _sync_folders(place.parent, folder)
    except SourceError:
        if _still_as(location, new):
            raise
        return None
    except OSError as error:
        problem = f"cannot be copied into the lake ({error.strerror or type(error).__name__})"
        raise SourceError(new.name, problem, "room and write permission in the lake's landing folder") from error
    finally:
        part.unlink(missing_ok=True)
    return _Copied(place, digest)


def _copied_undamaged(location: Location, name: str, target: Path, ended: threading.Event) -> tuple[str, int]:
    """Copy a file as `_copy` does, and again where it was damaged on its way; the last try's error is raised."""
    for turn in range(1, DAMAGED_TRIES):
        try:
            return _copy(location, name, target, ended)
        except SourceDamagedError as error:
            logger.warning("try %d of %d failed: %s", turn, DAMAGED_TRIES, error)
    return _copy(location, name, target, ended)


def _copy(location: Location, name: str, target: Path, ended: threading.Event) -> tuple[str, int]:
    """Copy a file to disk, safely written, or its beginning where nobody waits for it; give its SHA-256 and size."""
    digest, size_bytes = hashlib.sha256(), 0
    with contextlib.closing(location.fetch(name)) as source, target.open("wb") as copy:
        while not ended.is_set() and (chunk := source.read(CHUNK_BYTES)):
            digest.update(chunk)
            copy.write(chunk)
            size_bytes += len(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest(), size_bytes


def _still_as(location: Location, new: NewFile) -> bool:
    seen = location.look(new.name)
    return seen is not None and (seen.size_bytes, seen.modified_at) == (new.size_bytes, new.modified_at)


def _sync_folders(folder: Path, root: Path) -> None:
    """Make a rename durable, and the folders that were made for it, up to `root`."""
    for each in (folder, *folder.parents):
        sync_folder(each)
        if each == root:
            return


def _remove_old_parts(folder: Path) -> None:
    oldest = time.time() - PART_AGE_S
    for part in (folder / PARTS).glob("*"):
        if part.stat().st_mtime < oldest:
            part.unlink()


def _landed_dates(courier: Courier, state: State, environment: str) -> list[tuple[str, dt.date]]:
    with state.read() as conn:
        return landed_files.dates(conn, environment, courier.name)
