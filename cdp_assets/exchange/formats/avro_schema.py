"""Which Avro schemas let a few bytes stand for gigabytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cdp_assets.errors import SourceError


def refuse_weightless(schema: Any, file: str) -> None:
    """Raise SourceError for a schema whose records, or lists in them, hold nothing: only memory would end one."""
    named = _named(schema)
    if _is_weightless(schema, named, frozenset()) or _lists_nothing(schema, named):
        raise SourceError(file, "has records or lists of values that take no bytes", "a schema with values")


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Give every object of a schema, itself and those within it."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            yield node
            waiting += [node.get("type"), node.get("items"), node.get("values"), *node.get("fields", ())]


def _named(schema: Any) -> dict[str, Any]:
    """Give every record, enum and fixed of a parsed schema by its full name."""
    return {node["name"]: node for node in _nodes(schema) if isinstance(node.get("name"), str)}


def _lists_nothing(schema: Any, named: dict[str, Any]) -> bool:
    arrays = (node for node in _nodes(schema) if node.get("type") == "array")
    return any(_is_weightless(node["items"], named, frozenset()) for node in arrays)


def _is_weightless(node: Any, named: dict[str, Any], within: frozenset[str]) -> bool:
    """Say whether a value of a schema may take no bytes at all; a map's value has its key before it."""
    if isinstance(node, str):
        if node in within:
            return True
        return node == "null" or (node in named and _is_weightless(named[node], named, within | {node}))
    if isinstance(node, list):
        return False
    kind = node.get("type")
    if kind in ("record", "error"):
        inside = within | {node.get("name", "")}
        return all(_is_weightless(field["type"], named, inside) for field in node["fields"])
    if kind == "fixed":
        return not node.get("size")
    return isinstance(kind, str | dict) and kind not in ("array", "map", "enum") and _is_weightless(kind, named, within)
