"""What would harm whoever unpacks it is refused: early, by name, with little memory."""

from __future__ import annotations

import gzip
import io
import struct
import subprocess
import tarfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from cdp_assets.config.courier import Archive
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import Keyring, Limits, contents
from cdp_assets.secrets import Secret
from tests.pgp import PASSPHRASE, GpgTool, Key

ANY = Archive(contents="*", skip_missing=True)
BOUNDS = Limits(ratio=50, ratio_from_bytes=1 << 20)


def read(data: bytes, limits: Limits = BOUNDS, archive: Archive | None = ANY, keyring: Keyring | None = None) -> int:
    """Read everything as a loader does, keeping none of it; give its size."""
    size = 0
    for _, stream in contents(io.BytesIO(data), "arrived", archive=archive, keyring=keyring, limits=limits):
        while chunk := stream.read(1 << 16):
            size += len(chunk)
    return size


def refusal(data: bytes, limits: Limits = BOUNDS, archive: Archive | None = ANY, keyring: Keyring | None = None) -> str:
    """Read it within 64 MB and give what is said of it."""
    tracemalloc.start()
    try:
        with pytest.raises(SourceError) as caught:
            read(data, limits, archive, keyring)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith("arrived")
    return str(caught.value)


def tar(*members: tuple[tarfile.TarInfo, bytes], **options: object) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", **options) as archive:  # type: ignore[call-overload]
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def named(name: str) -> tarfile.TarInfo:
    return tarfile.TarInfo(name)


def bomb(size_bytes: int = 40 << 20) -> bytes:
    return gzip.compress(bytes(size_bytes))


def test_a_bomb_inside_a_bomb_counts_against_the_file_that_arrived() -> None:
    """Each layer for itself grows no more than the limit."""
    outer = gzip.compress(gzip.compress(bytes(20 << 20)))
    limits = Limits(ratio=1030, ratio_from_bytes=1 << 20)
    assert len(gzip.decompress(outer)) < 1030 * len(outer)
    assert "decompression bomb" in refusal(outer, limits, archive=None)


def test_many_members_that_are_bombs_together_are_stopped() -> None:
    many = tar(*[(named(f"{n}.csv.gz"), bomb(900_000)) for n in range(40)])
    assert "decompression bomb" in refusal(many)


def test_a_message_that_is_a_bomb_is_stopped(gpg_tool: GpgTool, our_key: Key) -> None:
    message = gpg_tool.encrypt(bytes(40 << 20), our_key)
    keyring = Keyring(Secret(our_key.private), Secret(PASSPHRASE))
    assert "decompression bomb" in refusal(message, archive=None, keyring=keyring)


def test_more_layers_than_anybody_needs_are_refused() -> None:
    data = b"id\n1\n"
    for _ in range(5):
        data = gzip.compress(data)
    assert "packed too many times over" in refusal(data, archive=None)


def overlapping() -> bytes:
    """A zip whose thousand entries are all the same compressed bytes, as in David Fifield's better bombs."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = bytes(1 << 20)
    body = packer.compress(plain) + packer.flush()
    facts = struct.pack("<5H3L2H", 20, 0, 8, 0, 0, zlib.crc32(plain), len(body), len(plain), 1, 0)
    local = b"PK\x03\x04" + facts + b"a"
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<3H2L", 0, 0, 0, 0, 0) + b"a"
    directory = entry * 1000
    end = struct.pack("<4H2LH", 0, 0, 1000, 1000, len(directory), len(local) + len(body), 0)
    return local + body + directory + b"PK\x05\x06" + end


def test_a_zip_whose_members_overlap_is_stopped() -> None:
    assert "bomb" in refusal(overlapping()) or "damaged" in refusal(overlapping())


def many_entries(count: int, stated: int) -> bytes:
    """A zip's table of contents with so many entries of which the end states others."""
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + bytes(22) + struct.pack("<5H2L", 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * count
    end = struct.pack("<4H2LH", 0, 0, stated, stated, len(directory), 0, 0)
    return directory + b"PK\x05\x06" + end


@pytest.mark.parametrize("stated", [1, 0xFFFF])
def test_a_million_entries_of_a_zip_are_counted_before_they_are_read(stated: int) -> None:
    assert "too many members" in _of_zip(many_entries(1_000_000, stated))


def _of_zip(data: bytes) -> str:
    """Put a first member before it, by which it is known as a zip."""
    with pytest.raises(SourceError) as caught:
        read(b"PK\x03\x04" + data)
    return str(caught.value)


def test_a_table_of_contents_that_fills_the_memory_is_refused() -> None:
    assert "too long a table of contents" in _of_zip(many_entries(1_500_000, 10))


def test_a_million_entries_of_a_tar_end_at_the_limit() -> None:
    block = tar((named("a.csv"), b""))[:512]
    assert "too many members" in refusal(block * 2_000 + bytes(1024), Limits(members=1_000))


def test_headers_without_end_do_not_fill_the_memory() -> None:
    """Each says what the next member's attributes are, and no member comes."""
    whole = tar((named("a.csv"), b""), format=tarfile.PAX_FORMAT, pax_headers={"comment": "x" * 50_000})
    assert "damaged" in refusal(whole[: whole.index(b"a.csv")] * 1_000)


def test_sparse_files_are_refused_before_their_maps_are_read(tmp_path: Path) -> None:
    """The map of one has no bound, and the file may be anything in size."""
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(1 << 30)
    for form in ("gnu", "posix"):
        command = ["tar", "--sparse", f"--format={form}", "-cf", "-", "a.csv"]
        made = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60).stdout
        assert "a sparse file" in refusal(made)


@pytest.mark.parametrize("name", ["a\nb.csv", "a\x1b[31m.csv", "\udcff\udcfe.csv", "a\x7f.csv"])
def test_names_that_are_no_text_are_refused(name: str) -> None:
    assert "name is not readable text" in refusal(tar((named(name), b"x"), errors="surrogateescape"))


def test_a_zip_name_cannot_hide_its_ending_behind_a_zero() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv0.exe", b"x")
    data = file.getvalue().replace(b"a.csv0.exe", b"a.csv\x00.exe")
    assert "name is not readable text" in refusal(data)


@pytest.mark.parametrize("name", ["müller.csv", "客户.csv", "a b (1).csv"])
def test_names_of_all_languages_are_read(name: str) -> None:
    assert read(tar((named(name), b"x"))) == 1


def test_a_method_that_no_everyday_tool_uses_is_refused() -> None:
    """One of LZMA could ask for four gigabytes to unpack a few bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", b"x" * 1000)
    assert "compressed by method 14" in refusal(file.getvalue())


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_an_archive_inside_an_archive_is_refused(kind: str) -> None:
    inner = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr("a.csv", b"x")
    else:
        inner.write(tar((named("a.csv"), b"x")))
    assert f"inner.{kind}: is a {kind} archive" in refusal(tar((named(f"inner.{kind}"), inner.getvalue())))


def test_an_archive_that_nobody_declared_is_named() -> None:
    said = refusal(gzip.compress(tar((named("a.csv"), b"x"))), archive=None)
    assert "is a tar archive. Expected `archive` in the courier's file" in said


def test_a_signature_is_needed_on_every_way(our_key: Key) -> None:
    """What is not encrypted at all has no signature either."""
    keyring = Keyring(Secret(our_key.private), Secret(PASSPHRASE), our_key.public)
    assert "is not signed" in refusal(b"id\n1\n", archive=None, keyring=keyring)
    assert "is not signed" in refusal(tar((named("a.csv"), b"id\n1\n")), keyring=keyring)
