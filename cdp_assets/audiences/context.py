"""What a translation knows on its way: the columns in sight, the names that are given out, and what is being tried."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlglot import exp

from cdp_assets.audiences.types import Type
from cdp_assets.audiences.values import Refused, Value, filled, quoted, text
from cdp_assets.names import TableName

MARK = "\0"
"""Stands around the name of a table until it is pinned; no literal spells it."""

_LAST_NAME = re.compile(r"(`(?:[^`]|``)*`|\w+)$")

Rule = Callable[["Context", exp.Expr], Value]


@dataclass(frozen=True)
class Field:
    """A column in sight."""

    name: str | None
    value: Value
    qualifier: str | None = None
    hidden: bool = False
    """A column that USING joined is found by its own name only."""


@dataclass(frozen=True)
class Relation:
    """Spark SQL that may stand in FROM, and its columns."""

    sql: str
    fields: tuple[Field, ...]


@dataclass
class Scope:
    """The columns of one SELECT, then those of the SELECT around it."""

    fields: tuple[Field, ...] = ()
    outer: Scope | None = None
    grouped: Callable[[exp.Expr], Value | None] | None = None
    """Gives the value of an expression after grouping, in a SELECT that groups; raises Refused for a column alone."""
    windows: Mapping[str, exp.Expr] = field(default_factory=dict)
    ranks: Mapping[int, str] = field(default_factory=dict)
    """Of a window with a frame by GROUPS, the column that numbers its groups."""
    over: bool = False
    """Window functions may stand here."""


@dataclass
class Context:
    """One translation."""

    tables: Callable[[exp.Table], tuple[TableName, Mapping[str, Type]]]
    """Gives the table that a reference means, and its columns; raises Refused."""
    rules: Mapping[type[exp.Expr], Rule]
    query: Callable[[Context, exp.Expr], Relation]
    """Translates a query that stands in an expression or in FROM."""
    today: dt.date
    """The business date of what is read."""
    scope: Scope = field(default_factory=Scope)
    references: set[TableName] = field(default_factory=set)
    kernels: set[str] = field(default_factory=set)
    ctes: list[str] = field(default_factory=list)
    recursive: bool = False
    named: dict[str, Relation] = field(default_factory=dict)
    """The common table expressions in sight."""
    parameters: dict[str, Value] = field(default_factory=dict)
    """The parameters of the lambdas around."""
    trying: bool = False
    """Inside TRY: what would fail gives NULL."""
    guarded: str | None = None
    """Inside TRY, the construct that would take the NULL of what fails for a value."""
    in_on: bool = False
    given: int = 0

    def alias(self, prefix: str) -> str:
        """Give a name that nothing else has."""
        self.given += 1
        return f"{prefix}{self.given}"

    def value(self, node: exp.Expr) -> Value:
        """Translate an expression; raises Refused for what is not on the list."""
        if self.scope.grouped is not None:
            found = self.scope.grouped(node)
            if found is not None:
                return found
        rule = self.rules.get(type(node))
        if rule is None:
            raise Refused(
                name_of(node),
                "It is not known to mean the same on Spark; docs/concepts/queries.md lists what is.",
                node,
            )
        try:
            return rule(self, node)
        except Refused as refused:
            refused.node = refused.node or node
            raise

    def fail(self, message: str) -> str:
        """Spell an error of the running query; inside TRY it is NULL."""
        if not self.trying:
            return f"raise_error({text(message)})"
        if self.guarded:
            raise Refused(f"TRY around {self.guarded}", "Put TRY around the part that may fail.")
        return "NULL"

    def filled(self, template: str, *operands: str) -> str:
        """Fill a template in which `FAIL(…)` is an error and `@name(` calls a kernel."""
        while "FAIL(" in template:
            before, _, rest = template.partition("FAIL(")
            message, _, after = rest.partition(")")
            template = f"{before}{self.fail(message)}{after}"
        while "@" in template:
            before, _, rest = template.partition("@")
            name, _, after = rest.partition("(")
            template = f"{before}{self.kernel(name)}({after}"
        return filled(template, operands)

    def kernel(self, name: str) -> str:
        """Give the name by which a kernel is called, and remember that it is; a lambda or ON cannot call one."""
        if self.parameters or self.in_on:
            raise Refused(f"this function in {'ON' if self.in_on else 'a lambda'}", "Compute it in a subquery first.")
        self.kernels.add(name)
        return f"presto_{name}"

    @contextmanager
    def within(self, scope: Scope) -> Iterator[Scope]:
        """See the columns of another SELECT."""
        before, self.scope = self.scope, scope
        try:
            yield scope
        finally:
            self.scope = before

    @contextmanager
    def guard(self, name: str | None) -> Iterator[None]:
        """Note that NULL would be taken for a value by a construct; none where it is passed on."""
        before, self.guarded = self.guarded, name or self.guarded
        try:
            yield
        finally:
            self.guarded = before

    @contextmanager
    def tried(self, trying: bool = True) -> Iterator[None]:
        """Let what would fail give NULL."""
        before = (self.trying, self.guarded)
        self.trying, self.guarded = trying, None
        try:
            yield
        finally:
            self.trying, self.guarded = before

    @contextmanager
    def lambda_of(self, parameters: Mapping[str, Value]) -> Iterator[None]:
        """See the parameters of a lambda."""
        before = self.parameters
        self.parameters = {**before, **parameters}
        try:
            yield
        finally:
            self.parameters = before

    @contextmanager
    def ctes_of(self, named: Mapping[str, Relation]) -> Iterator[None]:
        """See more common table expressions."""
        before = self.named
        self.named = {**before, **named}
        try:
            yield
        finally:
            self.named = before


def column(alias: str, name: str, value: Value, called: str | None = None, qualifier: str | None = None) -> Field:
    """Give the column of a subquery that holds a value."""
    zone = value.zone if value.zone and value.zone.startswith("'") else None
    return Field(called, Value(f"{quoted(alias)}.{quoted(name)}", value.type, zone), qualifier)


def own_name(sql: str) -> str:
    """Give the last name of a column, as it is spelled.

    >>> own_name("`q1`.`a.b`")
    '`a.b`'
    """
    return str(_LAST_NAME.findall(sql)[0])


def requalified(relation: Relation, qualifier: str | None) -> tuple[Field, ...]:
    """Give a relation's columns under another name of it."""
    return tuple(replace(one, qualifier=qualifier) for one in relation.fields)


def name_of(node: exp.Expr) -> str:
    """Name a construct as an analyst would."""
    if isinstance(node, exp.Anonymous):
        return str(node.name).upper()
    return str(node.sql_name()) if isinstance(node, exp.Func) else node.key.upper()


def direction(ordered: exp.Expr) -> str:
    """Spell the order of a key: NULL is last unless the query says otherwise."""
    return (
        f"{'DESC' if ordered.args.get('desc') else 'ASC'} NULLS"
        f" {'FIRST' if ordered.args.get('nulls_first') else 'LAST'}"
    )
