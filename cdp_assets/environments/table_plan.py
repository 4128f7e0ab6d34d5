"""What a plan says of one table, and what the work on all of them costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

TableAction = Literal["shared", "reuse", "catch_up", "build", "reload", "pending", "retire"]
WORK: frozenset[TableAction] = frozenset({"catch_up", "build", "reload"})
"""Actions that apply must carry out before the swap."""


@dataclass(frozen=True)
class TablePlan:
    """What happens to one table, and what is known of the effort from earlier runs.

    shared: production's own, read in place. reuse: the sandbox has built it from what production has; only its
    owner changes. catch_up: the sandbox's, brought up to what production has. build: made before the swap.
    reload: a domain table, loaded from landing before the swap. pending: the next run makes it. retire: nobody
    reads it any more.
    """

    table: str
    action: TableAction
    category: str
    reason: str
    path: str | None = None
    rows: int | None = None
    size_bytes: int | None = None
    seconds: float | None = None
    files: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)


def effort(plans: Sequence[TablePlan]) -> dict[str, Any]:
    """Sum up what the work before the swap costs, as far as earlier runs tell; unknown tables are counted."""
    work = [plan for plan in plans if plan.action in WORK]
    return {
        "tables": len(work),
        "rows": sum(plan.rows or 0 for plan in work),
        "size_bytes": sum(plan.size_bytes or 0 for plan in work),
        "seconds": round(sum(plan.seconds or 0.0 for plan in work), 1),
        "unknown": sum(plan.seconds is None for plan in work),
        "basis": "the last run that built each table",
    }
