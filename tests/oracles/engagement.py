"""How mailboxes answer e-mails, in plain Python: one event after the other, as of a business date."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

Event = Mapping[str, Any]
TYPES = {
    "click": "Click",
    "open": "Open",
    "send": "Sent",
    "bounce": "Bounce",
    "optin": "Optin",
    "optout": "Unsubscribe",
}


def months_before(day: dt.date, months: int) -> dt.date:
    """Give the same day of an earlier month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def summaries(events: Iterable[Event], until: dt.date) -> dict[tuple[str, str], dict[str, Any]]:
    """Give the summary of every brand and mailbox that has an event up to and with the date."""
    mailboxes: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        if event["email"] and event["email"].strip(" ") and event["event_datetime"].date() <= until:
            mailboxes.setdefault((event["brand"], event["email"].strip(" ").lower()), []).append(event)
    return {key: summary(own, until) for key, own in mailboxes.items()}


def summary(events: list[Event], until: dt.date) -> dict[str, Any]:
    """Give one mailbox's counts, rates, classes and dates."""

    def of(kind: str, since: dt.date = dt.date.min) -> list[Event]:
        return [one for one in events if one["event_type"] == kind and one["event_datetime"].date() >= since]

    found: dict[str, Any] = {}
    for what, kind in (("clicks", "Click"), ("opens", "Open")):
        for days in (1, 3, 5, 7, 14, 30):
            found[f"email_{what}_last_{days}_day"] = len(of(kind, until - dt.timedelta(days=days)))
        for months in (3, 6, 9, 12):
            found[f"email_{what}_last_{months}_months"] = len(of(kind, months_before(until, months)))
        found[f"email_{what}_lifetime"] = len(of(kind))
        found[f"email_{what[:-1]}_rate_lifetime"] = len(of(kind)) / len(of("Sent")) if of("Sent") else None
    for what, kind in TYPES.items():
        dates = [one["event_datetime"] for one in of(kind)]
        found[f"most_recent_email_{what}_datetime"] = max(dates, default=None)
        if what in ("click", "open", "send"):
            found[f"first_email_{what}_datetime"] = min(dates, default=None)
    answers = [one["event_datetime"] for one in of("Open") + of("Click")]
    found["most_recent_email_open_or_click_datetime"] = max(answers, default=None)
    return found | classes(of, months_before(until, 15))


def classes(of: Any, since: dt.date) -> dict[str, str | None]:
    """Give status and frequency over the months since a day."""
    received = len(of("Sent", since))
    answered = len({one["send_id"] for kind in ("Open", "Click") for one in of(kind, since)} - {None})
    if received == 0:
        return {"engagement_status_last_15_months": "Non-recipient", "engagement_frequency_last_15_months": None}
    share = answered / received
    frequency = "High" if share >= 0.5 else "Medium" if share >= 0.1 else "Low" if share > 0 else "None"
    status = "New" if received < 5 else "Active" if answered else "Inactive"
    return {"engagement_status_last_15_months": status, "engagement_frequency_last_15_months": frequency}
