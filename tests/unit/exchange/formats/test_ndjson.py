"""What the reader of newline-delimited JSON does with the records that customers send."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.file_format import NdjsonFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import Batch, Malformed, read

FORMAT = NdjsonFormat(kind="ndjson")
Row = tuple[str | None, ...]


def parts(data: bytes, columns: list[str], optional: tuple[str, ...] = ()) -> list[Batch | Malformed]:
    return list(read(io.BytesIO(data), FORMAT, columns, "in.ndjson", optional))


def rows(data: bytes, columns: list[str], optional: tuple[str, ...] = ()) -> list[Row]:
    found: list[Row] = []
    for part in parts(data, columns, optional):
        assert isinstance(part, Batch), part
        found += zip(*(column.to_pylist() for column in part.table.columns), strict=True)
    return found


def test_values_become_text_without_losing_a_digit() -> None:
    data = b'{"a": 12345678901234567890, "b": 1.50, "c": 1e400, "d": true, "e": null, "f": "\\u00e9\\n"}'
    assert rows(data, list("abcdef")) == [("12345678901234567890", "1.50", "1e400", "true", None, "é\n")]


def test_nested_values_are_found_by_path_or_given_as_json() -> None:
    data = b'{"name": {"given": "A", "also": ["x", 1.0]}, "lines": [{"sku": 7}], "a.b": 1}'
    columns = ["name.given", "name.also", "lines.0.sku", "lines.1.sku", "name", "a.b"]
    assert rows(data, columns) == [("A", '["x",1.0]', "7", None, '{"given":"A","also":["x",1.0]}', "1")]


def test_keys_are_matched_whatever_their_case_and_the_exact_one_wins() -> None:
    assert rows(b'{"ID": 1, "Name": {"GIVEN": "A"}}', ["id", "name.given"]) == [("1", "A")]
    assert rows(b'{"ID": 1, "id": 2}', ["id"]) == [("2",)]


def test_records_may_have_different_keys() -> None:
    data = b'{"a": 1}\n{"b": 2}\n{"b": 3, "a": 4}\n'
    assert rows(data, ["a", "b"]) == [("1", None), (None, "2"), ("4", "3")]


def test_a_column_of_no_record_is_absent_unless_optional() -> None:
    with pytest.raises(SourceError, match=r"in\.ndjson.*no column `c`, `d`"):
        parts(b'{"a": 1}\n', ["a", "c", "d"])
    assert rows(b'{"a": 1}\n', ["a", "c"], ("c",)) == [("1", None)]


@pytest.mark.parametrize(
    "line", [b"[1]", b"1", b'"x"', b'{"a": 1', b'{"a": NaN}', b'{"a": 1} {"a": 2}', b"[" * 100_000]
)
def test_a_line_that_is_no_object_is_malformed_and_stops_nothing(line: bytes) -> None:
    good, bad, rest = parts(b'{"a": 1}\n' + line + b'\n\n  \n{"a": 3}', ["a"]), [], []
    for part in good:
        (bad if isinstance(part, Malformed) else rest).append(part)
    assert bad == [Malformed(2, "is not a JSON object")]
    assert [number for part in rest for number in part.rows.tolist()] == [1, 3]


def test_half_of_a_surrogate_pair_spoils_its_row_alone() -> None:
    found = parts(b'{"a": "x"}\n{"a": "\\ud800"}\n{"a": "y"}\n', ["a"])
    assert Malformed(2, "holds half of a surrogate pair") in found
    assert [part.table.column(0).to_pylist() for part in found if isinstance(part, Batch)] == [["x", "y"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_byte_order_mark_decides_the_encoding(encoding: str) -> None:
    assert rows('{"a": "é"}\n'.encode(encoding), ["a"]) == [("é",)]


def test_a_wrong_encoding_names_file_and_row() -> None:
    with pytest.raises(SourceError, match=r"in\.ndjson, row 2: has bytes that are not utf-8"):
        parts(b'{"a": "x"}\n{"a": "\xe9"}\n', ["a"])


@pytest.mark.parametrize("data", [b"", b"\n \n"])
def test_a_file_without_records_is_empty(data: bytes) -> None:
    with pytest.raises(SourceError, match="is empty"):
        parts(data, ["a"])


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), min_size=1, max_size=30))
def test_reads_what_pythons_json_writes(records: list[dict[str, object]]) -> None:
    def spelled(value: object) -> str | None:
        return None if value is None else value if isinstance(value, str) else json.dumps(value)

    data = "\n".join(map(json.dumps, records)).encode()
    assert rows(data, ["a", "b"]) == [(spelled(record["a"]), spelled(record["b"])) for record in records]
