"""What would behave differently: queries, segments, what is sent of them and where to, and what starts it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from cdp_assets.config.activations import sent_after, tables_of
from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.config.orchestration import Orchestration
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.plan import Impact, PlannedChange
from cdp_assets.environments.table_actions import Facts
from cdp_assets.names import TableName


def impact(target: Tenant, facts: Facts, changes: Collection[PlannedChange]) -> list[Impact]:
    """Give what is there before and after and would behave differently, each with the gravest reason.

    A query that reads none of the columns that change is not among them, nor is what sends it.
    """
    own = {one.change.address: one for one in changes if one.change.action == "update"}
    found = [Impact(f"query.{name}", reason) for name, reason in _queries(facts).items()]
    sent = _sent(target, facts, {one.address.removeprefix("query.") for one in found}, own)
    found += _segments(target, facts)
    found += [Impact(f"orchestration.{name}", reason) for name, reason in sent.items()]
    found += _destinations(target, sent)
    found += _schedules(target, facts, sent, own)
    return list({one.address: one for one in reversed(found)}.values())[::-1]


def _queries(facts: Facts) -> dict[str, str]:
    """Give every query whose answer may be another one, and why."""
    return {
        name.name: judgement.reason
        for name, judgement in sorted(facts.judgements.items())
        if name.layer == "query" and not judgement.alike
    }


def _segments(target: Tenant, facts: Facts) -> Iterator[Impact]:
    """Give every segment that may have other people, and the campaigns that are launched for it."""
    moved = {
        name.name: judgement.reason
        for name, judgement in sorted(facts.judgements.items())
        if name.layer == "segment" and not judgement.alike
    }
    for name, reason in moved.items():
        yield Impact(f"segment.{name}", reason)
    for campaign in sorted(target.campaigns.values(), key=lambda one: one.name):
        if read := [name for name in campaign.segments if name in moved]:
            yield Impact(f"campaign.{campaign.name}", f"takes its people from segment.{', segment.'.join(read)}")


def _sent(target: Tenant, facts: Facts, queries: Collection[str], own: Mapping[str, PlannedChange]) -> dict[str, str]:
    """Give every orchestration that would send something else, in another form, or to another place."""
    found = {}
    for one in sorted(target.orchestrations.values(), key=lambda one: one.name):
        template = target.data_templates[one.data_template]
        if one.query in queries:
            found[one.name] = f"sends the result of query.{one.query}"
        if changing := _exported(target, facts, one):
            found[one.name] = f"sends {', '.join(changing)}"
        destination = target.destinations[template.destination]
        ways = (
            f"credential.{destination.credential}",
            f"destination.{destination.name}",
            f"data_template.{template.name}",
            f"credential.{template.pgp_credential}",
        )
        for address in ways:
            if _runs_otherwise(own, address):
                found[one.name] = f"sends by {address}, which changes"
        if _runs_otherwise(own, f"data_export.{one.data_export}"):
            found[one.name] = f"sends data_export.{one.data_export}, which changes"
        if _runs_otherwise(own, f"orchestration.{one.name}"):
            found[one.name] = "its own definition changes"
    return found


def _exported(target: Tenant, facts: Facts, order: Orchestration) -> list[str]:
    """Give the tables of an orchestration's data export that may have other rows."""
    export = target.data_exports.get(order.data_export or "")
    tables = [] if export is None else tables_of(export)
    return [str(name) for name in tables if name in facts.judgements and not facts.judgements[name].alike]


def _destinations(target: Tenant, sent: Mapping[str, str]) -> Iterator[Impact]:
    for name in sent:
        template = target.data_templates[target.orchestrations[name].data_template]
        yield Impact(f"destination.{template.destination}", f"receives what {name} sends")


def _schedules(
    target: Tenant, facts: Facts, sent: Mapping[str, str], own: Mapping[str, PlannedChange]
) -> Iterator[Impact]:
    for group in sorted(target.courier_groups.values(), key=lambda one: one.name):
        if group.schedule is None:
            continue
        if _runs_otherwise(own, f"courier_group.{group.name}"):
            yield Impact(f"courier_group.{group.name}", "its own definition changes")
        elif group.run_type == "full" and (
            last := [one.name for one in sent_after(target, group.name) if one.name in sent]
        ):
            yield Impact(f"courier_group.{group.name}", f"its runs end with {', '.join(last)}")
        elif loaded := _loaded(target, facts, group, own):
            yield Impact(f"courier_group.{group.name}", f"its runs load by what changes: {', '.join(loaded)}")
    for orders in sorted(target.orchestration_groups.values(), key=lambda one: one.name):
        if _runs_otherwise(own, f"orchestration_group.{orders.name}"):
            yield Impact(f"orchestration_group.{orders.name}", "its own definition changes")
        elif orders.schedule is not None and (last := [name for name in orders.orchestrations if name in sent]):
            yield Impact(f"orchestration_group.{orders.name}", f"sends {', '.join(last)}")


def _loaded(target: Tenant, facts: Facts, group: CourierGroup, own: Mapping[str, PlannedChange]) -> list[str]:
    """Give the couriers, credentials and domain tables of a group that change."""
    couriers = [target.couriers[name] for name in group.couriers]
    tables = {TableName("domain", operation.feed) for courier in couriers for operation in courier.load}
    changing = [str(name) for name in sorted(tables) if name in facts.judgements and not facts.judgements[name].alike]
    ways = [f"courier.{one.name}" for one in couriers] + [f"credential.{one.credential}" for one in couriers]
    return [address for address in dict.fromkeys(ways) if _runs_otherwise(own, address)] + changing


def _runs_otherwise(own: Mapping[str, PlannedChange], address: str) -> bool:
    """Say whether more of a resource changes than what people read about it."""
    return address in own and any(field.affects != "metadata" for field in own[address].change.fields)
