"""What lies in the drop folders and is not landed yet, as the drop sensor sees it."""

from __future__ import annotations

import datetime as dt

from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.environments.runs import latest_publication
from cdp_assets.hashing import sha256_of
from cdp_assets.sources.landing import unlanded

Look = dict[str, list[str | int]]
"""File (`courier/name`) -> size in bytes, time of change, file date."""


def look(platform: Platform, revision: Revision) -> Look:
    """Give every file that a courier of a local folder would land now; long listings belong to the courier's run."""
    outside = platform.outside(revision)
    found: Look = {}
    local = (one for one in revision.tenant.couriers.values() if one.location.kind == "local")
    for courier in local:
        location = outside.courier(courier)
        for file in unlanded(courier, location, state=platform.state, environment=revision.environment):
            when = file.modified_at.isoformat()
            found[f"{courier.name}/{file.name}"] = [file.size_bytes, when, file.file_date.isoformat()]
    return found


def run_key(now: Look) -> str:
    """Name the run that takes these files as they are; the same files never start a second one."""
    return f"files:{sha256_of(now)[:32]}"


def business_date(platform: Platform, revision: Revision, now: Look) -> dt.date:
    """Give the date that a run over these files stands for: the latest file's, never before the last run's."""
    dates = [dt.date.fromisoformat(str(date)) for _, _, date in now.values()]
    if (published := latest_publication(platform.state, revision.environment)) is not None:
        dates.append(published.business_date)
    return max(dates)
