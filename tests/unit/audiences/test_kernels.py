"""Kernels give what Presto gives, and nothing for what is wrong."""

from __future__ import annotations

import datetime as dt
import doctest
import inspect

import pytest

from cdp_assets.audiences import context, dialect, operators, signatures, types, values
from cdp_assets.audiences.functions import patterns, regexes
from cdp_assets.audiences.kernels import binaries, clocks, jsons
from cdp_assets.audiences.kernels.registry import KERNELS
from cdp_assets.audiences.values import Refused

MODULES = (types, values, context, operators, signatures, dialect, patterns, regexes, binaries, clocks, jsons)
MOMENTS = {
    ("2024-01-31 13:05:09.250", "%Y-%m-%d %H:%i:%s.%f"): "2024-01-31T13:05:09.250",
    ("1/2/69", "%c/%e/%y"): "2069-01-02T00:00:00",
    ("1/2/70", "%c/%e/%y"): "1970-01-02T00:00:00",
    ("12:30 AM", "%h:%i %p"): "1970-01-01T00:30:00",
    ("2024 060", "%Y %j"): "2024-02-29T00:00:00",
    ("March 5 2024", "%M %e %Y"): "2024-03-05T00:00:00",
    ("2024-02-30", "%Y-%m-%d"): None,
    ("2024-01-31x", "%Y-%m-%d"): None,
    ("13:00 PM", "%h:%i %p"): None,
}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_examples_in_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("known", MOMENTS)
def test_dates_are_read_by_patterns(known: tuple[str, str]) -> None:
    wanted = MOMENTS[known]
    found = clocks.date_parse(*known)
    assert found == (
        None if wanted is None else clocks.micros(dt.datetime.fromisoformat(wanted).replace(tzinfo=dt.UTC))
    )


def test_long_bytes_are_hashed_by_lanes() -> None:
    """Known sums of 39 and of 43 bytes."""
    found = binaries.xxhash64(b"Nobody inspects the spammish repetition")
    assert found is not None
    assert found.hex() == "fbcea83c8a378bf1"
    murmured = binaries.murmur3(b"The quick brown fox jumps over the lazy dog")
    assert murmured is not None
    assert murmured.hex() == "6c1b07bc7bbc4be347939ac4a93c437a"


def test_json_keeps_numbers_as_they_are_written() -> None:
    assert jsons.json_extract_scalar('{"a":1.50}', "$.a") == "1.50"
    assert jsons.json_parse("[1e10, 1E-7, 0.5, -0.0]") == "[1.0E10,1.0E-7,0.5,-0.0]"
    assert jsons.json_parse("[NaN]") is None


def test_json_is_shaped_after_a_type() -> None:
    assert jsons.json_shaped('{"B":"2","a":1}', "row(a integer, b varchar)") == '{"v":{"a":1,"b":"2"}}'
    assert jsons.json_shaped("[1,2,3]", "row(a integer, b varchar)") is None
    assert jsons.json_shaped('{"a":[1.5]}', "map(varchar, array(integer))") == '{"v":{"a":[2]}}'


def test_paths_look_into_arrays_when_they_are_lax() -> None:
    text = '{"a":[{"b":1},{"b":2},3]}'
    assert jsons.json_path(text, "lax $.a.b") == "[1,2]"
    assert jsons.json_path(text, "strict $.a.b") is None
    assert jsons.json_path(text, "lax $.a[*]") == '[{"b":1},{"b":2},3]'
    assert jsons.sql_steps("lax $.a ? (@ > 1)") is None


@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_gives_nothing_for_nothing(name: str) -> None:
    function, _ = KERNELS[name]
    assert function(*[None] * len(inspect.signature(function).parameters)) is None


def test_a_group_that_cannot_be_told_is_refused() -> None:
    assert regexes.groups_of("(?:a|(b))(c)*") == {1: (True, False), 2: (True, False)}
    with pytest.raises(Refused):
        regexes.groups_of("(a")
