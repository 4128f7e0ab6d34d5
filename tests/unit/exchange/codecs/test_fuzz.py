"""Whatever arrives is read whole or is a SourceError, and a message is what was encrypted or nothing."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp_assets.config.courier import Archive
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import Keyring, Limits, contents
from cdp_assets.secrets import Secret
from tests.pgp import PASSPHRASE, GpgTool, Key

CONTENT = b"id,name\n" + b"".join(b"%d,name %d\n" % (n, n * 7919) for n in range(300))
BOUNDS = Limits(size_bytes=1 << 20, ratio_from_bytes=1 << 18, members=100, directory_bytes=1 << 16)
Change = tuple[float, int, bytes]
"""Where, as a share of the file; how many bytes go; which come instead."""
CHANGES = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 600), st.binary(max_size=600) | st.just(bytes(512))),
    min_size=1,
    max_size=4,
)


def _tar(format: int) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format, pax_headers={"comment": "a" * 300}) as archive:
        for name in ("a.csv", "x" * 150 + ".csv", "müller.csv"):
            member = tarfile.TarInfo(name)
            member.size = len(CONTENT)
            archive.addfile(member, io.BytesIO(CONTENT))
    return file.getvalue()


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"a comment"
        for name in ("a.csv", "müller.csv"):
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=name == "a.csv") as member:
                member.write(CONTENT)
    return file.getvalue()


ARRIVALS = {
    "gzip": gzip.compress(CONTENT),
    "pax": _tar(tarfile.PAX_FORMAT),
    "gnu": _tar(tarfile.GNU_FORMAT),
    "tgz": gzip.compress(_tar(tarfile.PAX_FORMAT)),
    "zip": _zip(),
    "zip in gzip": gzip.compress(_zip()),
}


def changed(data: bytes, changes: list[Change]) -> bytes:
    for place, gone, come in changes:
        at = int(place * len(data))
        data = data[:at] + come + data[at + gone :]
    return data


def read(data: bytes, archive: Archive | None, keyring: Keyring | None = None) -> list[bytes] | None:
    """Give what is inside, or nothing where it is refused; anything but a SourceError is a fault of ours."""
    try:
        found = contents(io.BytesIO(data), "arrived", archive=archive, keyring=keyring, limits=BOUNDS)
        return [stream.read() for _, stream in found]
    except SourceError:
        return None


def any_bytes(data: bytes) -> None:
    for archive in (None, Archive(contents="*", skip_missing=True)):
        read(data, archive)


def any_change(kind: str, changes: list[Change]) -> None:
    """Of a changed zip or gzip nothing but the content comes out; a tar's content has no checksum."""
    found = read(changed(ARRIVALS[kind], changes), Archive(contents="*.csv", skip_missing=True))
    if found is not None and kind in ("tgz", "zip", "zip in gzip"):
        assert all(part == CONTENT for part in found)


@settings(max_examples=300)
@given(data=st.binary(max_size=1500) | st.binary(max_size=600).map(lambda data: b"PK\x03\x04" + data))
def test_any_bytes(data: bytes) -> None:
    any_bytes(data)


@settings(max_examples=300)
@given(kind=st.sampled_from(sorted(ARRIVALS)), changes=CHANGES)
def test_any_change(kind: str, changes: list[Change]) -> None:
    any_change(kind, changes)


def any_changed_message(message: bytes, key: Key, changes: list[Change]) -> None:
    """Either it is what was encrypted, or nothing; or it no longer begins as a message does and is read as it is."""
    arrived = changed(message, changes)
    assert read(arrived, None, Keyring(Secret(key.private), Secret(PASSPHRASE))) in (None, [CONTENT], [arrived])


@pytest.fixture(scope="module")
def message(gpg_tool: GpgTool, our_key: Key) -> bytes:
    """An encrypted file."""
    return gpg_tool.encrypt(CONTENT, our_key)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_any_changed_message(message: bytes, our_key: Key, changes: list[Change]) -> None:
    any_changed_message(message, our_key, changes)


@pytest.mark.long
@settings(max_examples=20_000)
@given(data=st.binary(max_size=4000))
def test_any_bytes_for_long(data: bytes) -> None:
    any_bytes(data)


@pytest.mark.long
@settings(max_examples=20_000)
@given(kind=st.sampled_from(sorted(ARRIVALS)), changes=CHANGES)
def test_any_change_for_long(kind: str, changes: list[Change]) -> None:
    any_change(kind, changes)


@pytest.mark.long
@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_any_changed_message_for_long(message: bytes, our_key: Key, changes: list[Change]) -> None:
    any_changed_message(message, our_key, changes)
