"""Which tables carry the tags of a family: feeds and custom domain tables, and the column of each tag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cdp_assets.config.tenant import Tenant
from cdp_assets.names import TableName
from cdp_assets.semantics import family, one_spelling


@dataclass(frozen=True)
class TaggedTable:
    """A table whose columns carry tags of one family."""

    table: TableName
    kind: str
    """The folder of the resource that makes the table."""
    datasource: str
    """The documented name, as unified tables show it: `<source>:<name>`."""
    columns: Mapping[str, str]
    """Tag of the family -> the first column that carries it."""
    profile: Mapping[str, str]
    """Tag of a person's record, such as `fk-customer-id`, -> column."""


def tagged_tables(tenant: Tenant, wanted: str) -> list[TaggedTable]:
    """Give the feeds and custom domain tables that carry tags of a family such as `loy`, in order of their names."""
    found = []
    for table, kind, datasource, tagged in _tags(tenant):
        by_tag: dict[str, str] = {}
        for tag, column in tagged:
            by_tag.setdefault(one_spelling(tag), column)
        columns = {tag: column for tag, column in by_tag.items() if family(tag) == wanted}
        profile = {tag: column for tag, column in by_tag.items() if family(tag) == ""}
        if columns:
            found.append(TaggedTable(table, kind, datasource, columns, profile))
    return sorted(found, key=lambda one: one.table)


def _tags(tenant: Tenant) -> Iterator[tuple[TableName, str, str, Iterable[tuple[str, str]]]]:
    for feed in tenant.feeds.values():
        yield feed.table, "feeds", feed.datasource, [(tag, one.name) for one in feed.fields for tag in one.tags]
    for name, custom in tenant.custom_domain_tables.items():
        tagged = [(tag, column) for column, tags in custom.tags.items() for tag in tags]
        yield TableName("custom", name), "custom_domain_tables", f"custom:{name}", tagged
