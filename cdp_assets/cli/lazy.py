"""A group of commands that imports a command's module only when that command is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are named by `words`: word -> the module that holds a click command of that name."""

    def __init__(self, *args: Any, words: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._words = words

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the words in their order: that in which a newcomer needs them."""
        return list(self._words)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name not in self._words:
            return None
        command: click.Command = getattr(importlib.import_module(self._words[cmd_name]), cmd_name)
        return command
