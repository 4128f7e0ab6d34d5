"""Which members of an archive are read, and which archives are refused."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from cdp_assets.config.courier import Archive
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import Limits, contents

Members = dict[str, bytes]


def tar(content: Members, format: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format) as archive:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def zipped(content: Members) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return file.getvalue()


ARCHIVES: dict[str, Callable[[Members], bytes]] = {
    "tar": tar,
    "tgz": lambda content: gzip.compress(tar(content)),
    "zip": zipped,
}


def special(type_: bytes, target: str = "") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("a.csv")
        member.type, member.linkname = type_, target
        archive.addfile(member)
    return file.getvalue()


def zip_link() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        member = zipfile.ZipInfo("a.csv")
        member.external_attr = 0o120777 << 16
        archive.writestr(member, "/etc/hostname")
    return file.getvalue()


def read(archive: bytes, wanted: str = "*.csv", limits: Limits | None = None) -> Members:
    kind = Archive(contents=wanted, skip_missing=True)
    found = contents(io.BytesIO(archive), "arrived", archive=kind, limits=limits or Limits())
    return {name.removeprefix("arrived, "): stream.read() for name, stream in found}


@pytest.fixture(params=ARCHIVES)
def make(request: pytest.FixtureRequest) -> Callable[[Members], bytes]:
    """Each kind of archive."""
    return ARCHIVES[request.param]


def test_only_the_wanted_members_are_read(make: Callable[[Members], bytes]) -> None:
    archive = make({"a.csv": b"1", "b.txt": b"2", "./c.csv": b"3", "x/d.csv": b"4"})
    assert read(archive) == {"a.csv": b"1", "c.csv": b"3"}
    assert read(archive, "x/*.csv") == {"x/d.csv": b"4"}
    assert read(archive, "b.txt") == {"b.txt": b"2"}
    assert read(archive, "absent.csv") == {}


def test_an_archive_without_a_wanted_member_is_refused_unless_that_is_said_to_be_well() -> None:
    found = contents(io.BytesIO(tar({"a.csv": b"1"})), "arrived", archive=Archive(contents="b.csv"))
    with pytest.raises(SourceError, match=r"arrived: no member matches b\.csv"):
        next(found)


def test_a_folder_of_part_files_answers_to_its_name_without_the_writers_marks(
    make: Callable[[Members], bytes],
) -> None:
    parts = {"m.parquet/part-0": b"0", "m.parquet/part-1": b"1", "m.parquet/_SUCCESS": b"", "m.parquet/.crc": b"x"}
    assert read(make(parts), "m.parquet") == {"m.parquet/part-0": b"0", "m.parquet/part-1": b"1"}


def test_a_reader_may_close_a_member_in_the_middle(make: Callable[[Members], bytes]) -> None:
    """The next one is whole all the same, and so is the archive."""
    large = os.urandom(12 << 20)
    found = contents(io.BytesIO(make({"a.csv": large, "b.csv": b"2"})), "arrived", archive=Archive(contents="*.csv"))
    _, first = next(found)
    assert first.read(10) == large[:10]
    first.close()
    assert [stream.read() for _, stream in found] == [b"2"]


def test_a_member_that_is_gzip_itself_is_decompressed(make: Callable[[Members], bytes]) -> None:
    assert read(make({"a.csv": gzip.compress(b"inside")})) == {"a.csv": b"inside"}


@pytest.mark.parametrize("name", ["../a.csv", "x/../../a.csv", "/a.csv", "..\\a.csv", "C:\\a.csv", "x/../a.csv"])
def test_an_archive_with_a_name_that_leads_out_is_refused(make: Callable[[Members], bytes], name: str) -> None:
    """Wanted or not: an honest tool does not write such names."""
    with pytest.raises(SourceError, match="leads out of the archive"):
        read(make({name: b"x"}), "other.txt")


@pytest.mark.parametrize(
    ("archive", "what"),
    [
        (special(tarfile.SYMTYPE, "/etc/hostname"), "a link"),
        (special(tarfile.LNKTYPE, "b.csv"), "a link"),
        (special(tarfile.CHRTYPE), "a device"),
        (special(tarfile.FIFOTYPE), "a device"),
        (zip_link(), "a link"),
    ],
    ids=["symbolic", "hard", "device", "pipe", "zip"],
)
def test_an_archive_with_a_member_that_is_no_file_is_refused(archive: bytes, what: str) -> None:
    with pytest.raises(SourceError, match=what):
        read(archive, "other.txt")


def test_an_encrypted_member_is_refused() -> None:
    archive = bytearray(zipped({"a.csv": b"x"}))
    at = archive.rfind(b"PK\x01\x02")
    archive[at + 8] |= 1
    with pytest.raises(SourceError, match="encrypted"):
        read(bytes(archive))


def test_a_tar_without_its_end_mark_is_cut_short() -> None:
    """Python's `tarfile` takes it for a whole one, and the members after the cut would be lost."""
    whole = tar({"a.csv": b"1", "b.csv": b"2"})
    with pytest.raises(SourceError, match=r"arrived.*cut short"):
        read(whole[:1024])


def test_long_names_of_both_dialects_are_read() -> None:
    name = "x" * 300 + ".csv"
    for format in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        assert read(tar({name: b"1"}, format)) == {name: b"1"}


def test_an_empty_archive_has_no_members(make: Callable[[Members], bytes]) -> None:
    assert read(make({})) == {}


@pytest.mark.parametrize(
    "data", [b"", b"id,name\n1,x\n" * 100, b"\x1f\x8bnot gzip", gzip.compress(b"id\n1\n", mtime=0)]
)
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="arrived"):
        read(data)


def test_a_bomb_is_stopped_long_before_its_end(make: Callable[[Members], bytes]) -> None:
    limits = Limits(ratio=50, ratio_from_bytes=1 << 20)
    bomb = make({"a.csv": gzip.compress(bytes(40 << 20))})
    taken = io.BytesIO()

    def take() -> None:
        for _, stream in contents(io.BytesIO(bomb), "arrived", archive=Archive(contents="*.csv"), limits=limits):
            shutil.copyfileobj(stream, taken)

    with pytest.raises(SourceError, match="bomb"):
        take()
    assert taken.tell() < 4 << 20


def test_the_limits_are_kept(make: Callable[[Members], bytes]) -> None:
    archive = make({"a.csv": b"1" * 100, "b.csv": b"2"})
    with pytest.raises(SourceError, match="at most 99 bytes"):
        read(archive, limits=Limits(size_bytes=99))
    with pytest.raises(SourceError, match="too many members"):
        read(archive, limits=Limits(members=1))


def test_a_huge_header_is_not_taken_into_memory() -> None:
    with pytest.raises(SourceError, match="damaged"):
        read(tar({"x" * 5000 + ".csv": b"1"}), limits=Limits(header_bytes=1024))
