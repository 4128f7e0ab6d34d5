"""Edits YAML text so that it means something else, and touches only the lines of what differs.

Comments, order, quotes and layout of everything else stay as their author wrote them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from cdp_assets.hashing import canonical_json

_NO_WRAP = 1 << 20


@dataclass(frozen=True)
class _Edit:
    """Put `text` in the place of the characters from start to end."""

    start: int
    end: int
    text: str


def edited(text: str, wanted: dict[str, Any]) -> str:
    """Give the text changed so that it means `wanted`; the same text where it does already.

    Text that cannot be changed in places, because it uses anchors or ties several keys to one line, is
    written anew, without its comments.

    >>> edited("a: 1  # why\\nb: [x,  y]\\n", {"a": 2, "b": ["x", "y"], "c": "new"})
    'a: 2  # why\\nb: [x,  y]\\nc: new\\n'
    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode) or not node.value:
        return text if (yaml.safe_load(text) or {}) == wanted else fresh(wanted)
    edits = _Edits(text)
    edits.change(node, yaml.safe_load(text), wanted)
    result = edits.applied()
    try:
        is_right = canonical_json(yaml.safe_load(result)) == canonical_json(wanted)
    except yaml.YAMLError:
        is_right = False
    return result if is_right else fresh(wanted)


def fresh(value: dict[str, Any]) -> str:
    """Give a mapping as the text of a new file."""
    return _block(value)


class _Edits:
    """The edits of one text, gathered while its nodes are walked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[_Edit] = []

    def applied(self) -> str:
        """Give the text with every edit made; those of one place in the order in which they were found."""
        result, at = [], 0
        for edit in sorted(self._found, key=lambda edit: edit.start):
            result += [self._text[at : edit.start], edit.text]
            at = max(at, edit.end)
        return "".join([*result, self._text[at:]])

    def change(self, node: yaml.Node, now: Any, wanted: Any) -> None:
        """Let a node mean `wanted`."""
        if canonical_json(now) == canonical_json(wanted):
            return
        is_flow = bool(getattr(node, "flow_style", False))
        if not wanted or not now:
            self._replace(node, wanted)
        elif (
            isinstance(node, yaml.MappingNode)
            and isinstance(now, dict)
            and isinstance(wanted, dict)
            and (not is_flow or now.keys() == wanted.keys())
        ):
            self._mapping(node, now, wanted)
        elif (
            isinstance(node, yaml.SequenceNode)
            and isinstance(now, list)
            and isinstance(wanted, list)
            and (not is_flow or len(now) == len(wanted))
        ):
            self._sequence(node, now, wanted, is_flow=is_flow)
        else:
            self._replace(node, wanted)

    def _mapping(self, node: yaml.MappingNode, now: dict[str, Any], wanted: dict[str, Any]) -> None:
        entries = {str(key.value): (key, value) for key, value in node.value}
        for name in now:
            key, value = entries[str(name)]
            if name in wanted:
                self.change(value, now[name], wanted[name])
            else:
                self._drop(key, value)
        indent = node.start_mark.column
        before: str | None = None
        for name, value in wanted.items():
            if name not in now:
                lines = _indented(_entry(name, value), indent)
                self._insert_after(entries[before][1] if before else None, node, lines)
            else:
                before = str(name)

    def _sequence(self, node: yaml.SequenceNode, now: list[Any], wanted: list[Any], *, is_flow: bool) -> None:
        was, will = ([canonical_json(value) for value in side] for side in (now, wanted))
        matcher = difflib.SequenceMatcher(None, was, will, autojunk=False)
        for what, start, end, first, last in matcher.get_opcodes():
            if what == "equal":
                continue
            pairs = min(end - start, last - first)
            for offset in range(pairs):
                self.change(node.value[start + offset], now[start + offset], wanted[first + offset])
            for item in node.value[start + pairs : end]:
                self._drop(item, item)
            if not is_flow and last > first + pairs:
                previous = node.value[start + pairs - 1] if start + pairs else None
                items = "".join(self._item(node, value) for value in wanted[first + pairs : last])
                self._insert_after(previous, node, items)

    def _item(self, node: yaml.SequenceNode, value: Any) -> str:
        sibling = node.value[0]
        is_block = isinstance(sibling, yaml.CollectionNode) and not sibling.flow_style
        text = _block(value).rstrip("\n") if is_block and isinstance(value, dict) and value else _inline(value)
        indent = node.start_mark.column
        return " " * indent + "- " + text.replace("\n", "\n" + " " * (indent + 2)) + "\n"

    def _replace(self, node: yaml.Node, value: Any) -> None:
        start, end = node.start_mark.index, _end(node)
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and isinstance(value, dict | list) and value:
            indent = node.start_mark.column
            self._found.append(_Edit(start, end, _indented(_block(value), indent).strip()))
            return
        is_literal = self._text[max(start, end - 1) : end] == "\n"  # the end of a block scalar is the next line
        spaced = " " if start == end and self._text[start - 1 : start] not in ("", " ") else ""
        self._found.append(_Edit(start, end, spaced + _inline(value) + ("\n" if is_literal else "")))

    def _drop(self, first: yaml.Node, last: yaml.Node) -> None:
        """Remove the whole lines of an entry."""
        start = self._text.rfind("\n", 0, first.start_mark.index) + 1
        self._found.append(_Edit(start, self._line_end(_end(last)), ""))

    def _insert_after(self, previous: yaml.Node | None, node: yaml.Node, lines: str) -> None:
        if previous is None:
            at = self._text.rfind("\n", 0, node.start_mark.index) + 1
        else:
            at = self._line_end(_end(previous))
        if at and self._text[at - 1] != "\n":
            lines = "\n" + lines
        self._found.append(_Edit(at, at, lines))

    def _line_end(self, index: int) -> int:
        """Give the beginning of the line after the one that ends at or around `index`."""
        if index and self._text[index - 1] == "\n":
            return index
        found = self._text.find("\n", index)
        return len(self._text) if found < 0 else found + 1


def _end(node: yaml.Node) -> int:
    """Give where a node's own text ends; a block collection's mark lies after the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        return max(_end(child) for child in _children(node))
    return int(node.end_mark.index)


def _children(node: yaml.CollectionNode) -> Iterator[yaml.Node]:
    for child in node.value:
        yield from child if isinstance(child, tuple) else (child,)


def _entry(name: str, value: Any) -> str:
    if isinstance(value, dict | list) and any(isinstance(inner, dict | list) for inner in _inner(value)):
        return f"{_inline(name)}:\n" + _indented(_block(value), 2)
    return f"{_inline(name)}: {_inline(value)}\n"


def _inner(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def _inline(value: Any) -> str:
    """Give a value on one line."""
    style = '"' if isinstance(value, str) and "\n" in value else None
    text = yaml.safe_dump(
        value, default_flow_style=True, default_style=style, width=_NO_WRAP, sort_keys=False, allow_unicode=True
    )
    return str(text).removesuffix("...\n").strip()


def _block(value: Any) -> str:
    return str(yaml.safe_dump(value, default_flow_style=None, width=_NO_WRAP, sort_keys=False, allow_unicode=True))


def _indented(text: str, indent: int) -> str:
    return "".join(" " * indent + line if line.strip() else line for line in text.splitlines(keepends=True))
