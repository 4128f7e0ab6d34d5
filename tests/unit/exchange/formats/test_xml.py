"""What the XML reader does with records, and what it refuses to be drawn into."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.file_format import XmlFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import Batch, read

FORMAT = XmlFormat(kind="xml", row_tag="row")
Row = tuple[str | None, ...]


def rows(data: bytes, columns: list[str], optional: tuple[str, ...] = (), format: XmlFormat = FORMAT) -> list[Row]:
    found: list[Row] = []
    for part in read(io.BytesIO(data), format, columns, "in.xml", optional):
        assert isinstance(part, Batch), part
        found += zip(*(column.to_pylist() for column in part.table.columns), strict=True)
    return found


def test_children_attributes_and_paths_are_columns() -> None:
    data = b"""<rows>
      <row id="7"><name lang="en"><given>A &amp; B</given></name><note><![CDATA[<x>]]></note></row>
    </rows>"""
    assert rows(data, ["_id", "name.given", "name._lang", "note"]) == [("7", "A & B", "en", "<x>")]


def test_an_empty_element_is_empty_text_and_an_absent_one_null() -> None:
    assert rows(b"<r><row><a/></row><row><a></a><b>1</b></row></r>", ["a", "b"]) == [("", None), ("", "1")]


def test_a_child_that_comes_several_times_is_a_json_array() -> None:
    assert rows(b'<r><row><tag>x</tag><tag>"y"</tag></row></r>', ["tag"]) == [('["x","\\"y\\""]',)]


def test_case_and_namespaces_do_not_matter() -> None:
    data = b'<r xmlns:s="urn:shop"><s:ROW><s:Id>1</s:Id></s:ROW></r>'
    assert rows(data, ["ID"]) == [("1",)]


def test_rows_may_stand_at_any_depth() -> None:
    assert rows(b"<a><b><row><x>1</x></row></b><row><x>2</x></row></a>", ["x"]) == [("1",), ("2",)]


def test_a_column_of_no_row_is_absent_unless_optional() -> None:
    with pytest.raises(SourceError, match=r"in\.xml.*no column `b`"):
        rows(b"<r><row><a>1</a></row></r>", ["a", "b"])
    assert rows(b"<r><row><a>1</a></row></r>", ["a", "b"], ("b",)) == [("1", None)]


def test_a_wrong_row_tag_is_an_error_and_an_empty_list_is_not() -> None:
    with pytest.raises(SourceError, match="no <row> element"):
        rows(b"<rows><record><a>1</a></record></rows>", ["a"])
    assert rows(b"<rows></rows>", ["a"]) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_the_declared_encoding_is_used(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><r><row><a>é</a></row></r>'
    assert rows(text.encode(encoding), ["a"]) == [("é",)]


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        "<!DOCTYPE r>",
    ],
    ids=["file", "network", "laughs", "plain"],
)
def test_no_document_type_is_let_in(declaration: str) -> None:
    with pytest.raises(SourceError, match="document type declaration"):
        rows(f"{declaration}<r><row><a>&x;</a></row></r>".encode(), ["a"])


@pytest.mark.parametrize(
    "data",
    [b"<r><row><a>1</a></row>", b"<r><row><a>1</b></row></r>", b"<r><row><a>\x00</a></row></r>", b"id,name\n1,x\n"],
)
def test_what_is_not_well_formed_is_refused_with_its_line(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"in\.xml, row \d+: is not well-formed XML at line \d"):
        rows(data, ["a"])


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(SourceError, match=r"in\.xml"):
        rows(b'<?xml version="1.0" encoding="klingon"?><r><row><a>1</a></row></r>', ["a"])


def test_an_empty_file_is_an_error() -> None:
    with pytest.raises(SourceError, match="is empty"):
        rows(b"", ["a"])


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(SourceError, match="nests too deep"):
        rows(b"<r><row>" + b"<a>" * 100 + b"</a>" * 100 + b"</row></r>", ["a"])


XML_TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xD7FF, exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.fixed_dictionaries({"a": XML_TEXT, "b": XML_TEXT}), min_size=1, max_size=20))
def test_reads_what_pythons_elementtree_writes(records: list[dict[str, str]]) -> None:
    root = ET.Element("rows")
    for record in records:
        row = ET.SubElement(root, "row")
        for name, value in record.items():
            ET.SubElement(row, name).text = value
    expected = [(record["a"], record["b"]) for record in records]
    assert rows(ET.tostring(root, encoding="utf-8"), ["a", "b"]) == expected
