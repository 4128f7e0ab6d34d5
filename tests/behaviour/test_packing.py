"""What every kind of packing does: what is packed to be sent comes out again when it is read."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from cdp_assets.config.courier import Archive
from cdp_assets.config.destination import Compression
from cdp_assets.errors import DeliveryError, SourceError
from cdp_assets.exchange.codecs import PACKERS, Packing, contents, pack

ARCHIVES: list[Compression] = ["tar", "tgz", "zip"]
CONTENT = b"id,name\n" + b"".join(b"%d,name of %d\n" % (n, n * 7919) for n in range(50_000))


def _stream(path: Path) -> bytes:
    with path.open("rb") as file:
        return b"".join([stream.read() for _, stream in contents(file, path.stem)])


def _archive(path: Path) -> bytes:
    with path.open("rb") as file:
        found = contents(file, path.stem, archive=Archive(contents="out.csv"))
        return b"".join([stream.read() for _, stream in found])


UNPACK: dict[Compression, Callable[[Path], bytes]] = {
    "none": _stream,
    "gzip": _stream,
    **dict.fromkeys(ARCHIVES, _archive),
}
TOOLS: dict[Compression, list[str]] = {
    "gzip": ["gzip", "--decompress", "--stdout"],
    "tar": ["tar", "--extract", "--to-stdout", "--file"],
    "tgz": ["tar", "--extract", "--gzip", "--to-stdout", "--file"],
    "zip": ["python3", "-m", "zipfile", "--test"],
}


def packed(folder: Path, kind: Compression, content: bytes = CONTENT) -> Path:
    source, target = folder / "plain", folder / f"packed.{kind}"
    source.write_bytes(content)
    pack({"out.csv": source}, target, Packing(kind), "out")
    return target


def test_every_kind_that_can_be_configured_is_here() -> None:
    assert set(UNPACK) == set(PACKERS) == set(get_args(Compression))


@pytest.mark.parametrize("content", [CONTENT, b"", b"\x00" * 1_000_000, b"one"], ids=["text", "empty", "zeros", "tiny"])
@pytest.mark.parametrize("kind", UNPACK)
def test_what_was_packed_comes_out_again(kind: Compression, content: bytes, tmp_path: Path) -> None:
    assert UNPACK[kind](packed(tmp_path, kind, content)) == content


@pytest.mark.parametrize("kind", UNPACK)
def test_the_same_file_packs_to_the_same_bytes(kind: Compression, tmp_path: Path) -> None:
    """So that the hash of a delivery says whether its content is new."""
    first = packed(tmp_path, kind).read_bytes()
    (tmp_path / "plain").touch()
    assert packed(tmp_path, kind).read_bytes() == first


@pytest.mark.parametrize("kind", TOOLS)
def test_everyday_tools_unpack_it(kind: Compression, tmp_path: Path) -> None:
    tool, *options = TOOLS[kind]
    program = shutil.which(tool)
    assert program is not None
    path = packed(tmp_path, kind)
    found = subprocess.run([program, *options, path], check=True, capture_output=True, timeout=60)
    assert kind == "zip" or found.stdout == CONTENT


@pytest.mark.parametrize("kind", [kind for kind in UNPACK if kind != "none"])
@pytest.mark.parametrize("left", [0.01, 0.5, 0.98])
def test_a_cut_file_is_an_error_not_a_short_one(kind: Compression, left: float, tmp_path: Path) -> None:
    path = packed(tmp_path, kind)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * left)])
    with pytest.raises(SourceError, match="packed"):
        UNPACK[kind](path)


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_can_come_inside_gzip(kind: Compression, tmp_path: Path) -> None:
    """Which gives no stream that seeks, as decryption does not."""
    outer = io.BytesIO(gzip.compress(packed(tmp_path, kind).read_bytes()))
    found = contents(outer, "a", archive=Archive(contents="*.csv"))
    assert [(name, stream.read()) for name, stream in found] == [("a, out.csv", CONTENT)]


@pytest.mark.parametrize("kind", UNPACK)
def test_a_source_that_is_not_there_is_a_delivery_error(kind: Compression, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=f"packed as {kind}"):
        pack({"out.csv": tmp_path / "absent"}, tmp_path / "target", Packing(kind), "out.csv")


def test_a_large_zip_is_one_that_unzip_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a limit that a test can reach; without zip64 it is refused, for receivers who cannot read it."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    source, target = tmp_path / "plain", tmp_path / "large.zip"
    source.write_bytes(CONTENT)
    pack({"out.csv": source}, target, Packing("zip"), "large.zip")
    assert target.read_bytes()[4] == zipfile.ZIP64_VERSION
    program = shutil.which("unzip")
    assert program is not None
    subprocess.run([program, "-q", "-t", target], check=True, timeout=60)
    with pytest.raises(DeliveryError, match=r"large\.zip: is beyond 4 GB as a zip"):
        pack({"out.csv": source}, target, Packing("zip", zip64=False), "large.zip")


def test_an_archive_holds_its_members_in_their_order(tmp_path: Path) -> None:
    paths = {f"m.parquet/part-{number}.parquet": tmp_path / str(number) for number in (2, 1, 3)}
    for name, path in paths.items():
        path.write_text(name)
    for kind in ARCHIVES:
        target = tmp_path / kind
        pack(paths, target, Packing(kind), kind)
        with target.open("rb") as file:
            found = [
                (name, stream.read()) for name, stream in contents(file, kind, archive=Archive(contents="m.parquet"))
            ]
        assert found == [(f"{kind}, {name}", name.encode()) for name in paths]
