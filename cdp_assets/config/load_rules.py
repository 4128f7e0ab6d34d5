"""What a courier's load operations must hold to: feeds, file tags and ingest queries that exist and fit each other.

Files that are to be read where they lie must allow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cdp_assets.config.courier import Courier, CourierFile, LoadOperation
from cdp_assets.config.file_format import DelimitedFormat
from cdp_assets.config.known import nearest_known
from cdp_assets.config.sql_facts import sql_facts
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.transforms import IngestQuery
from cdp_assets.errors import ConfigError

Place = Callable[..., str]
Mistakes = Iterator[ConfigError]


def load_mistakes(courier: Courier, tenant: Tenant, where: Place) -> Mistakes:
    """Give every mistake of a courier's load operations, with its place in the file."""
    tags = [file.tag for file in courier.files]
    for index, file in enumerate(courier.files):
        why = courier.why_landed(file) if file.in_place_above_gb is not None else None
        if why is not None:
            place = where("couriers", courier.name, "files", index, "in_place_above_gb")
            yield ConfigError(place, f"{file.tag} {why}", "no `in_place_above_gb`: it is landed before it is read")
    for index, operation in enumerate(courier.load):
        place = where("couriers", courier.name, "load", index)
        if operation.feed not in tenant.feeds:
            yield ConfigError(
                f"{place}.feed",
                f"Cannot find required feeds: {operation.feed}",
                nearest_known(operation.feed, tenant.feeds),
            )
        if operation.type == "load" and operation.file is None:
            yield ConfigError(place, "no file to load", f"`file:` with {nearest_known('', tags)}")
        for tag in operation.tags:
            if tag not in tags:
                yield ConfigError(f"{place}.file", f"{tag}: no such file tag", nearest_known(tag, tags))
        yield from _fitting(courier, operation, place)
        if operation.type == "spark-sql":
            yield from _query(courier, operation, tenant, place)


def _fitting(courier: Courier, operation: LoadOperation, place: str) -> Mistakes:
    """Check that an operation says what its type is about and nothing else, and that its feed is filled one way."""
    said = {name for name in ("file", "query", "files") if getattr(operation, name)}
    wanted: dict[str, set[str]] = {"load": {"file"}, "truncate": set(), "spark-sql": {"query", "files"}}
    for extra in sorted(said - wanted[operation.type]):
        expected = ", ".join(sorted(wanted[operation.type])) or "only `feed`"
        yield ConfigError(f"{place}.{extra}", f"stands beside `type: {operation.type}`", expected)
    types = {one.type for one in courier.load if one.feed == operation.feed}
    if operation.type == "truncate" and types == {"truncate"}:
        yield ConfigError(place, "truncates what nothing fills", f"a `load` of {operation.feed} beside it")
    if operation.type == "spark-sql" and "load" in types:
        yield ConfigError(place, f"{operation.feed} is filled by `load` as well", "one of the two in a courier")


def _query(courier: Courier, operation: LoadOperation, tenant: Tenant, place: str) -> Mistakes:
    """Check that an ingest query exists, reads the files that the operation names, and that Spark can read them."""
    if operation.query is None or not operation.files:
        yield ConfigError(place, "no ingest query, or no files for it", "`query:` and `files:`")
    elif operation.query not in tenant.ingest_queries:
        problem = f"{operation.query}: no such ingest query"
        yield ConfigError(f"{place}.query", problem, nearest_known(operation.query, tenant.ingest_queries))
    else:
        yield from _reads(tenant.ingest_queries[operation.query], operation)
    for file in courier.files:
        why = _not_for_spark(file) if file.tag in operation.tags else None
        if why is not None:
            yield ConfigError(f"{place}.files", f"{file.tag}: {why}", "a format that Spark reads, or `type: load`")


def _reads(query: IngestQuery, operation: LoadOperation) -> Mistakes:
    where = f"ingest_queries/{query.name}.sql"
    tags = [one.file for one in operation.files]
    if len(set(tags)) < len(tags):
        yield ConfigError(where, "a file tag is given twice in `files`", "each once")
    try:
        reads = sql_facts(query.sql, "spark", where).reads
    except ConfigError as mistake:
        yield mistake
        return
    for parts in reads:
        name = ".".join(parts)
        if name not in {tag.lower() for tag in tags}:
            yield ConfigError(where, f"{name}: not among the operation's files", nearest_known(name, tags))


def _not_for_spark(file: CourierFile) -> str | None:
    """Say why an ingest query cannot read a file, or nothing."""
    format = file.format
    if isinstance(format, DelimitedFormat) and (format.skip_lines or len(format.null_values) > 1):
        return "an ingest query knows no `skip_lines` and one of `null_values`"
    return None
