"""Presto's functions by their signatures: which one a call means, and what its operands become on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from sqlglot import exp

from cdp_assets.audiences.casts import coerced
from cdp_assets.audiences.context import Context, name_of
from cdp_assets.audiences.types import UNKNOWN, Type, becomes, common, is_number, parse
from cdp_assets.audiences.values import Refused, Value, quoted

_SIGNATURE = re.compile(r"(\w+)\((.*)\) -> (.*)")
NUMERIC, ORDERED = "n", "o"
NO_ORDER = ("map", "json", "function")


@dataclass(frozen=True)
class Signature:
    """A function's argument types and result; a type of one letter stands for any type, `n` for any number."""

    text: str
    name: str
    arguments: tuple[Type, ...]
    repeated: bool
    """The last argument may come any number of times, once at least."""
    result: Type
    does: str | Callable[[Call], Value]
    """A template of Spark SQL, or a rule."""


@dataclass(frozen=True)
class Call:
    """A call whose signature is known and whose operands have its types."""

    context: Context
    node: exp.Expr
    name: str
    arguments: tuple[Value, ...]
    result: Type
    text: str
    """The signature."""
    order: tuple[tuple[Value, str], ...] = ()
    """The keys of an aggregate's ORDER BY, and their directions."""
    distinct: bool = False

    def filled(self, template: str) -> Value:
        """Give the value of a template over the operands."""
        return Value(self.context.filled(template, *(one.sql for one in self.arguments)), self.result)

    def literal(self, at: int, what: str) -> str:
        """Give the text of an operand that must be a literal."""
        found = self.arguments[at].literal if at < len(self.arguments) else None
        if found is None:
            raise Refused(f"{self.name.upper()} with {what} that is not a literal", f"Write {what} as text.")
        return found


Functions = Mapping[str, str | Callable[[Call], Value]]
"""Signature, such as `strpos(varchar, varchar) -> bigint`, to what it does."""


@cache
def signature(text: str) -> tuple[str, tuple[Type, ...], bool, Type]:
    """Read a signature.

    >>> [str(part) for part in signature("filter(array(t), function(t, boolean)) -> array(t)")[1]]
    ['array(t)', 'function(t, boolean)']
    """
    name, arguments, result = _SIGNATURE.findall(text)[0]
    repeated = arguments.endswith("...")
    kinds = parse(f"function({arguments.removesuffix('...')})").parts if arguments else ()
    return name, kinds, repeated, parse(result)


def by_name(functions: Iterable[Functions]) -> dict[str, list[Signature]]:
    """Give the signatures of each name."""
    found: dict[str, list[Signature]] = {}
    for table in functions:
        for text, does in table.items():
            name, arguments, repeated, result = signature(text)
            found.setdefault(name, []).append(Signature(text, name, arguments, repeated, result, does))
    return found


def chosen(
    context: Context, node: exp.Expr, name: str, operands: Sequence[exp.Expr], known: Sequence[Signature]
) -> tuple[Signature, Call]:
    """Give the signature that a call means, and the call; raises Refused where no signature takes its operands."""
    values = [None if isinstance(one, exp.Lambda) else context.value(one) for one in operands]
    for exact in (True, False):
        for one in known:
            bound = _bound(one, values, exact=exact)
            if bound is not None:
                return one, _call(context, node, one, operands, values, bound)
    kinds = ", ".join("function" if value is None else str(value.type) for value in values)
    expected = " or ".join(dict.fromkeys(one.text for one in known))
    raise Refused(f"{name.upper()}({kinds})", f"Expected {expected}.", node)


def _arguments(one: Signature, count: int) -> tuple[Type, ...] | None:
    """Give as many argument types as a call has operands."""
    if one.repeated and count >= len(one.arguments):
        return one.arguments + (one.arguments[-1],) * (count - len(one.arguments))
    return one.arguments if count == len(one.arguments) else None


def _bound(one: Signature, values: Sequence[Value | None], *, exact: bool) -> dict[str, Type] | None:
    """Give what each letter stands for where a call's operands fit."""
    wanted, bound = _arguments(one, len(values)), dict[str, Type]()
    if wanted is None:
        return None
    for kind, value in zip(wanted, values, strict=True):
        fits = kind.name == "function" if value is None else _fits(kind, value.type, bound, exact=exact)
        if not fits:
            return None
    return bound


