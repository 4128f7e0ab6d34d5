"""The documented outputs, name for name, opened by the tools that a receiver has: gpg, tar, gzip, unzip."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_assets.exchange.codecs import Recipient
from tests.pgp import GpgTool, Key
from tests.unit.destinations.sender import ROWS, Sender

OTHERS = pa.table({"id": ["d"], "revenue": [4]})
ONE = {"name": ROWS}
SEVERAL = {"first": ROWS, "second": OTHERS}
DATE = "{{now|format:'yyyy_MM_dd'}}"
CSV, PARQUET = {"kind": "csv"}, {"kind": "parquet"}


@dataclass(frozen=True)
class Case:
    """A row of the documented table."""

    format: dict[str, Any]
    compression: str
    tables: Mapping[str, pa.Table]
    template: str
    sent: str
    decrypted: str
    inside: tuple[str, ...]


DOCUMENTED = {
    "table as Parquet, TAR, PGP": Case(
        PARQUET, "tar", ONE, f"name_{DATE}.tar.pgp",
        "name_2026_11_20.tar.pgp", "name_2026_11_20.tar", ("name_2026_11_20.parquet/part-0000001.parquet",),
    ),
    "table as CSV, TGZ, PGP": Case(
        CSV, "tgz", ONE, f"name_{DATE}.tgz.pgp",
        "name_2026_11_20.tgz.pgp", "name_2026_11_20.tgz", ("name_2026_11_20.csv",),
    ),
    "table as CSV, GZip, PGP": Case(
        CSV, "gzip", ONE, f"name_{DATE}.csv.gz.pgp",
        "name_2026_11_20.csv.gz.pgp", "name_2026_11_20.csv.gz", ("name_2026_11_20.csv",),
    ),
    "several tables as Parquet, TAR, PGP": Case(
        PARQUET, "tar", SEVERAL, f"output_{DATE}.parquet.tar.pgp",
        "output_2026_11_20.parquet.tar.pgp", "output_2026_11_20.parquet.tar",
        ("first_2026_11_20.parquet/part-0000001.parquet", "second_2026_11_20.parquet/part-0000001.parquet"),
    ),
    "several tables as CSV, TGZ, PGP": Case(
        CSV, "tgz", SEVERAL, f"output_{DATE}.csv.tgz.pgp",
        "output_2026_11_20.csv.tgz.pgp", "output_2026_11_20.csv.tgz", ("first.csv", "second.csv"),
    ),
    "table as CSV, ZIP, PGP": Case(
        CSV, "zip", ONE, f"name_{DATE}.zip.pgp",
        "name_2026_11_20.zip.pgp", "name_2026_11_20.zip", ("name_2026_11_20.csv",),
    ),
}  # fmt: skip


def run(*command: str | Path) -> None:
    """Run a tool; its failure is ours."""
    program = shutil.which(command[0])
    assert program is not None, command[0]
    done = subprocess.run([program, *command[1:]], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")


def unpacked(path: Path, compression: str) -> list[str]:
    """Unpack in place by the stock tool; give what has come out."""
    folder = path.parent
    if compression == "gzip":
        run("gzip", "--decompress", path)
    elif compression == "zip":
        run("unzip", "-q", path, "-d", folder)
    else:
        run("tar", "--extract", "--file", path, "--directory", folder)
    path.unlink(missing_ok=True)
    found = (one for one in folder.rglob("*") if one.is_file())
    return sorted(one.relative_to(folder).as_posix() for one in found)


def rows_of(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return list(pq.read_table(path).to_pylist())
    return [{"id": row["id"], "revenue": int(row["revenue"])} for row in csv.DictReader(path.open())]


@pytest.mark.parametrize("name", DOCUMENTED)
def test_each_documented_output_has_its_names_and_is_opened_by_stock_tools(
    name: str, tmp_path: Path, gpg_tool: GpgTool, our_key: Key
) -> None:
    """What is sent, what it is after decryption, what is inside; and the rows are there."""
    case, sender, opened = DOCUMENTED[name], Sender(tmp_path), tmp_path / "opened"
    opened.mkdir()
    sender.send(
        rows=case.tables, format=case.format, compression=case.compression, filename=case.template, output=None,
        recipient=Recipient(our_key.public),
    )  # fmt: skip
    assert sender.names() == [case.sent]
    gpg_tool.run("--import", given=our_key.private.encode())
    gpg_tool.run("--output", str(opened / case.decrypted), "--decrypt", str(sender.folder / case.sent))
    assert case.sent == f"{case.decrypted}.pgp", "what gpg itself calls it"
    assert unpacked(opened / case.decrypted, case.compression) == sorted(case.inside)
    for inside, table in zip(case.inside, case.tables.values(), strict=True):
        assert rows_of(opened / inside) == table.to_pylist()


FOLDERS: dict[str, tuple[Mapping[str, pa.Table], dict[str, Any], list[str]]] = {
    "a query": (ONE, {"filename": "people.csv"}, ["people.csv/part-0000001.csv"]),
    "Parquet": (ONE, {"filename": "people", "format": PARQUET}, ["people.parquet/part-0000001.parquet"]),
    "Parquet that says so": (
        ONE,
        {"filename": "people.parquet", "format": PARQUET},
        ["people.parquet/part-0000001.parquet"],
    ),
    "Parquet without the ending": (
        ONE,
        {"filename": "people", "format": PARQUET, "parquet_ending": False},
        ["people/part-0000001.parquet"],
    ),
    "several tables": (SEVERAL, {"filename": "out"}, ["out/first.csv", "out/second.csv"]),
    "several tables, compressed": (
        SEVERAL,
        {"filename": "out", "compression": "gzip"},
        ["out/first.csv.gz", "out/second.csv.gz"],
    ),
    "several tables as Parquet": (
        SEVERAL,
        {"filename": "out", "format": PARQUET},
        ["out/first_2026_11_20.parquet/part-0000001.parquet", "out/second_2026_11_20.parquet/part-0000001.parquet"],
    ),
    "several tables by names of one's own": (
        SEVERAL,
        {"filename": "out", "table_filename": f"{{{{table_name}}}}-{DATE}"},
        ["out/first-2026_11_20.csv", "out/second-2026_11_20.csv"],
    ),
    "compressed, as a folder": (
        ONE,
        {"filename": "out", "compression": "gzip", "output": "folder"},
        ["out/part-0000001.csv.gz"],
    ),
    "a remote folder": (
        ONE,
        {"filename": "a b.csv", "remote_folder": "/to acme/in".replace(" ", "\\ "), "output": "file"},
        ["to acme/in/a b.csv"],
    ),
    "a remote folder and a done file": (
        ONE,
        {"filename": "a", "remote_folder": "/in", "done_file": True},
        ["in/a.DONE", "in/a/part-0000001.csv"],
    ),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_without_tar_and_zip_a_folder_holds_part_files(name: str, tmp_path: Path) -> None:
    """Named by the template; names that we make hold every ending, for nobody else says them."""
    tables, change, names = FOLDERS[name]
    sender = Sender(tmp_path)
    sender.send(rows=tables, **({"output": None} | change))
    assert sender.names() == names


MANY = {"n": pa.table({"n": list(range(120_000))})}
SPLITS: dict[str, tuple[Mapping[str, pa.Table], dict[str, Any], list[str]]] = {
    "beside one another": (MANY, {"filename": "n_{{file_number}}.csv"}, [f"n_000000{at}.csv" for at in (1, 2, 3)]),
    "by a name of their own": (
        MANY,
        {"filename": "all", "split_filename": "{{file_number}}.csv", "done_file": True},
        [*(f"000000{at}.csv" for at in (1, 2, 3)), "all.DONE"],
    ),
    "in a folder": (
        MANY,
        {"filename": "{{file_number}}.csv", "split_directory": f"n_{DATE}", "remote_folder": "/in", "done_file": True},
        [f"in/n_2026_11_20/000000{rest}" for rest in ("1.csv", "1.csv.DONE", "2.csv", "3.csv")],
    ),
    "each an archive": (
        MANY,
        {"filename": "n_{{file_number}}.zip", "compression": "zip"},
        [f"n_000000{at}.zip" for at in (1, 2, 3)],
    ),
    "several tables": (
        {"n": MANY["n"], "m": MANY["n"].slice(0, 60_000)},
        {"filename": "out", "split_filename": "{{table_name}}_{{file_number}}.csv"},
        ["out/m_0000001.csv", "out/m_0000002.csv", *(f"out/n_000000{at}.csv" for at in (1, 2, 3))],
    ),
}


@pytest.mark.parametrize("name", SPLITS)
def test_a_split_export_has_numbered_files(name: str, tmp_path: Path) -> None:
    """Of so many rows each; every row once."""
    tables, change, names = SPLITS[name]
    sender = Sender(tmp_path)
    delivered = sender.send(rows=tables, split_rows=50_000, **change)
    assert sender.names() == names
    assert delivered.delivery.rows == sum(table.num_rows for table in tables.values())
    if change.get("compression") == "zip":
        run("unzip", "-q", sender.folder / names[-1], "-d", tmp_path)
        assert (tmp_path / "n_0000003.csv").read_text().splitlines()[1] == "100000"


def test_files_are_split_by_size_as_well(tmp_path: Path) -> None:
    """None is larger; together they are the whole."""
    sender = Sender(tmp_path)
    rows = pa.table({"n": list(range(200_000)), "text": ["some text"] * 200_000})
    sender.send(rows=rows, split_size_mb=1, filename="n_{{file_number}}.csv")
    sizes = [(sender.folder / name).stat().st_size for name in sender.names()]
    assert len(sizes) > 2
    assert max(sizes) <= 1_000_000
    read = [line for name in sender.names() for line in (sender.folder / name).read_text().splitlines()[1:]]
    assert read == [f"{number},some text" for number in range(200_000)]


def test_encrypted_parts_say_so_in_their_names(tmp_path: Path, our_key: Key) -> None:
    """And the ledger holds the hash of what is inside, which is the same each time."""
    sender = Sender(tmp_path)
    change: dict[str, Any] = {"output": "folder", "filename": "n", "recipient": Recipient(our_key.public)}
    first, second = (sender.send(number, **change).files[0] for number in (1, 2))
    assert first.filename == "n/part-0000001.csv.pgp"
    assert first.sha256 != second.sha256
    assert first.content_sha256 == second.content_sha256
