"""What a tenant's resources must hold to beyond their own types: tags, keys, references, SQL, patterns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from cdp_assets.config.access_rules import access_mistakes
from cdp_assets.config.alert_rules import alert_mistakes
from cdp_assets.config.campaign_rules import campaign_mistakes
from cdp_assets.config.catalog import (
    Table,
    build_catalog,
    declared_tables,
    dialect_of,
    resolve,
    scope_of,
    stitched_feeds,
)
from cdp_assets.config.courier import Courier
from cdp_assets.config.delivery_rules import delivery_mistakes
from cdp_assets.config.feed import Feed
from cdp_assets.config.file_pattern import FilePattern
from cdp_assets.config.joda import chrono_pattern
from cdp_assets.config.known import absent, nearest_known
from cdp_assets.config.load_rules import load_mistakes
from cdp_assets.config.location_rules import location_mistakes
from cdp_assets.config.not_yet import not_yet_mistakes
from cdp_assets.config.schedule_rules import schedule_mistakes
from cdp_assets.config.segment_rules import segment_mistakes
from cdp_assets.config.sql_facts import sql_facts
from cdp_assets.config.steering import steering_mistakes
from cdp_assets.config.stitch_rules import stitch_mistakes
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.yaml_file import Path_, YamlFile
from cdp_assets.errors import ConfigError
from cdp_assets.names import TableName, is_name, sql_file
from cdp_assets.semantics import nearest, semantic

FileOf = Callable[[str, str], YamlFile | None]
Mistakes = Iterator[ConfigError]


def tenant_mistakes(tenant: Tenant, file_of: FileOf) -> list[ConfigError]:
    """Give every broken rule of a tenant whose files could be read, each with file and line."""
    where = Places(file_of)
    found: list[ConfigError] = []
    for feed in tenant.feeds.values():
        found += _feed(feed, where)
    for courier in tenant.couriers.values():
        found += _courier(courier, where)
        found += load_mistakes(courier, tenant, where)
    found += stitch_mistakes(tenant, where)
    found += _references(tenant, where)
    found += location_mistakes(tenant, where)
    found += _merge_policy(tenant, where)
    found += _schedules(tenant, where)
    found += _tables(tenant, where)
    found += segment_mistakes(tenant, where)
    found += campaign_mistakes(tenant, where)
    found += delivery_mistakes(tenant, where)
    found += access_mistakes(tenant, where)
    found += alert_mistakes(tenant, where)
    found += steering_mistakes(tenant, where)
    found += not_yet_mistakes(tenant, where)
    return found


class Places:
    """Turns a resource and a path in it into `file, line n, field`."""

    def __init__(self, file_of: FileOf) -> None:
        self._file_of = file_of

    def __call__(self, kind: str, name: str, *path: str | int) -> str:
        """Give the place, as precisely as the file's lines allow."""
        file = self._file_of(kind, name)
        shown = ".".join(str(part) for part in path)
        if file is None:
            return f"{kind}/{name}.yaml" + (f", {shown}" if shown else "")
        full: Path_ = path
        return file.where(full) + (f", {shown}" if shown else "")


def _feed(feed: Feed, where: Places) -> Mistakes:
    names = [field.name for field in feed.fields]
    file = f"{feed.source}_{feed.name}"
    for index, field in enumerate(feed.fields):
        place = where("feeds", file, "fields", index, "name")
        if not is_name(field.name):
            yield ConfigError(
                place, "a name that SQL cannot use", "lower snake case; put the file's own name in `from`"
            )
        if names.count(field.name) > 1 and names.index(field.name) != index:
            yield ConfigError(place, f"{field.name} is given twice", "each field once")
        if field.pattern is not None:
            try:
                chrono_pattern(field.pattern)
            except ValueError as error:
                yield ConfigError(where("feeds", file, "fields", index, "pattern"), "a bad date pattern", str(error))
        yield from _tags(feed, index, where)
    if not feed.primary_key:
        yield ConfigError(where("feeds", file, "primary_key"), "no primary key", "at least one field")
    for name in feed.primary_key:
        if name not in names:
            yield ConfigError(where("feeds", file, "primary_key"), f"{name} is not a field", nearest_known(name, names))
    if feed.last_updated is not None:
        types = {field.name: field.type for field in feed.fields}
        if types.get(feed.last_updated) not in ("integer", "datetime"):
            place = where("feeds", file, "last_updated")
            yield ConfigError(
                place, f"{feed.last_updated} cannot tell the newest record", "an integer or datetime field"
            )


def _tags(feed: Feed, index: int, where: Places) -> Mistakes:
    field, file = feed.fields[index], feed.key
    earlier = {tag for other in feed.fields[:index] for tag in other.tags}
    for tag in field.tags:
        place = where("feeds", file, "fields", index, "tags")
        meaning = semantic(tag)
        if meaning is None:
            yield ConfigError(place, f"{tag}: unknown semantic tag", f"{nearest(tag)}, or another documented tag")
            continue
        if meaning.enforced_type and field.type != meaning.enforced_type:
            yield ConfigError(place, f"{tag} on a field of type {field.type}", f"type {meaning.enforced_type}")
        if meaning.once and tag in earlier:
            yield ConfigError(place, f"{tag} is given twice in this feed", "at most one field with it")


