"""A segment as one SELECT: its people, and below it one row per person with the answer of every condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp

from cdp_assets.audiences.segments.conditions import LACKING, Days, condition, on_business_date
from cdp_assets.config.segment import Rule, Segment
from cdp_assets.names import database_layer

ID = "amperity_id"
JUDGED = "judged"
"""The common table expression that holds every person with every condition's answer."""


@dataclass(frozen=True)
class Judging:
    """A segment whose conditions have the answers `condition_1`, `condition_2` … in reading order."""

    segment: Segment
    days: Days = on_business_date
    with_values: bool = False
    """Whether `value_1`, `value_2` … hold the greatest value of each condition's attribute, as text."""

    @cached_property
    def numbered(self) -> list[tuple[int, Rule]]:
        """Every condition with its number."""
        return list(enumerate(self.segment.rules.conditions(), 1))

    def number(self, rule: Rule) -> int:
        """Give the number of a condition."""
        return next(number for number, known in self.numbered if known is rule)

    def holds(self, rule: Rule) -> exp.Expr:
        """Give the expression over the judged people that is true of those whom a part of the tree accepts."""
        if rule.attribute is not None:
            return exp.column(f"condition_{self.number(rule)}", JUDGED)
        join = exp.and_ if rule.all is not None else exp.or_
        return join(*(self.holds(one) for one in rule.rules))

    def select(self, *columns: exp.Expr) -> exp.Select:
        """Give a SELECT over the judged people."""
        query = exp.select(*columns).from_(JUDGED)
        for table in self.segment.tables:
            query = query.with_(f"{table}_rows", as_=self._rows(table))
        return query.with_(JUDGED, as_=self._judged())

    def _rows(self, table: str) -> exp.Select:
        """Give one row per person of a table: whether any of the person's rows fulfils each of its conditions."""
        own = [(number, rule) for number, rule in self.numbered if rule.table == table]
        columns: list[exp.Expr] = [
            exp.alias_(exp.LogicalOr(this=condition(rule, self.days)), f"condition_{number}") for number, rule in own
        ]
        if self.with_values:
            texts = [(number, exp.cast(exp.column(rule.column), "VARCHAR")) for number, rule in own]
            columns += [exp.alias_(exp.Max(this=text), f"value_{number}") for number, text in texts]
        query = exp.select(exp.column(ID), *columns).from_(exp.table_(table, db=database_layer(self.segment.database)))
        return query.where(exp.not_(exp.column(ID).is_(exp.null()))).group_by(exp.column(ID))

    def _judged(self) -> exp.Select:
        people, *others = (f"{table}_rows" for table in self.segment.tables)
        query = exp.select(exp.column(ID, people), *self._answers()).from_(people)
        for other in others:
            same = exp.EQ(this=exp.column(ID, other), expression=exp.column(ID, people))
            query = query.join(exp.to_table(other), on=same, join_type="LEFT")
        return query

    def _answers(self) -> Iterator[exp.Expr]:
        """Give each condition's answer for a person; one who is not in its table fulfils only what asks for nothing."""
        for number, rule in self.numbered:
            found = exp.func("COALESCE", exp.column(f"condition_{number}", f"{rule.table}_rows"), exp.false())
            yield exp.alias_(exp.not_(found) if rule.operator in LACKING else found, f"condition_{number}")
            if self.with_values:
                yield exp.column(f"value_{number}", f"{rule.table}_rows")


def segment_sql(segment: Segment) -> str:
    """Give the Spark SQL of a segment: `amperity_id`, one row for each of its people.

    A condition on a table with several rows per person holds when one of them fulfils it. Relative days count from
    `:business_date`.
    """
    judging = Judging(segment)
    query = judging.select(exp.column(ID, JUDGED)).where(judging.holds(segment.rules))
    return str(query.sql(dialect="spark", pretty=True))
