"""What an alert says, in words that hold no customer's value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """One happening, as it is told to one receiver."""

    id: str
    """The same on every try: what is received twice is one happening."""
    title: str
    event: str
    environment: str
    about: tuple[str, ...]
    """Addresses such as `courier_group.daily`."""
    happened_at: str
    """In UTC, ISO 8601."""
    run_id: str
    link: str | None = None
    """The run in the UI, where one runs."""
    facts: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Give it as a program reads it."""
        return asdict(self)

    def text(self) -> str:
        """Give it as people read it.

        >>> print(Message("1", "Run failed", "failure", "production", (), "2026-11-20", "r1").text())
        Run failed
        environment: production
        when: 2026-11-20
        run: r1
        """
        facts = {"environment": self.environment, "about": ", ".join(self.about), "when": self.happened_at}
        facts |= {"run": self.link or self.run_id, **self.facts}
        return "\n".join([self.title, *(f"{name}: {value}" for name, value in facts.items() if value)])
