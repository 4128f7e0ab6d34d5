"""A campaign: people of segments, parted into treatment and control groups, and what each group is sent by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import model_validator

from cdp_assets.config.base import ConfigModel, Resource, affects

MOST_SUB_AUDIENCES = 60
WHOLE = 100.0
INEXACT = 0.001


class CampaignDelivery(ConfigModel):
    """One way to send a treatment's people."""

    data_template: str = affects("runtime")
    """Says the destination, the format and the file's name, which may hold {{campaign_name}} and {{group_name}}."""
    attributes: tuple[str, ...] = affects("runtime", ())
    """Columns to send beside the id, as `table.column` of the campaign's database."""


class Treatment(ConfigModel):
    """A group of a sub-audience that is sent something."""

    name: str = affects("runtime", pattern=r"^[A-Za-z0-9][A-Za-z0-9_ -]{0,99}$")
    percentage: float = affects("runtime", gt=0, le=100)
    """Of the sub-audience; with the control group's, all sum up to 100."""
    deliveries: tuple[CampaignDelivery, ...] = affects("runtime", min_length=1)


class SubAudience(ConfigModel):
    """A part of the audience with groups of its own."""

    name: str = affects("runtime", pattern=r"^[A-Za-z0-9][A-Za-z0-9_ -]{0,99}$")
    segment: str | None = affects("runtime", None)
    """Who belongs to it; everybody whom no earlier one has, unless given."""
    control_percentage: float = affects("runtime", 0.0, ge=0, le=100)
    """The share that is sent nothing, to compare with."""
    treatments: tuple[Treatment, ...] = affects("runtime", min_length=1)

    @model_validator(mode="after")
    def _sums_up(self) -> Self:
        if abs(sum(one.percentage for one in self.treatments) + self.control_percentage - WHOLE) > INEXACT:
            raise ValueError("percentages of the treatments and the control group that sum up to 100")
        if len({one.name for one in self.treatments}) < len(self.treatments):
            raise ValueError("each treatment's name once")
        return self


class Campaign(Resource):
    """Who is sent what, once or again and again."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    database: str = affects("runtime")
    include: tuple[str, ...] = affects("runtime", min_length=1)
    """Segments: the people of any of them."""
    exclude: tuple[str, ...] = affects("runtime", ())
    """Segments: without the people of any of them."""
    exclude_recipients_of: tuple[str, ...] = affects("runtime", ())
    """Campaigns: without those whom one of them has been sent to before; its own name is allowed."""
    sub_audiences: tuple[SubAudience, ...] = affects("runtime", min_length=1, max_length=MOST_SUB_AUDIENCES)
    """In order of priority: a person falls into the first that fits; whom none fits is left out."""
    status: Literal["draft", "active"] = affects("runtime", "active")
    """A draft is not launched."""
    schedule: str | None = affects("runtime", None)
    """Cron: a recurring campaign, launched at most once per business date. Without it, it is launched once, by hand."""
    time_zone: str = affects("runtime", "UTC")

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        if len({one.name for one in self.sub_audiences}) < len(self.sub_audiences):
            raise ValueError("each sub-audience's name once")
        return self

    @property
    def kind(self) -> Literal["one_time", "recurring"]:
        """Whether it is launched once or by its schedule."""
        return "one_time" if self.schedule is None else "recurring"

    @property
    def segments(self) -> tuple[str, ...]:
        """Every segment that it reads."""
        parts = (one.segment for one in self.sub_audiences if one.segment is not None)
        return tuple(dict.fromkeys((*self.include, *self.exclude, *parts)))

    def group_name(self, part: SubAudience, treatment: Treatment) -> str:
        """Give what {{group_name}} means in a file's name: the treatment, or sub-audience and treatment."""
        names = [treatment.name] if len(self.sub_audiences) == 1 else [part.name, treatment.name]
        return "_".join(names).replace(" ", "_")

    def deliveries(self) -> Iterator[tuple[tuple[str | int, ...], SubAudience, Treatment, CampaignDelivery]]:
        """Give every delivery with its path in the file, its sub-audience and its treatment."""
        for at, part in enumerate(self.sub_audiences):
            for number, treatment in enumerate(part.treatments):
                for index, delivery in enumerate(treatment.deliveries):
                    path = ("sub_audiences", at, "treatments", number, "deliveries", index)
                    yield path, part, treatment, delivery
