"""A plan for people: in the terminal in Terraform's manner, and as Markdown for a pull request."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cdp_assets.environments.comment import folded
from cdp_assets.environments.diff import SENSITIVE, FieldChange
from cdp_assets.environments.plan import Check, Plan, PlannedChange
from cdp_assets.environments.table_plan import WORK, TablePlan, effort

SYMBOLS = {"create": "+", "update": "~", "delete": "-"}
WORDS = {"create": "will be created", "update": "will be updated in-place", "delete": "will be destroyed"}
LEGEND = {"create": "create", "update": "update in-place (current -> planned)", "delete": "destroy"}
TABLE_WORDS = {
    "shared": "shared with production, nothing to build",
    "reuse": "reused as the sandbox built them",
    "catch_up": "to catch up before the swap",
    "build": "to build before the swap",
    "reload": "to load again from landing before the swap",
    "pending": "to be built by the next run",
    "retire": "to retire",
}
LONGEST_INLINE, MOST_LINES = 100, 20
DIFF = {"-": "<", "+": ">"}
MARK = "<!-- cdp-plan:{environment} -->"
"""By which the one comment of an environment is found again."""


def render(plan: Plan) -> str:
    """Give the plan as text."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield from _drift(plan)
    if plan.is_empty:
        yield f"No changes. {plan.environment} matches the configuration."
        return
    symbols = {SYMBOLS[one.change.action] for one in plan.changes}
    symbols |= {_symbol(field) for one in plan.changes if one.change.action == "update" for field in one.change.fields}
    yield "Actions are indicated with the following symbols:"
    yield from (f"  {SYMBOLS[action]} {text}" for action, text in LEGEND.items() if SYMBOLS[action] in symbols)
    yield from ("", f"These actions will be performed in {plan.environment}:", "")
    for one in plan.changes:
        yield from _change(one)
    yield from _conflicts(plan)
    yield from _tables(plan)
    yield from _section("What this does to the data:", _data(plan))
    yield from _section("These would behave differently:", [f"  {one.address}: {one.reason}" for one in plan.impact])
    yield from _section(
        "Not tested together (the merged definition is neither side's):", [f"  {name}" for name in plan.untested]
    )
    yield from _section("What a rollback leaves as it is:", [f"  {text}" for text in plan.never_back])
    yield from _section("Warnings:", [_finding(one) for one in plan.warnings])
    yield from _section("This plan cannot be applied:", [_finding(one) for one in plan.errors])
    yield summary(plan)
    yield data_summary(plan)


def _data(plan: Plan, *, in_short: bool = False) -> list[str]:
    """Give what a promotion does to data; nothing for a plan that does not say."""
    if plan.data is None:
        return []
    from cdp_assets.environments.data_diff.text import consequence_lines, consequence_summary  # for a promotion alone

    return consequence_summary(plan.data) if in_short else consequence_lines(plan.data)


def summary(plan: Plan) -> str:
    """Give the line that counts the resources."""
    counts = Counter(one.change.action for one in plan.changes)
    return f"Plan: {counts['create']} to add, {counts['update']} to change, {counts['delete']} to destroy."


def data_summary(plan: Plan) -> str:
    """Give the line that counts the tables, and says what the work before the swap takes."""
    counts: Counter[str] = Counter(one.action for one in plan.tables)
    parts = [f"{plan.unchanged} unchanged"]
    words = {"shared": "shared", "reuse": "reused", "catch_up": "to catch up", "build": "to build"}
    words |= {"reload": "to load again", "pending": "for the next run", "retire": "to retire"}
    parts += [f"{counts[action]} {word}" for action, word in words.items() if counts[action]]
    text = f"Data: {', '.join(parts)}"
    cost = effort(plan.tables)
    if cost["tables"]:
        unknown = f", {cost['unknown']} of unknown effort" if cost["unknown"] else ""
        text += f" (about {cost['rows']:,} rows, {_bytes(cost['size_bytes'])}, {cost['seconds']:.0f} s{unknown})"
    return f"{text}. {len(plan.open_conflicts)} conflicts."


def _drift(plan: Plan) -> Iterator[str]:
    yield from _section(
        "Note: Objects have changed outside of plan and apply",
        [f"  {one.address}: {one.message}" for one in plan.drift],
    )


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from (title, *lines, "")


def _finding(check: Check) -> str:
    return f"  {check.address}: {check.message}. [{check.check}]"


