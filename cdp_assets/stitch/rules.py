"""Decides on pairs of records by the tenant's ordered rules, before the model is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from cdp_assets.config.stitch import CLASSIFIERS, Condition, Rule, Stitch
from cdp_assets.stitch.column import Bools, Ints
from cdp_assets.stitch.keys import Agreement, Values

Numbers = npt.NDArray[np.int16]
NO_RULE = -1
CONDITIONS: Mapping[Condition, Callable[[Agreement], Bools]] = {
    "present-and-equal": lambda found: found.equal,
    "present-and-not-equal": lambda found: found.similar | found.different,
    "fuzzy-similar": lambda found: found.equal | found.similar,
    "fuzzy-different": lambda found: found.different,
    "fuzzy/different-birthdates": lambda found: found.different,
    "fuzzy/different-companies": lambda found: found.different,
    "fuzzy/different-generations": lambda found: found.different,
    "fuzzy/incompatible-names": lambda found: found.different,
}


def rules_of(settings: Stitch) -> Sequence[Rule]:
    """Give the rules in force: the tenant's own, else the classifier's."""
    return settings.rules or CLASSIFIERS[settings.classifier]


def spelled(rule: Rule) -> str:
    """Give a rule in words.

    >>> spelled(Rule(action="separate", condition="fuzzy-different", semantics=("sk",)))
    'separate: fuzzy-different sk'
    """
    return f"{rule.action}: {rule.condition} {', '.join(rule.semantics)}".rstrip()


def first_rule(rules: Sequence[Rule], values: Values, left: Ints, right: Ints) -> Numbers:
    """Give, for each pair, the place of the first rule that holds, NO_RULE where none does.

    A later rule is asked only about pairs that no earlier one has decided.
    """
    found = np.full(len(left), NO_RULE, dtype=np.int16)
    for place, rule in enumerate(rules):
        if not all(values.columns(semantic) for semantic in rule.compared):
            continue
        open_ = np.flatnonzero(found == NO_RULE)
        holds = _holds(rule, values, left[open_], right[open_])
        found[open_[holds]] = place
    return found


def decisions(rules: Sequence[Rule], numbers: Numbers) -> npt.NDArray[np.int8]:
    """Give 1 where a pair's rule clusters, -1 where it separates, 0 where there is no rule."""
    actions = [1 if rule.action == "cluster" else -1 for rule in rules]
    return np.array([*actions, 0], dtype=np.int8)[numbers]


def _holds(rule: Rule, values: Values, left: Ints, right: Ints) -> Bools:
    """Say where a rule's condition holds for each of its semantics; `fk` and `sk` are met by any of their columns."""
    test, fuzzy = CONDITIONS[rule.condition], rule.condition.startswith("fuzzy")
    found = np.ones(len(left), dtype=np.bool_)
    for semantic in rule.compared:
        any_column = np.zeros(len(left), dtype=np.bool_)
        for column in values.columns(semantic):
            any_column |= test(values.agreement(column, left, right, fuzzy=fuzzy))
        found &= any_column
    return found
