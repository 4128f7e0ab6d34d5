"""A segment: the people of a database to whom a tree of rules applies."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, StrictFloat, StrictInt, StrictStr, model_validator

from cdp_assets.config.base import ConfigModel, Resource, affects
from cdp_assets.config.moments import moment_of

Operator = Literal[
    "is_true", "is_false", "is_null", "is_not_null",
    "is", "is_not", "is_between", "is_not_between",
    "is_after", "is_before", "is_on_or_after", "is_on_or_before",
    "is_greater_than", "is_at_least", "is_less_than", "is_at_most",
    "is_in_list", "is_not_in_list",
    "is_exactly", "is_not_exactly", "is_like", "is_not_like", "contains", "does_not_contain",
    "starts_with", "does_not_start_with", "ends_with", "does_not_end_with", "is_empty", "is_not_empty",
]  # fmt: skip
Family = Literal["boolean", "number", "text", "time"]
Needs = Literal["nothing", "one", "two", "list"]
FAMILIES: Mapping[str, tuple[Family, ...]] = {
    "is_true": ("boolean",), "is_false": ("boolean",), "is_null": (), "is_not_null": (),
    **dict.fromkeys(("is", "is_not", "is_between", "is_not_between"), ("number", "time")),
    **dict.fromkeys(("is_after", "is_before", "is_on_or_after", "is_on_or_before"), ("time",)),
    **dict.fromkeys(("is_greater_than", "is_at_least", "is_less_than", "is_at_most"), ("number",)),
    **dict.fromkeys(("is_in_list", "is_not_in_list"), ("number", "text")),
    **dict.fromkeys(("is_exactly", "is_not_exactly", "is_like", "is_not_like"), ("text",)),
    **dict.fromkeys(("contains", "does_not_contain", "is_empty", "is_not_empty"), ("text",)),
    **dict.fromkeys(("starts_with", "does_not_start_with", "ends_with", "does_not_end_with"), ("text",)),
}  # fmt: skip
"""Operator -> the families of types that it compares; none where any type will do."""
NEEDS: Mapping[str, Needs] = {
    **dict.fromkeys(("is_true", "is_false", "is_null", "is_not_null", "is_empty", "is_not_empty"), "nothing"),
    **dict.fromkeys(("is_between", "is_not_between"), "two"),
    **dict.fromkeys(("is_in_list", "is_not_in_list"), "list"),
}
"""Operator -> the values that it takes, where it is not one."""
TOLD: Mapping[Needs, str] = {
    "nothing": "no value",
    "one": "one `value`",
    "two": "two `values`",
    "list": "a list of `values`",
}
PAIR = 2
_STRAY = re.compile(r"^(?:[^\\]|\\[%_\\])*\\(?![%_\\])")


def _plain(value: object) -> object:
    """Spell a date that YAML has read as one like any other text."""
    return value.isoformat() if isinstance(value, dt.date) else value


Value = Annotated[StrictInt | StrictFloat | StrictStr, BeforeValidator(_plain)]


class Rule(ConfigModel):
    """Either one condition on an attribute, or several rules of which all or any must hold."""

    all: tuple[Rule, ...] | None = affects("data", None)
    """Rules that must all hold."""
    any: tuple[Rule, ...] | None = affects("data", None)
    """Rules of which at least one must hold."""
    attribute: str | None = affects("data", None)
    """A column, as `table.column` of the segment's database."""
    operator: Operator | None = affects("data", None)
    value: Value | None = affects("data", None)
    """A number, a text, or a moment: a day, a time, `today`, `30 days ago`, `1 month from now`."""
    values: tuple[Value, ...] = affects("data", ())
    """Two limits, which are themselves outside, or a list."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        parts = [name for name in ("all", "any", "attribute") if getattr(self, name) is not None]
        if len(parts) != 1:
            raise ValueError("exactly one of `all`, `any` and `attribute`")
        if self.attribute is None:
            if not self.rules:
                raise ValueError("at least one rule in a group")
            if self.operator is not None or self.given:
                raise ValueError("a group without operator and values")
        else:
            self._check_condition(self.attribute)
        return self

    def _check_condition(self, attribute: str) -> None:
        if attribute.count(".") != 1:
            raise ValueError("an `attribute` such as customer_360.birthdate")
        if self.operator is None:
            raise ValueError("an `operator` beside the `attribute`")
        needs = NEEDS.get(self.operator, "one")
        fits = {"nothing": 0, "one": 1, "two": PAIR, "list": max(len(self.values), 1)}[needs]
        if len(self.given) != fits or (needs == "one") != (self.value is not None):
            raise ValueError(f"{TOLD[needs]} with {self.operator}")
        families = FAMILIES[self.operator]
        if families == ("time",) or (families == ("number", "time") and isinstance(self.given[0], str)):
            for text in self.given:
                moment_of(str(text))
        if self.operator in ("is_like", "is_not_like") and _STRAY.search(str(self.value)):
            raise ValueError("a pattern whose backslashes stand before %, _ or another one")
        numbers = [isinstance(one, int | float) for one in self.given]
        if any(numbers) and (not all(numbers) or "number" not in families):
            raise ValueError(f"values of one kind, {' or '.join(families)}, with {self.operator}")
        if self.given and families == ("number",) and not all(numbers):
            raise ValueError(f"a number with {self.operator}")

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of a group; a condition has none."""
        return self.all or self.any or ()

    @property
    def given(self) -> tuple[int | float | str, ...]:
        """The values of a condition, however many there are."""
        return self.values if self.value is None else (self.value, *self.values)

    @property
    def table(self) -> str:
        """The table of a condition's attribute."""
        return (self.attribute or "").partition(".")[0]

    @property
    def column(self) -> str:
        """The column of a condition's attribute."""
        return (self.attribute or "").partition(".")[2]

    @property
    def families(self) -> tuple[Family, ...]:
        """The families of types to which a condition's attribute may belong; none where any will do."""
        families = FAMILIES[self.operator or "is_null"]
        if len(families) > 1 and self.given:
            other: Family = "text" if "text" in families else "time"
            return ("number",) if isinstance(self.given[0], int | float) else (other,)
        return families

    def conditions(self) -> Iterator[Rule]:
        """Give every condition of the tree, in reading order."""
        if self.attribute is not None:
            yield self
        for rule in self.rules:
            yield from rule.conditions()

    def placed(self, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Rule]]:
        """Give every condition with its path in the file."""
        if self.attribute is not None:
            yield path, self
        group = "all" if self.all is not None else "any"
        for index, rule in enumerate(self.rules):
            yield from rule.placed((*path, group, index))


class Segment(Resource):
    """People to whom rules apply; a missing value fulfils none but `is_null` and `is_empty`."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    database: str = affects("data")
    people: str = affects("data", "customer_360")
    """The database's table that holds everybody who may be in the segment."""
    rules: Rule = affects("data")

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that are read; the one of the people comes first."""
        return tuple(dict.fromkeys((self.people, *(rule.table for rule in self.rules.conditions()))))
