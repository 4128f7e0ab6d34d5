"""Opens a file that arrived: peels off encryption and packing, and gives what is inside as streams."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from cdp_assets.config.courier import Archive
from cdp_assets.errors import SourceError
from cdp_assets.exchange.ahead import read_ahead
from cdp_assets.exchange.codecs.guard import Growth, guarded, limited, refuse_too_large
from cdp_assets.exchange.codecs.gzipped import gunzipped
from cdp_assets.exchange.codecs.layer import FRONT_BYTES, SPELLED, Layer, is_empty_tar, layer_of, refuse_broken_promise
from cdp_assets.exchange.codecs.limits import LIMITS, Limits
from cdp_assets.exchange.codecs.pgp.decrypt import Keyring, decrypted
from cdp_assets.exchange.codecs.tar import tar_members
from cdp_assets.exchange.codecs.zip import zip_members
from cdp_assets.exchange.streams import drain, look

Named = tuple[str, BinaryIO]
Unpacker = Callable[[BinaryIO, str, str, Growth], Iterator[Named]]

UNPACKERS: dict[Layer, Unpacker] = {"tar": tar_members, "zip": zip_members}


def contents(
    stream: BinaryIO,
    file: str,
    *,
    archive: Archive | None = None,
    keyring: Keyring | None = None,
    limits: Limits = LIMITS,
) -> Generator[Named, None, None]:
    """Give what a file holds: itself, or each member of its archive that the courier wants, with the name for errors.

    PGP and gzip are found by content, in any order, also around members; tar and zip where the courier says so. Read
    each stream before taking the next. Run the iteration to its end and commit nothing before: it ends only when every
    layer was read to its own end and found whole, the integrity of PGP and its signature included.

    Args:
        stream: The file's bytes; must seek.
        file: How errors call the file; what its name promises must be there.
        archive: Which members are wanted, where the file is an archive.
        keyring: What opens PGP; with signers inside it, a file without PGP is refused.
        limits: The bounds.

    Raises SourceError for a file that is damaged, cut, changed, beyond the limits, or not what it is said to be.
    """
    opening = _Opening(keyring, Growth(_size(stream), limits))
    with ExitStack() as opened:
        peeled = _Peeled(stream, file, file, opening, opened, is_archive=archive is not None)
        if archive is None:
            _refuse_unsigned(peeled)
            yield file, peeled.content()
        else:
            yield from _members(peeled, archive)
        peeled.finish()


def _members(outer: _Peeled, archive: Archive) -> Iterator[Named]:
    if outer.inner is None:
        raise SourceError(outer.file, "is no archive", "a tar, tgz or zip file, as the courier's `archive` says")
    found = False
    for name, member in UNPACKERS[outer.inner](outer.stream, archive.contents, outer.file, outer.opening.growth):
        found = True
        with ExitStack() as opened:
            peeled = _Peeled(member, f"{outer.file}, {name}", name, outer.opening, opened)
            if "pgp" not in outer.found:
                _refuse_unsigned(peeled)
            yield peeled.file, peeled.content()
            peeled.finish()
    if not found and not archive.skip_missing:
        expected = "one in the archive, or `skip_missing: true`"
        raise SourceError(outer.file, f"no member matches {archive.contents}", expected)


@dataclass(frozen=True)
class _Opening:
    """What a file and its members are opened with."""

    keyring: Keyring | None
    growth: Growth

    def without(self, layer: Layer, stream: BinaryIO, file: str, opened: ExitStack) -> BinaryIO:
        """Give the bytes inside PGP or gzip; `opened` ends what that needs."""
        if layer == "gzip":
            return gunzipped(stream, file, self.growth)
        if self.keyring is None or self.keyring.private_keys is None:
            expected = "`pgp_credential` in the courier, with the private key that opens it"
            raise SourceError(file, "is encrypted with PGP", expected)
        message = opened.enter_context(decrypted(stream, file, self.keyring))
        return guarded(message.read, self.growth, file, "PGP")


class _Peeled:
    """A file or a member whose encryption and compression are taken off; `found` are the layers, outermost first."""

    def __init__(
        self,
        stream: BinaryIO,
        file: str,
        name: str,
        opening: _Opening,
        opened: ExitStack,
        *,
        is_archive: bool = False,
    ) -> None:
        self.file, self.opening = file, opening
        self._opened, self._layers, self._is_archive = opened, [stream], is_archive
        self.found: list[Layer] = []
        while self._peel():
            pass
        refuse_broken_promise(name, self.found, file)
        self._ahead = opened.enter_context(ExitStack())  # ended before what it reads from

    @property
    def stream(self) -> BinaryIO:
        """The innermost bytes so far."""
        return self._layers[-1]

    @property
    def inner(self) -> Layer | None:
        """The archive that the innermost bytes are, if any."""
        return self.found[-1] if self.found and self.found[-1] in UNPACKERS else None

    def content(self) -> BinaryIO:
        """Give the innermost bytes to read as a file; raises SourceError where they are an archive."""
        if self.inner:
            expected = "`archive` in the courier's file, and no archive inside another"
            raise SourceError(self.file, f"is {SPELLED[self.inner]}", expected)
        most_bytes = self.opening.growth.limits.size_bytes
        if self.stream.seekable():
            refuse_too_large(_size(self.stream), most_bytes, self.file)
            return self.stream
        stream = limited(self.stream, most_bytes, self.file)
        self._layers.append(self._ahead.enter_context(read_ahead(stream)))
        return self.stream

    def finish(self) -> None:
        """Read every layer to its end, the inner ones first: each proves itself there. What seeks is a file on disk."""
        if self.stream.closed:
            self._ahead.close()  # two would read what is below it otherwise
        for layer in reversed(self._layers):
            if not layer.closed and not layer.seekable():
                drain(layer)

    def _peel(self) -> bool:
        """Take one layer off; say whether there may be another below."""
        front, whole = look(self.stream, FRONT_BYTES)
        self._layers[-1] = whole
        layer = layer_of(front) or ("tar" if self._is_archive and is_empty_tar(front) else None)
        if layer is None:
            return False
        self.found.append(layer)
        most = self.opening.growth.limits.layers
        if len(self.found) > most:
            raise SourceError(self.file, "is packed too many times over", f"at most {most} layers")
        if layer in UNPACKERS:
            return False
        self._layers.append(self.opening.without(layer, whole, self.file, self._opened))
        return True


def _refuse_unsigned(peeled: _Peeled) -> None:
    keyring = peeled.opening.keyring
    if keyring is not None and keyring.signers_inside is not None and "pgp" not in peeled.found:
        raise SourceError(peeled.file, "is not signed", "PGP with a signature of one of the `verification_keys`")


def _size(stream: BinaryIO) -> int:
    start = stream.tell()
    size = stream.seek(0, os.SEEK_END)
    stream.seek(start)
    return size
