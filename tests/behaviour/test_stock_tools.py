"""Files made by the stock tools come in, and what we send is opened by them: every documented combination by name."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp_assets.config.courier import Archive
from cdp_assets.config.destination import Compression
from cdp_assets.exchange.codecs import Keyring, Packing, Recipient, contents, decrypted_name, inner_name, pack
from cdp_assets.secrets import Secret
from tests.pgp import PASSPHRASE, GpgTool, Key

DAY = "2026_11_20"
CSV = b"id,name\n" + b"".join(b"%d,name %d\n" % (n, n * 7919) for n in range(20_000))
PARTS = {f"part-{n:05d}.parquet": b"PAR1" + bytes([n]) * 5000 + b"PAR1" for n in range(3)}
IN = [
    # arrives as, made of, wanted members, what comes out
    (f"t_{DAY}.tgz.pgp", [f"t_{DAY}.csv"], "*.csv", [f"t_{DAY}.csv"]),
    (f"t_{DAY}.csv.tar.gz.pgp", [f"t_{DAY}.csv"], "*", [f"t_{DAY}.csv"]),
    (f"t_{DAY}.tar.pgp", ["t.parquet"], "t.parquet", [f"t.parquet/{part}" for part in PARTS]),
    (f"in_{DAY}.parquet.tar.pgp", ["a.parquet", "b.parquet"], "b.parquet", [f"b.parquet/{part}" for part in PARTS]),
    (f"in_{DAY}.csv.tgz.pgp", ["a.csv", "b.csv"], "b.csv", ["b.csv"]),
    (f"t_{DAY}.zip.gpg", [f"t_{DAY}.csv"], "*.csv", [f"t_{DAY}.csv"]),
    (f"in_{DAY}.zip", ["a.parquet", "b.csv"], "b.csv", ["b.csv"]),
    (f"t_{DAY}.csv.gz.pgp", [f"t_{DAY}.csv"], None, []),
    (f"t_{DAY}.csv.gz", [f"t_{DAY}.csv"], None, []),
    (f"t_{DAY}.csv.pgp", [f"t_{DAY}.csv"], None, []),
]


def tool(name: str, *arguments: str, folder: Path) -> bytes:
    """Run a program of the machine in a folder; give what it writes."""
    program = shutil.which(name)
    assert program is not None, f"{name} is not installed"
    return subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True, timeout=60).stdout


def made(name: str, members: list[str], folder: Path, gpg_tool: GpgTool, key: Key) -> Path:
    """Make a file as a customer does by hand: what it is called says by which tools, from the inside to the outside."""
    for member in members:
        _make_member(folder / member)
    file = _packed(decrypted_name(name), members, folder)
    if name == file.name:
        return file
    encrypted = folder / name
    encrypted.write_bytes(gpg_tool.encrypt(file.read_bytes(), key))
    return encrypted


def _make_member(path: Path) -> None:
    if path.suffix == ".csv":
        path.write_bytes(CSV)
        return
    path.mkdir()
    (path / "_SUCCESS").touch()
    for part, content in PARTS.items():
        (path / part).write_bytes(content)


def _packed(name: str, members: list[str], folder: Path) -> Path:
    if name.endswith((".tgz", ".tar.gz")):
        tool("tar", "czf", name, *members, folder=folder)
    elif name.endswith(".tar"):
        tool("tar", "cf", name, *members, folder=folder)
    elif name.endswith(".zip"):
        tool("zip", "-q", "-r", name, *members, folder=folder)
    elif name.endswith(".gz"):
        tool("gzip", "--keep", *members, folder=folder)
    return folder / name


def opened(path: Path, wanted: str | None, key: Key) -> dict[str, bytes]:
    """Give what we make of a file, by member."""
    archive = Archive(contents=wanted) if wanted else None
    keyring = Keyring(Secret(key.private), Secret(PASSPHRASE))
    with path.open("rb") as stream:
        found = contents(stream, path.name, archive=archive, keyring=keyring)
        return {name.removeprefix(f"{path.name}, "): content.read() for name, content in found}


@pytest.mark.parametrize(("name", "members", "wanted", "expected"), IN, ids=[row[0] for row in IN])
def test_what_stock_tools_make_comes_in(
    name: str,
    members: list[str],
    wanted: str | None,
    expected: list[str],
    tmp_path: Path,
    gpg_tool: GpgTool,
    our_key: Key,
) -> None:
    found = opened(made(name, members, tmp_path, gpg_tool, our_key), wanted, our_key)
    if wanted is None:
        assert found == {name: CSV}
    else:
        assert sorted(found) == sorted(expected)
    for member, content in found.items():
        assert content == PARTS.get(member.rpartition("/")[2], CSV)


def test_a_tar_of_an_old_dialect_comes_in(tmp_path: Path, our_key: Key) -> None:
    """Without the mark that later ones have, only its checksum shows what it is."""
    _make_member(tmp_path / "t.csv")
    tool("tar", "--format=v7", "-cf", "t.tar", "t.csv", folder=tmp_path)
    assert opened(tmp_path / "t.tar", "t.csv", our_key) == {"t.csv": CSV}


def test_a_zip_that_was_streamed_comes_in(tmp_path: Path, our_key: Key) -> None:
    """With sizes after the member, which the tool marks as a pipe."""
    _make_member(tmp_path / "t.csv")
    streamed = tool("sh", "-c", "cat t.csv | zip -q - -", folder=tmp_path)
    (tmp_path / "t.zip").write_bytes(streamed)
    assert opened(tmp_path / "t.zip", "*", our_key) == {"-": CSV}


def test_a_zip64_comes_in(tmp_path: Path, our_key: Key) -> None:
    _make_member(tmp_path / "t.csv")
    tool("zip", "-q", "--force-zip64", "t.zip", "t.csv", folder=tmp_path)
    assert b"PK\x06\x06" in (tmp_path / "t.zip").read_bytes()
    assert opened(tmp_path / "t.zip", "*", our_key) == {"t.csv": CSV}


OUT: list[tuple[str, Compression, list[str], str, list[str]]] = [
    # sent, compression, members inside, after decryption, after decompression
    (
        f"name_{DAY}.tar.pgp",
        "tar",
        [f"name_{DAY}.parquet/{part}" for part in PARTS],
        f"name_{DAY}.tar",
        [f"name_{DAY}.parquet/{part}" for part in PARTS],
    ),
    (f"name_{DAY}.tgz.pgp", "tgz", [f"name_{DAY}.csv"], f"name_{DAY}.tgz", [f"name_{DAY}.csv"]),
    (f"name_{DAY}.csv.gz.pgp", "gzip", [f"name_{DAY}.csv"], f"name_{DAY}.csv.gz", [f"name_{DAY}.csv"]),
    (
        f"output_{DAY}.parquet.tar.pgp",
        "tar",
        [f"{table}_{DAY}.parquet/{part}" for table in ("a", "b") for part in PARTS],
        f"output_{DAY}.parquet.tar",
        [f"{table}_{DAY}.parquet/{part}" for table in ("a", "b") for part in PARTS],
    ),
    (
        f"output_{DAY}.csv.tgz.pgp",
        "tgz",
        [f"output_{DAY}/{table}.csv" for table in ("a", "b")],
        f"output_{DAY}.csv.tgz",
        [f"output_{DAY}/{table}.csv" for table in ("a", "b")],
    ),
    (f"name_{DAY}.zip.pgp", "zip", [f"name_{DAY}.csv"], f"name_{DAY}.zip", [f"name_{DAY}.csv"]),
    (f"name_{DAY}.csv.pgp", "none", [f"name_{DAY}.csv"], f"name_{DAY}.csv", [f"name_{DAY}.csv"]),
]


@pytest.mark.parametrize(("sent", "compression", "members", "decrypted", "inside"), OUT, ids=[row[0] for row in OUT])
def test_what_we_send_is_opened_by_stock_tools(
    sent: str,
    compression: Compression,
    members: list[str],
    decrypted: str,
    inside: list[str],
    tmp_path: Path,
    gpg_tool: GpgTool,
    our_key: Key,
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    sources = dict(_finished(members, tmp_path))
    pack(sources, there / sent, Packing(compression, Recipient(our_key.public)), sent)
    gpg_tool.run("--multifile", "--decrypt", str(there / sent))  # gives the name itself
    (there / sent).unlink()
    assert [path.name for path in there.iterdir()] == [decrypted] == [decrypted_name(sent)]
    _unpack(there / decrypted)
    found = {path.relative_to(there).as_posix(): path.read_bytes() for path in there.rglob("*") if path.is_file()}
    assert found == {name: sources[member].read_bytes() for name, member in zip(inside, members, strict=True)}
    assert len(members) > 1 or inner_name(sent, "csv") == inside[0]


def _finished(members: list[str], folder: Path) -> Iterator[tuple[str, Path]]:
    for number, member in enumerate(members):
        path = folder / f"{number}.finished"
        path.write_bytes(PARTS.get(member.rpartition("/")[2], CSV + b"%d" % number))
        yield member, path


def _unpack(path: Path) -> None:
    """Take a decrypted file apart by hand, and away."""
    if path.suffix == ".gz":
        tool("gzip", "--decompress", path.name, folder=path.parent)
    elif path.suffix in (".tar", ".tgz"):
        tool("tar", "-xf", path.name, folder=path.parent)
        path.unlink()
    elif path.suffix == ".zip":
        tool("unzip", "-q", "-t", path.name, folder=path.parent)
        tool("unzip", "-q", path.name, folder=path.parent)
        path.unlink()
