"""What campaigns must hold to beyond their own types: segments, templates, attributes, schedules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from cdp_assets.config.campaign import Campaign
from cdp_assets.config.delivery_rules import tells_apart
from cdp_assets.config.known import absent, nearest_known
from cdp_assets.config.schedule_rules import schedule_mistakes
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigError

Place = Callable[..., str]


def campaign_mistakes(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Give a mistake for everything that a campaign names and that is absent, or that it cannot mean."""
    for campaign in tenant.campaigns.values():
        for path, wanted, known in _named(campaign, tenant):
            if wanted not in known:
                yield absent(where("campaigns", campaign.name, *path), wanted, known)
        yield from _of_one_database(campaign, tenant, where)
        yield from _attributes(campaign, tenant, where)
        yield from _file_names(campaign, tenant, where)
        yield from schedule_mistakes("campaigns", campaign.name, campaign.schedule, campaign.time_zone, where)


def _named(campaign: Campaign, tenant: Tenant) -> Iterator[tuple[tuple[str | int, ...], str, Collection[str]]]:
    yield ("database",), campaign.database, tenant.databases
    for field in ("include", "exclude"):
        for index, name in enumerate(getattr(campaign, field)):
            yield (field, index), name, tenant.segments
    for index, name in enumerate(campaign.exclude_recipients_of):
        yield ("exclude_recipients_of", index), name, tenant.campaigns
    for index, part in enumerate(campaign.sub_audiences):
        if part.segment is not None:
            yield ("sub_audiences", index, "segment"), part.segment, tenant.segments
    for path, _, _, delivery in campaign.deliveries():
        yield (*path, "data_template"), delivery.data_template, tenant.data_templates


def _of_one_database(campaign: Campaign, tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    for name in campaign.segments:
        segment = tenant.segments.get(name)
        if segment is not None and segment.database != campaign.database:
            problem = f"{name} is a segment of {segment.database}"
            yield ConfigError(where("campaigns", campaign.name), problem, f"segments of {campaign.database}")


def _attributes(campaign: Campaign, tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    database = tenant.databases.get(campaign.database)
    known = database.tables if database is not None else {}
    for path, _, _, delivery in campaign.deliveries():
        place = where("campaigns", campaign.name, *path, "attributes")
        columns = [attribute.partition(".")[2] for attribute in delivery.attributes]
        if len(set(columns)) < len(columns) or "amperity_id" in columns:
            yield ConfigError(place, "two columns of one name", "each once; amperity_id is always sent")
        for attribute in delivery.attributes:
            table, dot, _ = attribute.partition(".")
            if database is not None and not (dot and table in known):
                problem = f"{attribute} is no column of {campaign.database}"
                yield ConfigError(place, problem, f"table.column, as of {nearest_known(table, known)}")


def _file_names(campaign: Campaign, tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Refuse that one group's file replaces another's."""
    seen: set[str] = set()
    for path, _, _, delivery in campaign.deliveries():
        name = delivery.data_template
        template = tenant.data_templates.get(name)
        if template is not None and name in seen and not tells_apart(template, "group_name"):
            place = where("campaigns", campaign.name, *path, "data_template")
            problem = f"{name} would give two groups' files one name"
            yield ConfigError(place, problem, "{{group_name}} in its filename")
        seen.add(name)
