"""What an expression becomes: Spark SQL with Presto's type; or a refusal that names the construct and its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from cdp_assets.audiences.types import Type

_PLAIN = re.compile(r"`[^`]*`(\.`[^`]*`)*|-?[\w.]+|'[^'\\]*'|(DATE|TIMESTAMP) '[^']*'")
_LAMBDA = re.compile(r"(`[^`]*`|\([`\w, ]*\)) ->")
SUBQUERY = "(SELECT "
"""A subquery cannot be bound to a name: Spark has none inside functions with lambdas."""
_OPERAND = re.compile(r"\{(\d+)\}")


class Refused(Exception):  # noqa: N818 - becomes a QueryError with its place
    """A construct that is not translated, and what to write instead."""

    def __init__(self, construct: str, hint: str, node: exp.Expr | None = None) -> None:
        self.construct, self.hint, self.node = construct, hint, node
        super().__init__(construct)


@dataclass(frozen=True)
class Value:
    """Spark SQL that gives a value, and the value's type in Presto."""

    sql: str
    type: Type
    zone: str | None = None
    """Spark SQL that gives the zone of a timestamp with time zone, where the value carries it."""
    literal: str | None = None
    """The text of a string literal, or the digits of a whole number."""

    @property
    def is_plain(self) -> bool:
        """Say whether it is a column or a literal, which may stand several times at no cost."""
        return _PLAIN.fullmatch(self.sql) is not None


def quoted(name: str) -> str:
    """Spell a name for Spark, which would put a setting's value in the place of `${…}`."""
    if "${" in name:
        raise Refused(f"the name {name}", "Write it without ${.")
    return f"`{name.replace('`', '``')}`"


def text(value: str) -> str:
    """Spell a text literal for Spark, which knows the backslash, and puts a setting's value in the place of `${…}`."""
    for found, spelled in (("\\", "\\\\"), ("'", "\\'"), ("\0", "\\0"), ("${", "$\\{")):
        value = value.replace(found, spelled)
    return f"'{value}'"


def filled(template: str, operands: Sequence[str]) -> str:
    """Put operands in a template's places; where a long one is needed several times, the long ones get names first.

    >>> filled("{0} + {0}", ["`a`"])
    '`a` + `a`'
    >>> filled("{0} + {0}", ["f(`a`)"])
    'transform(array(struct(f(`a`) AS a0)), x_0 -> x_0.a0 + x_0.a0)[0]'
    """
    places = _OPERAND.findall(template)
    long = [at for at, one in enumerate(operands) if not (_PLAIN.fullmatch(one) or _LAMBDA.match(one))]
    has_query = any(SUBQUERY in one for one in operands)
    if has_query and "->" in template:
        raise Refused("a subquery inside this function", "Compute it in WITH, and join it.")
    if has_query or all(places.count(str(at)) <= 1 for at in long):
        return _OPERAND.sub(lambda found: operands[int(found[1])], template)
    name = f"x_{_depth([template, *operands])}"
    inner = [f"{name}.a{at}" if at in long else operand for at, operand in enumerate(operands)]
    body = _OPERAND.sub(lambda found: inner[int(found[1])], template)
    fields = ", ".join(f"{operands[at]} AS a{at}" for at in long)
    return f"transform(array(struct({fields})), {name} -> {body})[0]"


def _depth(texts: Sequence[str]) -> int:
    """Give a number that no name bound inside has."""
    return 1 + max((int(found) for one in texts for found in re.findall(r"\bx_(\d+)\b", one)), default=-1)
