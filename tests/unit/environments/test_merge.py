"""The three-way merge: whoever changed a value wins, two who changed it alike agree, all else is a conflict."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.environments.merge import Merged, merge

A, B, C = {"x": 1}, {"x": 2}, {"x": 3}
NOTHING: dict[str, Any] | None = None


def merged(base: Any, ours: Any, theirs: Any) -> Merged:
    sides = [{} if side is None else {"feed.f": side} for side in (base, ours, theirs)]
    return merge(*sides)


def value(base: Any, ours: Any, theirs: Any) -> Any:
    found = merged(base, ours, theirs)
    assert not found.conflicts
    return found.documents.get("feed.f")


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        (A, A, A, A),
        (A, A, B, B),
        (A, B, A, B),
        (A, B, B, B),
        (None, None, A, A),
        (None, A, None, A),
        (None, A, A, A),
        (A, None, None, None),
        (A, A, None, None),
        (A, None, A, None),
    ],
)
def test_the_table_of_lakefs(base: Any, ours: Any, theirs: Any, result: Any) -> None:
    """Its documented outcomes for one object on three sides."""
    assert value(base, ours, theirs) == result


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "kind"),
    [
        (A, B, C, "modify/modify"),
        (None, A, B, "add/add"),
        (A, B, None, "modify/delete"),
        (A, None, B, "delete/modify"),
    ],
)
def test_what_both_changed_differently_is_a_conflict(base: Any, ours: Any, theirs: Any, kind: str) -> None:
    (conflict,) = merged(base, ours, theirs).conflicts
    assert conflict.kind == kind
    assert conflict.place == ("feed.f:x" if kind == "modify/modify" else "feed.f")


def test_fields_of_one_resource_merge_each_for_itself() -> None:
    base = {"a": 1, "b": {"c": 1, "d": 1}}
    assert value(base, {"a": 2, "b": {"c": 1, "d": 2}}, {"a": 1, "b": {"c": 3, "d": 1}}) == {
        "a": 2,
        "b": {"c": 3, "d": 2},
    }


def names(*fields: str, **types: str) -> dict[str, Any]:
    return {"fields": [{"name": name, "type": types.get(name, "string")} for name in fields]}


def test_elements_of_a_list_are_known_by_their_names() -> None:
    base = names("a", "b", "c")
    ours = names("a", "n", "b", "c", b="date")
    theirs = names("a", "b", "t", c="float")
    found = merged(base, ours, theirs)
    assert not found.conflicts
    assert found.documents["feed.f"] == names("a", "n", "b", "t", b="date")


def test_an_order_that_one_side_changed_is_taken() -> None:
    assert value(names("a", "b"), names("b", "a"), names("a", "b", "c")) == names("b", "c", "a")
    (conflict,) = merged(names("a", "b", "c"), names("b", "a", "c"), names("a", "c", "b")).conflicts
    assert conflict.kind == "order/order"


def test_lists_of_plain_values_are_one_value() -> None:
    (conflict,) = merged({"tags": ["a"]}, {"tags": ["a", "b"]}, {"tags": ["a", "c"]}).conflicts
    assert conflict.place == "feed.f:tags"


def test_the_same_sql_in_another_layout_is_no_conflict() -> None:
    base = {"sql": "select a from t"}
    ours, theirs = {"sql": "SELECT a\nFROM t"}, {"sql": "select a, b from t -- why"}
    assert value(base, ours, theirs) == theirs
    assert value(base, theirs, ours) == theirs
    (conflict,) = merged(base, {"sql": "select x from t"}, theirs).conflicts
    assert conflict.place == "feed.f:sql"


def test_true_is_not_one() -> None:
    assert value({"a": 1}, {"a": 1}, {"a": True}) == {"a": True}


def test_a_resolution_takes_a_side_and_expires_with_the_values() -> None:
    (conflict,) = merged(A, B, C).conflicts
    sides = ({"feed.f": A}, {"feed.f": B}, {"feed.f": C})
    taken = merge(*sides, {conflict.key: "theirs"})
    assert (taken.documents["feed.f"], taken.conflicts, len(taken.settled)) == (C, [], 1)
    assert merge(*sides, {conflict.key: "ours"}).documents["feed.f"] == B
    assert merge({"feed.f": A}, {"feed.f": {"x": 4}}, {"feed.f": C}, {conflict.key: "theirs"}).conflicts


SCALARS = st.integers(0, 3)
DOCUMENTS = st.dictionaries(
    st.sampled_from(["feed.a", "feed.b"]),
    st.fixed_dictionaries(
        {"x": SCALARS, "y": st.dictionaries(st.sampled_from("pq"), SCALARS)},
        optional={
            "fields": st.lists(
                st.fixed_dictionaries({"name": st.sampled_from("abcd"), "t": SCALARS}),
                unique_by=lambda one: one["name"],
                max_size=4,
            )
        },
    ),
)


@given(base=DOCUMENTS, ours=DOCUMENTS, theirs=DOCUMENTS)
def test_a_merge_is_sound_whatever_the_sides(base: Any, ours: Any, theirs: Any) -> None:
    assert merge(base, ours, base).documents == ours
    assert merge(base, base, theirs).documents == theirs
    assert merge(base, ours, ours).documents == ours
    one, other = merge(base, ours, theirs), merge(base, theirs, ours)
    assert {conflict.place for conflict in one.conflicts} == {conflict.place for conflict in other.conflicts}
    if not one.conflicts:
        assert _unordered(one.documents) == _unordered(other.documents)
    resolved = merge(base, ours, theirs, {conflict.key: "theirs" for conflict in one.conflicts})
    assert not [left for left in resolved.conflicts if left.key in {conflict.key for conflict in one.conflicts}]


def _unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unordered(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted((_unordered(inner) for inner in value), key=repr)
    return value
