"""The first rule that holds decides."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.stitch import CLASSIFIERS, Rule
from cdp_assets.stitch.fuzzy import similar
from cdp_assets.stitch.keys import Values
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.rules import decisions, first_rule

SPELLED = {"birthdate": "birthdate", "email": "email", "fk-member": "fk_member", "given-name": "given_name"}
VALUES = {
    "birthdate": ["1980-02-03", "1980-03-02", "1991-12-30"],
    "email": ["ANN@MAIL.COM", "ANN@MAIL.CO", "BOB@MAIL.COM"],
    "fk-member": ["m1", "M1", "m2"],
    "given-name": ["LIZ", "ELIZABETH", "BOB"],
}


def rule(action: str, condition: str, *semantics: str) -> Rule:
    """Make a rule as a file would."""
    return Rule.model_validate({"action": action, "condition": condition, "semantics": semantics})


def decided(records: pl.DataFrame, *rules: Rule, case_sensitive: tuple[str, ...] = ()) -> list[int]:
    """Give what rules say about every pair of records, in order."""
    pairs = np.array(list(combinations(range(records.height), 2)), dtype=np.int32)
    numbers = first_rule(rules, Values(records, case_sensitive), pairs[:, 0], pairs[:, 1])
    return [int(one) for one in decisions(rules, numbers)]


def two(**values: tuple[str | None, str | None]) -> pl.DataFrame:
    """Give two records by column."""
    return pl.DataFrame({name: list(pair) for name, pair in values.items()}, schema=dict.fromkeys(values, pl.String))


@pytest.mark.parametrize(
    ("condition", "semantics", "records", "holds"),
    [
        ("present-and-equal", ("email",), two(email=("A@B.C", "A@B.C")), True),
        ("present-and-equal", ("email",), two(email=("A@B.C", None)), False),
        ("present-and-equal", ("email",), two(email=(None, None)), False),
        ("present-and-equal", ("email", "phone"), two(email=("A@B.C", "A@B.C"), phone=("1", "2")), False),
        ("present-and-equal", ("phone",), two(email=("A@B.C", "A@B.C")), False),
        ("present-and-not-equal", ("birthdate",), two(birthdate=("1980-02-03", "1980-03-02")), True),
        ("present-and-not-equal", ("birthdate",), two(birthdate=("1980-02-03", None)), False),
        ("fuzzy-similar", ("given-name",), two(given_name=("LIZ", "ELIZABETH")), True),
        ("fuzzy-similar", ("given-name",), two(given_name=("LIZ", "LIZ")), True),
        ("fuzzy-similar", ("given-name",), two(given_name=("LIZ", "BOB")), False),
        ("fuzzy-different", ("given-name",), two(given_name=("LIZ", "BOB")), True),
        ("fuzzy-different", ("given-name",), two(given_name=("LIZ", "ELIZABETH")), False),
        ("fuzzy/different-birthdates", (), two(birthdate=("1980-02-03", "1980-03-02")), False),
        ("fuzzy/different-birthdates", (), two(birthdate=("1980-02-03", "1991-12-30")), True),
        ("fuzzy/different-companies", (), two(company=("ACME", "GLOBEX")), True),
        ("fuzzy/different-generations", (), two(suffix=("JR", "SR")), True),
        ("fuzzy/different-generations", (), two(suffix=("JR", None)), False),
        ("fuzzy/incompatible-names", (), two(given_name=("ANN", "BOB")), True),
        ("fuzzy/incompatible-names", (), two(given_name=("ANN", "ANNIE")), False),
    ],
)
def test_each_condition(condition: str, semantics: tuple[str, ...], records: pl.DataFrame, holds: bool) -> None:
    """A value that is not there meets no condition."""
    assert decided(records, rule("cluster", condition, *semantics)) == [int(holds)]


def test_fk_and_sk_mean_any_key_of_that_kind() -> None:
    """One equal foreign key is enough, and one separation key that differs."""
    records = two(fk_a=("1", "2"), fk_b=("x", "x"), sk_c=("p", "p"), sk_d=("q", "r"))
    assert decided(records, rule("cluster", "present-and-equal", "fk")) == [1]
    assert decided(records, rule("separate", "present-and-not-equal", "sk")) == [-1]
    assert decided(records, rule("separate", "present-and-not-equal", "sk-c")) == [0]


def test_a_generation_separates_without_a_tag() -> None:
    """`sk-generational-suffix` is derived from the name; junior and the second are one."""
    assert decided(two(suffix=("JR", "SR")), *CLASSIFIERS["fk-priority"]) == [-1]
    assert decided(two(suffix=("JR", "II")), *CLASSIFIERS["fk-priority"]) == [0]


def test_a_rule_about_given_names_as_a_key_needs_no_tag() -> None:
    """`sk-given-name` is derived too, for the rules that name it; a field with the tag comes first."""
    apart = rule("separate", "fuzzy-different", "sk-given-name")
    assert decided(two(given_name=("ANN", "BOB")), apart) == [-1]
    assert decided(two(given_name=("BOB", "ROBERT")), apart) == [0]
    assert decided(two(given_name=("ANN", "BOB"), sk_given_name=("ANN", "ANN")), apart) == [0]


def test_two_spellings_of_a_separation_key_are_no_conflict() -> None:
    """A nickname and a slip in a birthdate are one value; ids of other systems must be equal."""
    records = two(sk_given_name=("Bob", "Robert"), sk_birthdate=("1980-02-03", "1980-03-02"))
    assert decided(records, *CLASSIFIERS["sk-priority"]) == [0]
    assert decided(two(sk_account=("A1000", "A1001")), *CLASSIFIERS["sk-priority"]) == [-1]


def test_a_separation_key_of_a_profile_semantic_is_compared_as_that_is() -> None:
    """Two spellings of a phone or a birthdate are one value; two phones are a conflict."""
    keys = two(datasource=("a", "a"), pk=("1", "2"))
    for name, values, wanted in (
        ("sk_phone", ("(206) 555-0100", "2065550100"), 0),
        ("sk_phone", ("(206) 555-0100", "2067340199"), -1),
        ("sk_phone", ("(206) 555-0100", "000-000-0000"), 0),
        ("sk_birthdate", ("05/14/1980", "1980-05-14"), 0),
        ("sk_account", ("(206) 555-0100", "2065550100"), -1),
    ):
        records = normalised(keys.with_columns(pl.Series(name, values)))
        assert decided(records, *CLASSIFIERS["sk-priority"]) == [wanted]


def test_the_classifier_says_which_key_wins() -> None:
    """An equal foreign key beside a separation key that differs."""
    records = two(fk_member=("m1", "m1"), sk_account=("a", "b"))
    assert decided(records, *CLASSIFIERS["fk-priority"]) == [1]
    assert decided(records, *CLASSIFIERS["sk-priority"]) == [-1]


def test_letter_case_counts_where_the_settings_say_so() -> None:
    """By tag or by column."""
    equal = rule("cluster", "present-and-equal", "fk")
    assert decided(two(fk_member=("a", "A")), equal) == [1]
    assert decided(two(fk_member=("a", "A")), equal, case_sensitive=("fk-member",)) == [0]
    assert decided(two(fk_member=("a", "A")), equal, case_sensitive=("fk_member",)) == [0]


@st.composite
def cases(draw: st.DrawFn) -> tuple[pl.DataFrame, list[Rule]]:
    """Give a few records and a few rules over them."""
    values = {name: st.none() | st.sampled_from(texts) for name, texts in VALUES.items()}
    rows = draw(st.lists(st.fixed_dictionaries(values), min_size=2, max_size=6))
    columns = {SPELLED[name]: [row[name] for row in rows] for name in VALUES}
    made = st.builds(
        rule,
        st.sampled_from(["cluster", "separate"]),
        st.sampled_from(["present-and-equal", "present-and-not-equal", "fuzzy-similar", "fuzzy-different"]),
        st.sampled_from(sorted(VALUES)),
    )
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), draw(st.lists(made, max_size=4))


def said(rules: list[Rule], one: dict[str, str | None], other: dict[str, str | None]) -> int:
    """Say it again in plain Python, rule by rule."""
    for tried in rules:
        column = SPELLED[tried.semantics[0]]
        a, b = one[column], other[column]
        if a is None or b is None:
            continue
        equal = a.upper() == b.upper()
        alike = not equal and bool(similar(column, [a], [b])[0])
        holds = {
            "present-and-equal": equal,
            "present-and-not-equal": not equal,
            "fuzzy-similar": equal or alike,
            "fuzzy-different": not equal and not alike,
        }[tried.condition]
        if holds:
            return 1 if tried.action == "cluster" else -1
    return 0


@given(cases())
def test_any_rules_over_any_records_say_what_plain_python_says(case: tuple[pl.DataFrame, list[Rule]]) -> None:
    """The first that holds, pair by pair."""
    records, rules = case
    rows = list(records.iter_rows(named=True))
    assert decided(records, *rules) == [said(rules, one, other) for one, other in combinations(rows, 2)]
