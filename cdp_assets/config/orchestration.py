"""What is sent when: data exports, the orchestrations that send, and groups of them."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from cdp_assets.config.base import Resource, affects
from cdp_assets.config.durations import Duration


class DataExport(Resource):
    """Tables of a database that are sent together."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    database: str = affects("runtime")
    tables: tuple[str, ...] = affects("runtime", min_length=1)
    """Names of the database's tables; each goes out whole, in this order."""

    @model_validator(mode="after")
    def _tables_once(self) -> Self:
        if len(set(self.tables)) < len(self.tables):
            raise ValueError("each table once")
        return self


class Orchestration(Resource):
    """Sends an active query's result, or a data export, through a data template."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    query: str | None = affects("runtime", None)
    """An active query; or else `data_export`."""
    data_export: str | None = affects("runtime", None)
    """A data export; or else `query`."""
    data_template: str = affects("runtime")
    mode: Literal["manual", "automatic"] = affects("runtime", "automatic")
    """Automatic ones are sent with their orchestration group, or after each full run where they are in none."""

    @model_validator(mode="after")
    def _one_object(self) -> Self:
        if (self.query is None) == (self.data_export is None):
            raise ValueError("either `query` or `data_export`")
        return self

    @property
    def object(self) -> str:
        """The name of what is sent, which {{list_name}} stands for."""
        return self.query or self.data_export or ""


class OrchestrationGroup(Resource):
    """Orchestrations that are sent together: after a courier group, by a schedule, or by hand."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    orchestrations: tuple[str, ...] = affects("runtime", min_length=1)
    """Automatic ones; each belongs to one group at most."""
    after: str | None = affects("runtime", None)
    """A courier group with `run_type: full`, whose runs end with this group. With a `schedule` beside it, the courier
    group of any run type that must have run before: the group is not sent at a time before which it has not."""
    schedule: str | None = affects("runtime", None)
    """Five-field cron; without it, and without `after`, the group runs by hand only."""
    offset: Duration | None = affects("runtime", None)
    """How long before a time of the schedule the courier group's run may have ended; unless set, a day."""
    time_zone: str = affects("runtime", "UTC")
    run: Literal["always", "on_changes"] = affects("runtime", "always")
    """`on_changes` sends only what has changed since it was sent last."""
    active: bool = affects("runtime", True)
    """An inactive group runs by hand only."""

    @model_validator(mode="after")
    def _offset_of_both(self) -> Self:
        if self.offset is not None and (self.after is None or self.schedule is None):
            raise ValueError("`offset` only with a `schedule` and the courier group that it comes `after`")
        return self

    def follows(self, courier_group: str | None) -> bool:
        """Say whether a run of a courier group ends with this group."""
        return self.active and self.schedule is None and self.after is not None and self.after == courier_group
