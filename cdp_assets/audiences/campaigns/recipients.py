"""The record of a campaign's recipients: one row per person and delivery of each launch, columns as documented."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from cdp_assets.audiences.campaigns.split import CONTROL, Group
from cdp_assets.config.campaign import Campaign, CampaignDelivery, SubAudience
from cdp_assets.hashing import sha256_of

TEXTS = (
    "amperity_id", "campaign_id", "campaign_name", "campaign_type", "database_id", "database_name", "dataset_version",
    "destination_id", "destination_name", "pk", "segment_id", "segment_name", "sub_audience_id", "sub_audience_name",
    "target_id", "target_name", "treatment_id", "treatment_name", "workflow_id",
)  # fmt: skip
TIMES = ("delivery_datetime", "launch_datetime")
SCHEMA = pa.schema(
    sorted(
        [
            *((name, pa.string()) for name in TEXTS),
            *((name, pa.timestamp("us", "UTC")) for name in TIMES),
            ("is_control", pa.bool_()),
        ]
    )
)
"""Names in snake case, in alphabetical order; ids are the names in the tenant's files."""


@dataclass(frozen=True)
class Launch:
    """One launch of a campaign in an environment."""

    id: str
    environment: str
    campaign: Campaign
    day: dt.date
    """The business date."""
    publication_id: int
    """The data that its audience is taken from."""
    at: dt.datetime
    """When its recipients were recorded, just before the first of its files is sent."""

    @classmethod
    def of(cls, environment: str, campaign: Campaign, day: dt.date, publication_id: int, at: dt.datetime) -> Launch:
        """Give the launch of a business date; a campaign without a schedule has one launch, whatever the date."""
        when = "once" if campaign.schedule is None else day.isoformat()
        return cls(sha256_of([environment, campaign.name, when])[:32], environment, campaign, day, publication_id, at)


def recipient_rows(launch: Launch, groups: Mapping[str, Group], destinations: Mapping[str, str]) -> pa.Table:
    """Give the rows that a launch adds; somebody in control has one, without a destination.

    Args:
        launch: Which.
        groups: Person -> group.
        destinations: Data template -> its destination.
    """
    parts = {part.name: part for part in launch.campaign.sub_audiences}
    rows = [
        row
        for one, group in groups.items()
        for row in _rows(launch, one, parts[group.sub_audience], group, destinations)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _rows(
    launch: Launch, person: str, part: SubAudience, group: Group, destinations: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    treatment = next((one for one in part.treatments if one.name == group.treatment), None)
    deliveries: tuple[CampaignDelivery | None, ...] = (None,) if treatment is None else treatment.deliveries
    campaign, segment = launch.campaign, part.segment or ", ".join(launch.campaign.include)
    for delivery in deliveries:
        target = None if delivery is None else delivery.data_template
        destination = None if target is None else destinations[target]
        yield {
            "amperity_id": person,
            **_named("campaign", campaign.name),
            "campaign_type": campaign.kind,
            **_named("database", campaign.database),
            "dataset_version": str(launch.publication_id),
            "delivery_datetime": None if target is None else launch.at,
            **_named("destination", destination),
            "is_control": group.treatment == CONTROL,
            "launch_datetime": dt.datetime.combine(launch.day, dt.time(), dt.UTC),
            "pk": sha256_of([launch.id, person, target])[:32],
            **_named("segment", segment),
            **_named("sub_audience", part.name),
            **_named("target", target),
            **_named("treatment", group.treatment),
            "workflow_id": launch.id,
        }


def _named(what: str, name: str | None) -> dict[str, str | None]:
    return {f"{what}_id": name, f"{what}_name": name}
