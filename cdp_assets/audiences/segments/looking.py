"""What people ask of a segment, as SQL that DataFusion answers without a JVM, and what the answers say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlglot import exp

from cdp_assets.audiences.segments.conditions import on_day
from cdp_assets.audiences.segments.membership import ID, JUDGED, Judging
from cdp_assets.config.segment import NEEDS, Rule, Segment

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Counted:
    """One rule of a segment and how many people it leaves."""

    rule: str
    depth: int
    """0 for a rule that stands at the top of the tree."""
    alone: int
    """People to whom it applies, whatever the others say."""
    remaining: int | None
    """People left by this rule and those before it, or reached when any suffices; only at the top."""


@dataclass(frozen=True)
class Counts:
    """How a segment comes about: a waterfall from everybody to its members."""

    people: int
    members: int
    rules: tuple[Counted, ...]


@dataclass(frozen=True)
class Judged:
    """What one rule says of one person."""

    rule: str
    depth: int
    holds: bool
    attribute: str | None
    value: str | None
    """The person's value, the greatest where there are several; None where there is none, and for a group."""


class Looking:
    """A segment as it stands on one business date."""

    def __init__(self, segment: Segment, business_date: dt.date) -> None:
        self.segment = segment
        self._judging = Judging(segment, on_day(business_date))
        self._showing = Judging(segment, on_day(business_date), with_values=True)

    @cached_property
    def _nodes(self) -> list[tuple[int, Rule]]:
        """Every rule and group inside the tree with its depth, in reading order; a tree of one rule is that rule."""
        root = self.segment.rules
        return [found for rule in (root.rules or (root,)) for found in _below(rule, 0)]

    @property
    def counting(self) -> str:
        """The query of `counts`: one row."""
        columns = [
            exp.alias_(exp.Count(this=exp.Star()), "people"),
            exp.alias_(_number_of(self._judging.holds(self.segment.rules)), "members"),
        ]
        for at, (depth, rule) in enumerate(self._nodes):
            columns.append(exp.alias_(_number_of(self._judging.holds(rule)), f"alone_{at}"))
            if depth == 0:
                columns.append(exp.alias_(_number_of(self._up_to(rule)), f"remaining_{at}"))
        return _spelled(self._judging.select(*columns))

    def counts(self, row: Row) -> Counts:
        """Read the answer of `counting`."""
        rules = (
            Counted(told(rule), depth, row[f"alone_{at}"], row.get(f"remaining_{at}"))
            for at, (depth, rule) in enumerate(self._nodes)
        )
        return Counts(row["people"], row["members"], tuple(rules))

    def sampling(self, most: int) -> str:
        """Give the query of some members, the same ones each time: `amperity_id`, and the attributes of the rules."""
        named: dict[str, exp.Expr] = {
            rule.attribute or "": exp.column(f"value_{number}", JUDGED) for number, rule in self._showing.numbered
        }
        columns = [exp.alias_(value, attribute, quoted=True) for attribute, value in named.items()]
        query = self._showing.select(exp.column(ID, JUDGED), *columns)
        return _spelled(
            query.where(self._showing.holds(self.segment.rules)).order_by(exp.column(ID, JUDGED)).limit(most)
        )

    @property
    def judging(self) -> str:
        """The query of every person with every condition's answer."""
        return _spelled(self._judging.select(exp.Star()))

    def explaining(self, amperity_id: str) -> str:
        """Give the query of `judged`: one row, or none for an id that is nobody's."""
        query = self._showing.select(exp.Star())
        is_it = exp.EQ(this=exp.column(ID, JUDGED), expression=exp.Literal.string(amperity_id))
        return _spelled(query.where(is_it))

    def judged(self, row: Row) -> tuple[Judged, ...]:
        """Read the answer of `explaining`: what every rule and group says, in reading order."""
        return tuple(
            Judged(told(rule), depth, self._holds(rule, row), rule.attribute, self._value(rule, row))
            for depth, rule in self._nodes
        )

    def failing(self, row: Row) -> str | None:
        """Give the first rule that keeps a person out; nothing for a member."""
        rule = self.segment.rules
        if self._holds(rule, row):
            return None
        while rule.all is not None:
            rule = next(one for one in rule.all if not self._holds(one, row))
        return told(rule)

    def _holds(self, rule: Rule, row: Row) -> bool:
        if rule.attribute is not None:
            return bool(row[f"condition_{self._showing.number(rule)}"])
        answers = (self._holds(one, row) for one in rule.rules)
        return all(answers) if rule.all is not None else any(answers)

    def _value(self, rule: Rule, row: Row) -> str | None:
        return None if rule.attribute is None else row[f"value_{self._showing.number(rule)}"]

    def _up_to(self, last: Rule) -> exp.Expr:
        """Give the expression of whom the top's rules up to one accept together."""
        root = self.segment.rules
        rules = root.rules or (root,)
        at = next(at for at, rule in enumerate(rules) if rule is last)
        join = exp.or_ if root.any is not None else exp.and_
        return join(*(self._judging.holds(rule) for rule in rules[: at + 1]))


def told(rule: Rule) -> str:
    """Say a rule in words; its values stand in the tenant's files and are nobody's.

    >>> told(Rule(attribute="customer_360.city", operator="is_exactly", value="Oslo"))
    'customer_360.city is exactly Oslo'
    """
    if rule.attribute is None:
        kind = "all" if rule.all is not None else "any"
        return f"{kind} of: " + "; ".join(told(one) for one in rule.rules)
    words = [rule.attribute, (rule.operator or "").replace("_", " ")]
    join = " and " if NEEDS.get(rule.operator or "") == "two" else ", "
    return " ".join([*words, *([join.join(map(str, rule.given))] if rule.given else [])])


def _below(rule: Rule, depth: int) -> Iterator[tuple[int, Rule]]:
    yield depth, rule
    for inner in rule.rules:
        yield from _below(inner, depth + 1)


def _number_of(holds: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Case(ifs=[exp.If(this=holds, true=exp.Literal.number(1))]))


def _spelled(query: exp.Select) -> str:
    """Spell a query for DataFusion, in which each table has its own name alone."""
    for table in query.find_all(exp.Table):
        table.set("db", None)
    return str(query.sql(dialect="postgres", identify=True))
