"""What a command says on stderr while it works, once that takes longer than somebody likes to wait in silence."""

from __future__ import annotations

import time

import click

PATIENCE_S = 2.0


class Progress:
    """Tells which step begins, from the first one after `patience_s` on."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._speaks_at = time.monotonic() + patience_s

    def __call__(self, step: str) -> None:
        """Note the next step."""
        if time.monotonic() >= self._speaks_at:
            click.echo(f"Comparing {step} …", err=True)
