"""YAML is changed in the lines of what differs, and nowhere else."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.yaml_edit import edited, fresh

FEED = """\
# Who buys.
source: ecom   # the shop
name: customers

fields:
  # keys first
  - {name: id,   type: string, tags: [pk]}
  - {name: email, type: string}  # may be empty

  - name: born
    type: date   # ISO
primary_key: [ id ]
note: |
  two
  lines
empty:
last: 'yes'
"""


def meaning() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FEED)
    return found


def lines_changed(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def changed(**values: Any) -> list[str]:
    wanted = meaning() | values
    after = edited(FEED, wanted)
    assert yaml.safe_load(after) == wanted
    return lines_changed(FEED, after)


def test_equal_text_is_untouched() -> None:
    assert edited(FEED, meaning()) == FEED


def test_a_changed_scalar_keeps_its_comment() -> None:
    assert changed(source="pos") == ["- source: ecom   # the shop", "+ source: pos   # the shop"]


def test_a_field_deep_inside_changes_its_line_alone() -> None:
    fields = meaning()["fields"]
    fields[1]["type"] = "integer"
    fields[2]["type"] = "datetime"
    assert changed(fields=fields) == [
        "-   - {name: email, type: string}  # may be empty",
        "+   - {name: email, type: integer}  # may be empty",
        "-     type: date   # ISO",
        "+     type: datetime   # ISO",
    ]


def test_a_new_element_stands_after_its_predecessor() -> None:
    fields = meaning()["fields"]
    fields.insert(1, {"name": "zip", "tags": ["postal"]})
    assert changed(fields=fields) == ["+   - {name: zip, tags: [postal]}"]


def test_a_removed_element_takes_its_lines_with_it() -> None:
    fields = meaning()["fields"]
    del fields[2]
    assert changed(fields=fields) == ["-   - name: born", "-     type: date   # ISO"]


@pytest.mark.parametrize(
    ("values", "added"),
    [
        ({"new": 1}, ["+ new: 1"]),
        ({"new": ["a", "b"]}, ["+ new: [a, b]"]),
        ({"new": "two\nlines"}, ['+ new: "two\\nlines"']),
        ({"new": [{"a": [1]}]}, ["+ new:", "+   - a: [1]"]),
        ({"note": "one"}, ["- note: |", "-   two", "-   lines", "+ note: one"]),
        ({"empty": 5}, ["- empty:", "+ empty: 5"]),
        ({"last": "no"}, ["- last: 'yes'", "+ last: 'no'"]),
        ({"primary_key": ["id", "b"]}, ["- primary_key: [ id ]", "+ primary_key: [id, b]"]),
    ],
)
def test_each_kind_of_change_touches_its_lines_alone(values: dict[str, Any], added: list[str]) -> None:
    assert sorted(changed(**values)) == sorted(added)


def test_a_removed_key_takes_its_lines_with_it() -> None:
    wanted = meaning()
    del wanted["note"]
    assert lines_changed(FEED, edited(FEED, wanted)) == ["- note: |", "-   two", "-   lines"]


def test_text_with_anchors_is_written_anew_rather_than_wrong() -> None:
    text = "a: &x {b: 1}\nc: *x\n"
    assert yaml.safe_load(edited(text, {"a": {"b": 1}, "c": {"b": 2}})) == {"a": {"b": 1}, "c": {"b": 2}}


def test_text_without_a_line_end_gets_one_before_an_addition() -> None:
    assert edited("a: 1", {"a": 1, "b": 2}) == "a: 1\nb: 2\n"


KEYS = st.sampled_from(["a", "b", "name", "on", "x y", "é"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(["", "x", "a: b", "# no", "two\nlines", "'", '"', "- "]),
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
DOCUMENTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


@given(before=DOCUMENTS, after=DOCUMENTS, flow=st.sampled_from([True, False, None]))
def test_whatever_is_wanted_is_what_the_text_means(before: Any, after: Any, flow: bool | None) -> None:
    text = yaml.safe_dump(before, default_flow_style=flow, allow_unicode=True, sort_keys=False)
    assert yaml.safe_load(edited(text, after)) == after
    assert edited(text, before) == text
    assert yaml.safe_load(fresh(after)) == after
