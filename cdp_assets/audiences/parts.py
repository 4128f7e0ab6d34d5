"""Which parts each construct may have: what the parser notes and no rule looks at is refused, never passed over."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from cdp_assets.audiences.context import name_of
from cdp_assets.audiences.values import Refused

USUAL = ("this", "expression", "expressions")
ORDERED = ("order", "limit", "offset", "with_")
SET_OPERATION = (*ORDERED, "distinct")
MORE: Mapping[type[exp.Expr], tuple[str, ...]] = {
    exp.Select: (*SET_OPERATION, "from_", "joins", "where", "group", "having", "windows"),
    exp.Union: SET_OPERATION,
    exp.Intersect: SET_OPERATION,
    exp.Except: SET_OPERATION,
    exp.Values: (*ORDERED, "alias", "joins", "sample"),
    exp.Subquery: (*ORDERED, "alias", "joins", "sample"),
    exp.With: ("recursive",),
    exp.CTE: ("alias",),
    exp.Table: ("db", "catalog", "alias", "joins", "sample"),
    exp.TableAlias: ("columns",),
    exp.TableSample: ("method", "percent"),
    exp.Join: ("side", "kind", "method", "on", "using"),
    exp.Unnest: ("alias", "offset", "joins", "sample"),
    exp.Lateral: ("alias", "joins"),
    exp.Ordered: ("desc", "nulls_first"),
    exp.Group: (),
    exp.Distinct: (),
    exp.Fetch: ("direction", "count", "limit_options"),
    exp.LimitOptions: ("rows", "with_ties"),
    exp.Alias: ("alias",),
    exp.Window: ("partition_by", "order", "spec", "alias", "over"),
    exp.WindowSpec: ("kind", "start", "start_side", "end", "end_side"),
    exp.Star: (),
    exp.Column: ("table", "db", "catalog"),
    exp.Between: ("low", "high"),
    exp.Like: ("negate",),
    exp.Is: (),
    exp.In: ("query",),
    exp.Exists: (),
    exp.Case: ("ifs", "default"),
    exp.If: ("true", "false"),
    exp.Cast: ("to",),
    exp.TryCast: ("to", "safe"),
    exp.Interval: ("unit",),
    exp.Bracket: (),
    exp.AtTimeZone: ("zone",),
    exp.Trim: ("position",),
    exp.Normalize: ("form",),
    exp.Substring: ("start", "length"),
    exp.StrPosition: ("substr",),
    exp.GroupConcat: ("separator",),
    exp.UnicodeString: (),
    exp.JSONObject: ("null_handling",),
    exp.JSONValue: ("path", "returning", "on_condition"),
    exp.JSONExtract: ("json_query", "option"),
}
"""Construct -> the parts that its rule reads, besides the usual ones."""


def refuse_unknown_parts(tree: exp.Expr) -> None:
    """Raise Refused for the first part that no rule reads."""
    for node in tree.walk():
        known = MORE.get(type(node))
        if known is None:
            continue
        for part, value in node.args.items():
            if value and part not in known and part not in USUAL:
                raise Refused(
                    f"{name_of(node)} with {part.strip('_').upper()}", "Leave it out, or write it another way.", node
                )