def _change(planned: PlannedChange) -> Iterator[str]:
    change = planned.change
    yield f"  # {change.address} {WORDS[change.action]}"
    if change.action == "delete":
        yield f"  # (because {change.address} is not in configuration)"
    yield f"  # ({planned.category}: {planned.reason})"
    yield f"  {SYMBOLS[change.action]} {change.address}"
    for field in change.fields:
        if change.action == "update":
            yield from _changed(field)
        elif change.action == "create" and field.after not in (None, "", [], {}):
            yield f"      + {field.path}: {short(field.after)}"
    if change.action == "update" and change.unchanged:
        yield f"      # ({change.unchanged} unchanged attributes hidden)"
    yield ""


def _symbol(field: FieldChange) -> str:
    """Give what happens to a field: only what has no value at all on one side is added or removed."""
    if field.before is None:
        return SYMBOLS["create"]
    return SYMBOLS["delete"] if field.after is None else SYMBOLS["update"]


def _changed(field: FieldChange) -> Iterator[str]:
    """Show a field's change; of long texts the lines that differ, as `diff` writes them."""
    head = f"      {_symbol(field)} {field.path}:"
    if field.before is None:
        yield f"{head} {short(field.after)}"
        return
    lines = list(_lines_that_differ(field.before, field.after))
    if not lines:
        yield f"{head} {short(field.before)} -> {short(field.after)}"
        return
    yield head
    yield from (f"          {line}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"          … {len(lines) - MOST_LINES} lines more"


def _lines_that_differ(before: Any, after: Any) -> Iterator[str]:
    if not (isinstance(before, str) and isinstance(after, str) and "\n" in before.strip() + after.strip()):
        return
    for line in difflib.ndiff(before.splitlines(), after.splitlines()):
        if line[0] in DIFF:
            yield f"{DIFF[line[0]]} {line[2:]}".rstrip()


def _conflicts(plan: Plan) -> Iterator[str]:
    for one in plan.conflicts:
        standing = f"resolved: the {one.taken}'s is taken" if one.taken else one.kind
        yield f"  ! {one.place}  ({standing})"
        yield f"      base        {short(one.base)}"
        yield f"      production  {short(one.production)}"
        yield f"      sandbox     {short(one.sandbox)}"
        yield ""


def _tables(plan: Plan) -> Iterator[str]:
    for action, words in TABLE_WORDS.items():
        chosen = [one for one in plan.tables if one.action == action]
        yield from _section(f"Tables {words}:", [f"  {_table(one)}" for one in chosen])


def _table(one: TablePlan) -> str:
    facts = []
    if one.files is not None:
        facts.append(f"{one.files:,} files")
    if one.action in WORK | {"reuse", "retire"}:
        facts += [f"{one.rows:,} rows"] if one.rows is not None else []
        facts += [_bytes(one.size_bytes)] if one.size_bytes is not None else []
    if one.action in WORK:
        facts.append(f"{one.seconds:.1f} s" if one.seconds is not None else "effort unknown")
    told = f"  [{', '.join(facts)}]" if facts else ""
    return f"{one.table:<48} {one.category}: {one.reason}{told}"


def _bytes(size: int) -> str:
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def short(value: Any) -> str:
    """Give a value on one line.

    >>> short({"name": "amount", "type": "decimal"}), short("(sensitive value)"), short(None)
    ('{name: "amount", type: "decimal"}', '(sensitive value)', 'null')
    """
    if value is None or value == SENSITIVE:
        return value or "null"
    if isinstance(value, str):
        first, *rest = value.splitlines() or [""]
        return f'"{first[:60]}"' + (f" … ({len(rest) + 1} lines)" if rest else "")
    if isinstance(value, list | dict):
        text = _inline(value)
        return text if len(text) <= LONGEST_INLINE else f"({len(value)} entries)"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _inline(value: list[Any] | dict[str, Any]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(short(one) for one in value)}]"
    return "{" + ", ".join(f"{name}: {short(inner)}" for name, inner in value.items()) + "}"


def markdown(plan: Plan) -> str:
    """Give the plan as one comment for a pull request: the summary first, details folded, never too long."""
    head = [MARK.format(environment=plan.environment), f"### Plan for `{plan.environment}`", "", summary(plan)]
    if plan.is_empty:
        head[-1] = f"No changes. `{plan.environment}` matches the configuration."
    else:
        head += ["", data_summary(plan)]
    head += [f"- {line}" for line in _data(plan, in_short=True)]
    head += [f"- :no_entry: `{one.address}`: {one.message}." for one in plan.errors]
    head += [f"- :warning: `{one.address}`: {one.message}." for one in plan.warnings]
    head += [f"- :warning: conflict at `{one.place}` ({one.kind})" for one in plan.open_conflicts]
    foot = ["", f"Plan id `{plan.plan_id[:12]}`, serial {plan.serial}, by {plan.created_by or 'unknown'}."]
    body = [] if plan.is_empty else folded(render(plan), head + foot, "the saved plan")
    return "\n".join([*head, *body, *foot]) + "\n"