def _fits(kind: Type, found: Type, bound: dict[str, Type], *, exact: bool) -> bool:
    """Say whether an operand fits, and note what a letter stands for."""
    if len(kind.name) == 1:
        both = common(bound.get(kind.name, UNKNOWN), found)
        if both is None or (kind.name == NUMERIC and not (is_number(both) or both == UNKNOWN)):
            return False
        if kind.name == ORDERED and both.name in NO_ORDER:
            return False
        bound[kind.name] = both
        return True
    if found == UNKNOWN:
        return True
    if kind.parts:
        return (
            kind.name == found.name
            and len(kind.parts) == len(found.parts)
            and all(_fits(part, inner, bound, exact=exact) for part, inner in zip(kind.parts, found.parts, strict=True))
        )
    if kind.name == "row" or (kind.name == found.name and kind.name in ("row", "decimal", "char")):
        return kind.name == found.name
    return kind.name == found.name or (not exact and becomes(found, kind) and kind.name != "char")


def _put(kind: Type, bound: Mapping[str, Type]) -> Type:
    """Put the types that letters stand for in their places."""
    if len(kind.name) == 1:
        return bound.get(kind.name, UNKNOWN)
    return replace(kind, parts=tuple(_put(part, bound) for part in kind.parts)) if kind.parts else kind


def _call(
    context: Context,
    node: exp.Expr,
    one: Signature,
    operands: Sequence[exp.Expr],
    values: Sequence[Value | None],
    bound: dict[str, Type],
) -> Call:
    wanted = _arguments(one, len(values)) or ()
    before: dict[str, Type] | None = None
    given: list[Value] = []
    while before != bound:  # a lambda may widen what a letter stands for
        before = dict(bound)
        given = [
            _lambda(context, operand, kind, bound) if value is None else _coerced(value, kind, bound)
            for kind, value, operand in zip(wanted, values, operands, strict=True)
        ]
    return Call(context, node, one.name, tuple(given), _put(one.result, bound), one.text)


def _coerced(value: Value, kind: Type, bound: Mapping[str, Type]) -> Value:
    """Give an operand as its signature wants it; precision and length stay the operand's own."""
    target = _put(kind, bound)
    if target.name == value.type.name and not target.parts:
        return value if len(kind.name) > 1 else coerced(value, target)
    if target.name == "decimal":
        target = replace(target, numbers=(value.type.precision, 0)) if value.type != UNKNOWN else target
    return coerced(value, target)


def _lambda(context: Context, node: exp.Expr, kind: Type, bound: dict[str, Type]) -> Value:
    """Translate a lambda whose parameters have known types; its result tells what a letter stands for."""
    names = [one.name.lower() for one in node.expressions]
    *inputs, result = kind.parts
    if len(names) != len(inputs):
        raise Refused(f"a lambda of {len(names)} parameters", f"Expected {len(inputs)}.", node)
    spelled = [context.alias("l") for _ in names]
    parameters = {
        name: Value(quoted(alias), _put(one, bound)) for name, alias, one in zip(names, spelled, inputs, strict=True)
    }
    with context.lambda_of(parameters), context.guard("a lambda"):
        body = context.value(node.this)
    if not _fits(result, body.type, bound, exact=False):
        raise Refused(f"a lambda that gives {body.type}", f"Expected {_put(result, bound)}.", node)
    body = coerced(body, _put(result, bound))
    head = ", ".join(map(quoted, spelled))
    return Value(
        f"{head if len(spelled) == 1 else f'({head})'} -> {body.sql}", replace(kind, parts=(*inputs, body.type))
    )


def function_rule(known: Mapping[str, Sequence[Signature]]) -> Callable[[Context, exp.Expr], Value]:
    """Make the rule for calls of the functions with these signatures."""

    def rule(context: Context, node: exp.Expr) -> Value:
        return called(context, node, str(node.name).lower(), node.expressions, known)

    return rule


def called(
    context: Context, node: exp.Expr, name: str, operands: Sequence[exp.Expr], known: Mapping[str, Sequence[Signature]]
) -> Value:
    """Translate a call."""
    if name not in known:
        raise Refused(
            name_of(node), "It is not known to mean the same on Spark; docs/concepts/queries.md lists what is.", node
        )
    with context.guard(name.upper() if name in NOT_STRICT else None):
        one, call = chosen(context, node, name, operands, known[name])
        return call.filled(one.does) if isinstance(one.does, str) else one.does(call)


NOT_STRICT = frozenset(("concat_ws", "row", "array_distinct", "typeof", "array_join"))
"""Functions that give a value for NULL."""
