"""YAML read safely, one document per file, with the line of every key."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cdp_assets.errors import ConfigError

Path_ = tuple[str | int, ...]
Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""The one in C reads a thousand files in 0.2 s, Python's takes 20 times as long."""


@dataclass(frozen=True)
class YamlFile:
    """A parsed file: its values, and the line on which each of them stands."""

    name: str
    value: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def where(self, path: Path_ = ()) -> str:
        """Give `file, line n` of the value at `path`, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}, line {self.lines.get(path, 1)}"


def read_text(path: Path, name: str) -> str:
    """Read a file; raises ConfigError for one that is not in UTF-8, which names the line and none of its words."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}, line {line}", "bytes that are not UTF-8", "a text in UTF-8") from None


def read_yaml(path: Path, name: str) -> YamlFile:
    """Read a file; raises ConfigError for bad YAML, several documents, or a key given twice."""
    loader = Loader(read_text(path, name))
    try:
        node = loader.get_single_node()
        if node is None:
            return YamlFile(name, {})
        lines: dict[Path_, int] = {}
        _record(node, (), lines, name)
        return YamlFile(name, loader.construct_document(node), lines)
    except yaml.composer.ComposerError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{name}, line {line}", "a second document", "one YAML document per file") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"{name}, line {line}", getattr(error, "problem", None) or "not YAML", "valid YAML") from None
    finally:
        loader.dispose()


def _record(node: yaml.Node, path: Path_, lines: dict[Path_, int], name: str) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            if inner in lines:
                raise ConfigError(
                    f"{name}, line {key.start_mark.line + 1}", f"{key.value} is given twice", "each key once"
                )
            _record(value, inner, lines, name)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _record(value, (*path, index), lines, name)
