"""What a file is wrapped in is told by its first bytes; text and other formats are never taken for packing."""

from __future__ import annotations

import codecs
import gzip
import io
import tarfile

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.exchange.codecs.layer import layer_of, promised
from tests.pgp import GpgTool, Key


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO())
    return file.getvalue()


@pytest.mark.parametrize(
    ("front", "layer"),
    [
        (gzip.compress(b"x", mtime=0), "gzip"),
        (b"PK\x03\x04rest", "zip"),
        (b"PK\x05\x06" + bytes(18), "zip"),
        (tar(), "tar"),
        (b"-----BEGIN PGP MESSAGE-----\n", "pgp"),
        (b"\r\n-----BEGIN PGP MESSAGE-----\r\n", "pgp"),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", None),
        (b"PAR1", None),
        (b"Obj\x01", None),
        (b"\x84\x01\x03\x04\x05", None),
        (b"id,name\n", None),
        (b"", None),
        (b"\x85", None),
    ],
)
def test_a_front_shows_its_layer(front: bytes, layer: str | None) -> None:
    assert layer_of(front) == layer


@pytest.mark.parametrize("options", [(), ("--armor",), ("--rfc4880",), ("--throw-keyids",)])
def test_messages_of_the_stock_tool_are_told(gpg_tool: GpgTool, our_key: Key, options: tuple[str, ...]) -> None:
    assert layer_of(gpg_tool.encrypt(b"id\n1\n", our_key, *options)) == "pgp"
    assert layer_of(gpg_tool.run("--symmetric", *options, given=b"id\n1\n")) == "pgp"


def test_messages_to_rsa_keys_are_told(gpg_tool: GpgTool) -> None:
    key = gpg_tool.key("Rsa <rsa@acme.example>", "rsa1024 encr")
    assert layer_of(gpg_tool.encrypt(b"id\n1\n", key)) == "pgp"


@given(text=st.text(min_size=1), encoding=st.sampled_from(["utf-8", "utf-16", "latin-1", "cp1252", "cp037", "cp500"]))
def test_text_of_any_encoding_is_no_layer(text: str, encoding: str) -> None:
    printable = "".join(character for character in text if character.isprintable()) or "x"
    assert layer_of(printable.encode(encoding, "replace")) is None


@given(
    st.recursive(
        st.integers() | st.text() | st.none(),
        lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.text(max_size=4), inner, max_size=12),
    )
)
def test_cbor_is_no_layer(value: object) -> None:
    assert layer_of(cbor2.dumps(value)) is None


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("t.tgz.pgp", ("pgp", "gzip", "tar")),
        ("t.csv.tar.gz.pgp", ("pgp", "gzip", "tar")),
        ("t.tar.PGP", ("pgp", "tar")),
        ("in.parquet.tar.gpg", ("pgp", "tar")),
        ("t.zip", ("zip",)),
        ("gz", ()),
        ("t.gz.csv", ()),
    ],
)
def test_a_name_promises_layers_from_the_outside(name: str, layers: tuple[str, ...]) -> None:
    assert promised(name) == layers


def test_a_byte_order_mark_is_no_layer() -> None:
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE):
        assert layer_of(mark + bytes(20)) is None
