"""Which files stay in their store, how they are parted, and what their pieces say together."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from cdp_assets.config.courier import Courier, CourierFile
from cdp_assets.config.file_format import DelimitedFormat
from cdp_assets.errors import SourceUnreachableError
from cdp_assets.sources.in_place.outcome import Outcome, is_read_apart, reading_of, rows_before
from cdp_assets.sources.in_place.shares import shares_of, tasks_of, whole_shares
from cdp_assets.sources.in_place.staying import GIGABYTE, staying
from cdp_assets.sources.in_place.worker import SourceFile
from cdp_assets.sources.new_file import NewFile
from cdp_assets.state.landed_files import IN_PLACE, LandedFile

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
LANDED = LandedFile(1, "production", "orders", "orders", "o.csv", NOON.date(), 1, 10, NOON, "0", f"{IN_PLACE}1")


def courier(location: str = "s3", **file: Any) -> Courier:
    """Give a courier with one kind of file."""
    place = {"kind": location, "path": "in"} if location == "local" else {"kind": location, "bucket": "acme"}
    values = {"tag": "orders", "pattern": "'o'", "format": {"kind": "csv"}} | file
    load = [{"feed": "shop_orders", "file": "orders"}]
    return Courier.model_validate({"name": "orders", "location": place, "files": [values], "load": load})


def new(name: str, gb: float = 1.0) -> NewFile:
    """Give a new file."""
    return NewFile("orders", name, int(gb * GIGABYTE), NOON, NOON.date(), "1")


def names(courier: Courier, *found: NewFile) -> list[str]:
    """Name the files that stay."""
    return [file.name for file in staying(courier, found)]


def test_files_stay_when_together_they_are_larger_than_said() -> None:
    files = [new("a.csv", 300), new("b.csv", 201)]
    assert names(courier(), *files) == ["a.csv", "b.csv"]
    assert names(courier(), files[0]) == []
    assert names(courier(in_place_above_gb=0), new("a.csv", 0.1)) == ["a.csv"]
    assert names(courier(in_place_above_gb=1), new("a.csv", 1)) == []


def test_what_is_packed_by_its_name_is_landed_and_counts_for_nothing() -> None:
    assert names(courier(in_place_above_gb=1), new("a.csv.gz", 9), new("b.csv", 0.5), new("c.csv", 0.6)) == [
        "b.csv",
        "c.csv",
    ]


@pytest.mark.parametrize(
    "one",
    [
        courier("local", in_place_above_gb=0),
        courier(format={"kind": "avro"}, in_place_above_gb=0),
        courier(archive={"contents": "*"}, in_place_above_gb=0),
        courier(in_place_above_gb=0).model_copy(update={"pgp_credential": "partner"}),
    ],
    ids=["local", "avro", "archive", "encrypted"],
)
def test_what_cannot_be_read_in_place_is_landed(one: Courier) -> None:
    assert names(one, new("a.csv")) == []


def source(size_bytes: int) -> SourceFile:
    """Give a file."""
    kind = CourierFile(tag="orders", pattern="'o'", format=DelimitedFormat())
    return SourceFile("o", "1", size_bytes, 1, kind)


@pytest.mark.parametrize("size_bytes", [0, 1, 99, 149, 150, 151, 1000, 1049])
def test_pieces_follow_each_other_and_none_is_small(size_bytes: int) -> None:
    pieces = [share.piece for share in shares_of({0: source(size_bytes)}, 100)]
    assert [piece.start for piece in pieces] == [0, *(piece.end for piece in pieces[:-1])]
    assert pieces[-1].end == size_bytes
    assert [piece.is_last for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert all(50 <= piece.end - piece.start < 200 for piece in pieces) or len(pieces) == 1


def test_small_files_share_a_task_and_a_large_one_has_several() -> None:
    files = {0: source(10), 1: source(20), 2: source(300), 3: source(5)}
    tasks = tasks_of(shares_of(files, 100), 100)
    assert [[(share.file, share.part) for share in task] for task in tasks] == [
        [(0, 0), (1, 0)], [(2, 0)], [(2, 1)], [(2, 2)], [(3, 0)],
    ]  # fmt: skip
    assert all(share.piece.is_whole for share in whole_shares(files))


def outcome(part: int, rows: int, *rejected: int, problem: Any = None, **left_out: str | None) -> Outcome:
    """Give what came of a piece with so many rows, of which some were refused."""
    rejects = [(row, None, "bad") for row in rejected]
    good = rows - len(rejected)
    return Outcome(0, part, rows, rows, len(rejected), good, rejects, left_out, problem)


def test_pieces_add_up_and_rows_are_those_of_the_file() -> None:
    pieces = [Outcome.read(one.spelled()) for one in (outcome(0, 10, 3), outcome(1, 0), outcome(2, 5, 1, 2))]
    found, error = reading_of(LANDED, pieces)
    assert (found.account.rows_read, found.account.rows_rejected, found.rows_loaded) == (15, 3, 12)
    assert [(one.file, one.row) for one in found.account.rejects] == [("o.csv", 3), ("o.csv", 11), ("o.csv", 12)]
    assert rows_before(pieces) == [0, 10, 10]
    assert (error, is_read_apart(pieces)) == (None, True)


@pytest.mark.parametrize(
    ("first", "second", "is_apart"),
    [("%m/%d/", "%m/%d/", True), ("%m/%d/", None, True), ("%m/%d/", "%d/%m/", False), (None, "%d/%m/", False)],
)
def test_dates_are_read_alike_in_all_pieces_or_the_file_is_read_in_one(
    first: str | None, second: str | None, is_apart: bool
) -> None:
    """As the beginning of the file decides, or the pieces do not give what the file gives."""
    assert is_read_apart([outcome(0, 5, on=first), outcome(1, 5, on=second)]) is is_apart


def test_a_piece_that_fails_has_its_file_read_in_one_unless_that_may_pass() -> None:
    told = ("o.csv", "has a hole", "none", 3, False)
    pieces = [outcome(0, 5), outcome(1, 5, problem=told)]
    assert not is_read_apart(pieces)
    assert is_read_apart(pieces[1:])
    assert str(reading_of(LANDED, pieces[1:])[1]) == "o.csv, row 3: has a hole. Expected none."
    may_pass = [outcome(0, 5, problem=told), outcome(1, 5, problem=(*told[:4], True))]
    assert is_read_apart(may_pass)
    assert isinstance(reading_of(LANDED, may_pass)[1], SourceUnreachableError)
