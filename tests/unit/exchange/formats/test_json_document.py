"""What the readers of JSON arrays, single objects and sequences do with what customers send."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.file_format import JsonFormat, JsonStreamFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import Batch, Malformed, read
from cdp_assets.exchange.formats.records import RECORD_BYTES

DOCUMENT, SEQUENCE = JsonFormat(), JsonStreamFormat()
Format = JsonFormat | JsonStreamFormat


def parts(data: bytes, columns: list[str], format: Format = DOCUMENT) -> list[Batch | Malformed]:
    return list(read(io.BytesIO(data), format, columns, "in.json", columns))


def rows(data: bytes, columns: list[str], format: Format = DOCUMENT) -> list[tuple[str | None, ...]]:
    found: list[tuple[str | None, ...]] = []
    for part in parts(data, columns, format):
        assert isinstance(part, Batch), part
        found += zip(*(column.to_pylist() for column in part.table.columns), strict=True)
    return found


def test_an_array_has_a_row_per_object() -> None:
    data = b' [ {"a": 1.50, "n": {"x": true}} ,\n{"A": null}\r\n] \n'
    assert rows(data, ["a", "n.x"]) == [("1.50", "true"), (None, None)]


def test_one_object_is_one_row_and_an_empty_array_none() -> None:
    assert rows(b'\n{"a": {"b": [1, "x"]}}\n', ["a"]) == [('{"b":[1,"x"]}',)]
    assert rows(b" [ ] ", ["a"]) == []


@pytest.mark.parametrize("between", [b"", b"\n", b"\r\n\r\n", b"\n\x1e", b" "])
def test_a_sequence_has_a_row_per_object_whatever_blank_is_between(between: bytes) -> None:
    data = between.join(b'{"a": %d}' % n for n in range(3)) + between
    assert rows(data, ["a"], SEQUENCE) == [("0",), ("1",), ("2",)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_the_byte_order_mark_decides_the_encoding(encoding: str) -> None:
    assert rows('[{"a": "é🙂"}]'.encode(encoding), ["a"]) == [("é🙂",)]
    assert rows('{"a": "é"}'.encode("cp1252"), ["a"], JsonFormat(encoding="cp1252")) == [("é",)]


@pytest.mark.parametrize("format", [DOCUMENT, SEQUENCE])
def test_what_is_no_object_is_malformed_and_stops_nothing(format: Format) -> None:
    values = b'1,"x",[{}],{"a": 7},null' if format is DOCUMENT else b'1 "x"[{}]{"a": 7} null'
    found = parts(b"[" + values + b"]" if format is DOCUMENT else values, ["a"], format)
    assert [part for part in found if isinstance(part, Malformed)] == [
        Malformed(row, "is not a JSON object") for row in (1, 2, 3, 5)
    ]
    assert [part.rows.tolist() for part in found if isinstance(part, Batch)] == [[4]]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "in.json: is empty"),
        (b" \n", "in.json: is empty"),
        (b'"x"', "is neither an array of objects nor an object"),
        (b'[{"a": 1}', "row 1: is cut short"),
        (b'[{"a": 1}, {"a": ', "row 2: is no JSON, or is cut short"),
        (b'[{"a": 1} {"a": 2}]', "row 1: lacks a comma"),
        (b'[{"a": 1},]', "row 2: is no JSON"),
        (b'[{"a": 1}] x', "row 1: goes on after its end"),
        (b'{"a": 1}\n{"a": 2}', "row 1: goes on after its end"),
        (b'[{"a": NaN}]', "row 1: has a record that is no JSON"),
        (b'[{"a": 1}, {"a": "\xe9"}]', "row 2: has bytes that are not utf-8"),
        (b'[{"a": ' + b"[" * 100_000, "row 1: has a record that is no JSON, or nests too deep"),
    ],
)
def test_text_that_is_no_document_is_refused_with_its_row(data: bytes, problem: str) -> None:
    with pytest.raises(SourceError, match=problem):
        parts(data, ["a"])


def test_a_record_that_nests_too_deep_to_be_spelled_is_malformed() -> None:
    deep = b'[{"a": ' + b"[" * 600 + b"]" * 600 + b'}, {"a": 1}]'
    assert Malformed(1, "is not a JSON object") in parts(deep, ["a"])


def test_an_endless_record_is_refused_before_it_fills_the_memory() -> None:
    start = io.BytesIO(b'[{"a": "')

    class Source:
        def read(self, size: int) -> bytes:
            return start.read(size) or b"x" * size

        def seekable(self) -> bool:
            return False

    with pytest.raises(SourceError, match=f"row 1: has a record of more than {RECORD_BYTES} characters"):
        list(read(Source(), DOCUMENT, ["a"], "in.json"))  # type: ignore[arg-type]


def test_a_long_array_is_never_held_whole() -> None:
    record = b'{"a": "' + b"x" * 1000 + b'"},'
    data = io.BytesIO(b"[" + record * 40_000 + b"{}]")
    tracemalloc.start()
    count = sum(part.table.num_rows for part in read(data, DOCUMENT, ["a"], "x") if isinstance(part, Batch))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 40_001
    assert peak_bytes < 32 << 20


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abé", max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.fixed_dictionaries({"a": VALUES}), min_size=1, max_size=10), st.sampled_from([None, 2]))
def test_reads_what_pythons_json_writes(records: list[dict[str, object]], indent: int | None) -> None:
    document = json.dumps(records, indent=indent, ensure_ascii=False).encode()
    sequence = "".join(json.dumps(record, indent=indent) for record in records).encode()
    found = rows(document, ["a"])
    assert found == rows(sequence, ["a"], SEQUENCE)
    for (value,), record in zip(found, records, strict=True):
        wanted = record["a"]
        if isinstance(wanted, list | dict):
            assert json.loads(value or "") == wanted
        else:
            assert value == (wanted if wanted is None or isinstance(wanted, str) else json.dumps(wanted))
