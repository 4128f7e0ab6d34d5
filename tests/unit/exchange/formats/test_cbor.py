"""What the CBOR reader does with sequences and arrays of maps, and what it refuses to be drawn into."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.file_format import CborFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import Batch, Malformed, read
from cdp_assets.exchange.formats.binary_values import RECORD_BYTES

PLAIN = CborFormat()
LIST = '[1,{"x":"y"},true,null,null,2.50,"2026-11-20"]'


def parts(data: bytes, columns: list[str], format: CborFormat = PLAIN) -> list[Batch | Malformed]:
    return list(read(io.BytesIO(data), format, columns, "in.cbor", columns))


def rows(data: bytes, columns: list[str], format: CborFormat = PLAIN) -> list[tuple[str | None, ...]]:
    found: list[tuple[str | None, ...]] = []
    for part in parts(data, columns, format):
        assert isinstance(part, Batch), part
        found += zip(*(column.to_pylist() for column in part.table.columns), strict=True)
    return found


def test_every_type_has_its_spelling() -> None:
    record = {
        "text": "Zoë",
        "big": 2**70,
        "price": Decimal("1.50"),
        "ratio": 0.1,
        "known": False,
        "nothing": None,
        "raw": b"\xff",
        "at": dt.datetime(2026, 11, 20, 13, 45, tzinfo=dt.UTC),
        "list": [1, {"x": b"y"}, True, None, float("nan"), Decimal("2.50"), dt.date(2026, 11, 20)],
    }
    spelled = ("Zoë", str(2**70), "1.50", "0.1", "false", None, "/w==", "2026-11-20T13:45:00+00:00", LIST)
    assert rows(cbor2.dumps(record), list(record)) == [spelled]


RECORDS = [{"a": number, "n": {"x": str(number)}} for number in range(300)]
ENDLESS = b"\x9f" + b"".join(map(cbor2.dumps, RECORDS)) + b"\xff"
"""An array of indefinite length."""


@pytest.mark.parametrize(
    "data",
    [
        b"".join(map(cbor2.dumps, RECORDS)),
        cbor2.dumps(RECORDS),
        ENDLESS,
        b"\xd9\xd9\xf7" + cbor2.dumps(RECORDS),
        cbor2.dumps(RECORDS[:7]) + cbor2.dumps(RECORDS[7]) + cbor2.dumps(RECORDS[8:]),
    ],
    ids=["sequence", "array", "endless array", "self-described", "mixed"],
)
def test_maps_come_in_a_row_or_in_arrays(data: bytes) -> None:
    assert rows(data, ["A", "n.x"]) == [(str(number), str(number)) for number in range(300)]


def test_a_row_tag_says_where_the_records_are() -> None:
    data = cbor2.dumps({"row": [{"a": 1}, {"a": 2}]}) + cbor2.dumps({"row": {"a": 3}})
    assert rows(data, ["a"], CborFormat(row_tag="row")) == [("1",), ("2",), ("3",)]


def test_keys_that_are_no_text_are_found_by_their_spelling() -> None:
    assert rows(cbor2.dumps({1: "x", "n": {2: "y"}}), ["1", "n.2", "n"]) == [("x", "y", '{"2":"y"}')]


def test_what_is_no_map_is_malformed_and_stops_nothing() -> None:
    found = parts(cbor2.dumps([1, {"a": 2}, "x"]), ["a"])
    assert [part for part in found if isinstance(part, Malformed)] == [
        Malformed(row, "is not a CBOR map") for row in (1, 3)
    ]
    assert [part.rows.tolist() for part in found if isinstance(part, Batch)] == [[2]]


def tagged(tag: int, value: Any) -> bytes:
    return cbor2.dumps({"a": cbor2.CBORTag(tag, value)})


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty"),
        (cbor2.dumps({"a": 1}) + cbor2.dumps({"a": 2})[:-1], "row 2: is no CBOR, or is cut short"),
        (ENDLESS[:-1], "row 300: is cut short"),
        (b"\x9b" + b"\xff" * 8, "row 1: is no CBOR, or is cut short"),
        (b"\x99\x01", "is no CBOR, or is cut short"),
        (b"\x9c", "is no CBOR, or is cut short"),
        (b"\xa1" * 100_000, "row 1: is no CBOR"),
        (cbor2.dumps({"a": "x" * (RECORD_BYTES + 1)}), "row 1: has a record of more than 4194304 bytes"),
        (b"\xa1\x61a\x5b" + b"\xff" * 8 + bytes(RECORD_BYTES), "row 1: has a record of more than"),
        (tagged(35, "(a+)+"), "row 1: is no CBOR"),
        (tagged(28, [cbor2.CBORTag(29, 0)]), "row 1: is no CBOR"),
        (tagged(25, 0), "row 1: is no CBOR"),
    ],
)
def test_what_is_no_cbor_is_refused_with_its_row(data: bytes, problem: str) -> None:
    with pytest.raises(SourceError, match=rf"in\.cbor.*{problem}"):
        parts(data, ["a"])


def test_a_number_that_nine_bytes_make_endless_is_malformed() -> None:
    assert parts(bytes.fromhex("a16161c4821a3b9aca0001"), ["a"]) == [Malformed(1, "is not a CBOR map")]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), VALUES), max_size=10), st.booleans())
def test_each_map_that_cbor2_writes_is_one_row(records: list[dict[str, Any]], in_array: bool) -> None:
    data = cbor2.dumps(records) if in_array or not records else b"".join(map(cbor2.dumps, records))
    numbers = [
        row
        for part in parts(data, ["a"])
        for row in ([part.row] if isinstance(part, Malformed) else part.rows.tolist())
    ]
    assert sorted(numbers) == list(range(1, len(records) + 1))