def _courier(courier: Courier, where: Places) -> Mistakes:
    tags = [file.tag for file in courier.files]
    for index, file in enumerate(courier.files):
        try:
            FilePattern.parse(file.pattern)
        except ValueError as error:
            yield ConfigError(
                where("couriers", courier.name, "files", index, "pattern"), "a bad file pattern", str(error)
            )
        if tags.index(file.tag) != index:
            yield ConfigError(
                where("couriers", courier.name, "files", index, "tag"),
                f"{file.tag} is given twice",
                "each tag once",
            )


def _references(tenant: Tenant, where: Places) -> Mistakes:
    wanted: list[tuple[str, str, str, str, Collection[str]]] = [
        ("courier_groups", name, "couriers", courier, tenant.couriers)
        for name, group in tenant.courier_groups.items()
        for courier in group.couriers
    ]
    wanted += [
        ("courier_groups", name, "per_courier", courier, group.couriers)
        for name, group in tenant.courier_groups.items()
        for courier in group.per_courier
    ]
    wanted += [
        ("queries", query.name, "database", query.database, tenant.databases) for query in tenant.queries.values()
    ]
    wanted += [
        ("queries", query.name, "draft_of", query.draft_of, tenant.queries)
        for query in tenant.queries.values()
        if query.draft_of is not None
    ]
    for kind, holders in (("couriers", tenant.couriers), ("destinations", tenant.destinations)):
        for name, holder in holders.items():
            if holder.credential is not None:
                wanted.append((kind, name, "credential", holder.credential, tenant.credentials))
    for kind, name, field, target, known in wanted:
        if target not in known:
            yield absent(where(kind, name, field), target, known)
    for query in tenant.queries.values():
        if query.draft_of is not None and query.status != "draft":
            yield ConfigError(where("queries", query.name, "draft_of"), "stands in an active query", "`status: draft`")


def _merge_policy(tenant: Tenant, where: Places) -> Mistakes:
    """Check that a merge policy ranks what Merged Customers reads: a slip of the pen would rank nothing."""
    stitched = [feed.key for feed in stitched_feeds(tenant)]
    for field, feeds in tenant.merge_policy.feeds().items():
        for feed in sorted(feeds - set(stitched)):
            place = where("merge_policy", "merge_policy", field, feed)
            yield ConfigError(place, f"{feed}: not stitched", nearest_known(feed, stitched))


def _schedules(tenant: Tenant, where: Places) -> Mistakes:
    yield from schedule_mistakes("tenant", "tenant", None, tenant.time_zone, where)
    for name, group in tenant.courier_groups.items():
        yield from schedule_mistakes(
            "courier_groups", name, group.schedule or None, group.time_zone, where, example="30 2 * * *"
        )


def _tables(tenant: Tenant, where: Places) -> Mistakes:
    """Check that every SQL parses, reads what exists, and that no table reads itself through others."""
    declared = {table.name: table for table in declared_tables(tenant)}
    known = sorted({name.name for name in declared} | {str(name) for name in declared})
    broken = False
    for table in declared.values():
        place = sql_file(table.name)
        if table.kind == "database" and not table.sql:
            for source in table.inputs:
                if source not in declared:
                    broken = True
                    path = (table.name.layer.removeprefix("database__") + "." + table.name.name, "source")
                    yield absent(where("databases", *path), str(source), known)
        if table.sql is None:
            continue
        try:
            facts = sql_facts(table.sql, dialect_of(table), place)
        except ConfigError as mistake:
            broken = True
            yield mistake
            continue
        if any(resolve(declared, parts, scope_of(table)) is None for parts in facts.reads):
            broken = True
            yield from _absent(table, place, declared, known)
        yield from _override(table, place, declared, facts.reads)
    if not broken:
        try:
            build_catalog(tenant).ordered()
        except ConfigError as mistake:
            yield ConfigError(sql_file(TableName.parse(mistake.where)), mistake.problem, mistake.expected)


def _override(
    table: Table, place: str, declared: Mapping[TableName, Table], reads: Collection[tuple[str, ...]]
) -> Mistakes:
    """Check that a database's table with the name of a core table is made of that one."""
    if table.kind != "database":
        return
    for core in (TableName(layer, table.name.name) for layer in ("unified", "stitch")):
        if core in declared and core not in {resolve(declared, parts, scope_of(table)) for parts in reads}:
            yield ConfigError(place, f"stands for {core} and does not read it", f"{core} in its FROM, or another name")


def _absent(table: Table, place: str, declared: Mapping[TableName, Table], known: Collection[str]) -> Mistakes:
    """Give a mistake for each reference to something absent, with its place."""
    from cdp_assets.config import sql  # importing sqlglot takes 0.1 s, and the facts tell all but the place

    for reference in sql.references(sql.parse(table.sql or "", dialect_of(table), place)):
        if resolve(declared, sql.parts(reference), scope_of(table)) is None:
            name = ".".join(sql.parts(reference))
            line, column = sql.place(reference, table.sql or "")
            yield absent(f"{place}, line {line}, column {column}", name, known)
