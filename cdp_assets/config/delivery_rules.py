"""What data templates and whatever sends through them must hold to: names of files, objects, groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator

from cdp_assets.config.destination import ARCHIVES, DataTemplate
from cdp_assets.config.filename_template import FilenameTemplate, TemplateError
from cdp_assets.config.known import absent
from cdp_assets.config.orchestration import Orchestration, OrchestrationGroup
from cdp_assets.config.schedule_rules import schedule_mistakes
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigError

Place = Callable[..., str]
TEMPLATES = ("filename", "table_filename", "split_filename", "split_directory")
"""Fields of a data template that are filename templates."""
OF_ORCHESTRATION = {"now", "file_number", "list_name"}
OF_CAMPAIGN = OF_ORCHESTRATION | {"campaign_name", "group_name"}


def delivery_mistakes(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Give a mistake for everything that is sent and cannot be, or could not be told from something else."""
    for template in tenant.data_templates.values():
        yield from _absent(
            "data_templates", template.name, "destination", template.destination, tenant.destinations, where
        )
        yield from _names(template, where)
        yield from _encryption(template, tenant, where)
    for export in tenant.data_exports.values():
        yield from _absent("data_exports", export.name, "database", export.database, tenant.databases, where)
        if (database := tenant.databases.get(export.database)) is not None:
            for index, table in enumerate(export.tables):
                yield from _absent("data_exports", export.name, ("tables", index), table, database.tables, where)
    for order in tenant.orchestrations.values():
        yield from _object(order, tenant, where)
        yield from _absent(
            "orchestrations", order.name, "data_template", order.data_template, tenant.data_templates, where
        )
        if order.data_template in tenant.data_templates:
            yield from _fits(order, tenant, where)
    yield from _told_apart(tenant, where)
    yield from _groups(tenant, where)


def _absent(
    kind: str, name: str, field: str | tuple[str | int, ...], target: str, known: Collection[str], where: Place
) -> Iterator[ConfigError]:
    if target not in known:
        path = (field,) if isinstance(field, str) else field
        yield absent(where(kind, name, *path), target, known)


def _encryption(template: DataTemplate, tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    name, place = template.pgp_credential, where("data_templates", template.name, "signatures")
    if name is None:
        if template.signatures == "beside":
            yield ConfigError(place, "no key to sign with", "`pgp_credential` with a `signing_key`")
        return
    yield from _absent("data_templates", template.name, "pgp_credential", name, tenant.credentials, where)
    found = tenant.credentials.get(name)
    if found is not None and (found.type != "pgp" or "public_key" not in found.secrets):
        place = where("data_templates", template.name, "pgp_credential")
        yield ConfigError(place, f"{name} has no key to encrypt to", "a credential of type pgp with a `public_key`")
    elif found is not None and template.signatures == "beside" and "signing_key" not in found.secrets:
        yield ConfigError(place, f"{name} has no key to sign with", "a credential of type pgp with a `signing_key`")


def _names(template: DataTemplate, where: Place) -> Iterator[ConfigError]:
    """Check each filename template, and that the files of a split export have names of their own."""
    read: dict[str, FilenameTemplate] = {}
    for field in TEMPLATES:
        if (text := getattr(template, field)) is not None:
            try:
                read[field] = FilenameTemplate.parse(text)
            except TemplateError as error:
                yield ConfigError(where("data_templates", template.name, field), error.problem, error.expected)
    for field, found in read.items():
        yield from _numbered(template, field, found, where)
        place = where("data_templates", template.name, field)
        if field == "table_filename" and "table_name" not in found.words:
            yield ConfigError(place, "would give every table one name", "{{table_name}} in it")
        if field in ("filename", "split_directory") and "table_name" in found.words:
            yield ConfigError(place, "`table_name` has no value for the whole", "{{list_name}}, or `table_filename`")


def _numbered(template: DataTemplate, field: str, found: FilenameTemplate, where: Place) -> Iterator[ConfigError]:
    """Check that a file's number stands where there are numbers, and only there."""
    place = where("data_templates", template.name, field)
    numbered = "file_number" in found.words
    own = field == ("split_filename" if template.split_filename is not None else "filename")
    if template.is_split and own and not numbered:
        yield ConfigError(place, "would give every file of the split export one name", "{{file_number}} in it")
    if numbered and not (template.is_split and own):
        yield ConfigError(place, "`file_number` has no value here", "a split export, whose files are numbered")


def _object(order: Orchestration, tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Check that what an orchestration sends is there and active."""
    if order.data_export is not None:
        yield from _absent("orchestrations", order.name, "data_export", order.data_export, tenant.data_exports, where)
    if order.query is not None:
        yield from _absent("orchestrations", order.name, "query", order.query, tenant.queries, where)
        sent = tenant.queries.get(order.query)
        if sent is not None and sent.status != "active":
            yield ConfigError(
                where("orchestrations", order.name, "query"), f"{sent.name} is a draft", "an active query"
            )


def _fits(order: Orchestration, tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Check that a template can name and hold what an orchestration sends through it."""
    template = tenant.data_templates[order.data_template]
    place = where("orchestrations", order.name, "data_template")
    for field in ("filename", "split_filename", "split_directory"):
        if unknown := _words(getattr(template, field)) - OF_ORCHESTRATION:
            problem = f"{template.name}: `{', '.join(sorted(unknown))}` has a value in campaigns only"
            yield ConfigError(place, problem, "a template that names {{list_name}} instead")
    export = tenant.data_exports.get(order.data_export or "")
    if export is not None and len(export.tables) > 1:
        if template.output == "file":
            yield ConfigError(place, f"{template.name} makes one file of several tables", f"{', '.join(ARCHIVES)}")
        if template.is_split and template.compression in ARCHIVES:
            problem = f"{template.name} splits several tables into archives"
            yield ConfigError(place, problem, "`compression: none` or gzip, or an archive without a split")
        elif template.is_split and "table_name" not in _all_words(template.split_filename or template.filename):
            problem = f"{template.name} gives the files of several tables one name"
            yield ConfigError(place, problem, "{{table_name}} in its `split_filename`")


def _told_apart(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Refuse that one orchestration's file replaces another's."""
    times = Counter(order.data_template for order in tenant.orchestrations.values())
    for order in tenant.orchestrations.values():
        template = tenant.data_templates.get(order.data_template)
        if template is not None and times[template.name] > 1 and not tells_apart(template, "list_name"):
            place = where("orchestrations", order.name, "data_template")
            problem = f"{template.name} gives the files of {times[template.name]} orchestrations one name"
            yield ConfigError(place, problem, "{{list_name}} in its filename, or a template for each")


def tells_apart(template: DataTemplate, word: str) -> bool:
    """Say whether what a word stands for is in the name of every file that a template makes, the done file included."""
    if not template.is_split:
        return word in _all_words(template.filename)
    named = _all_words(template.split_filename or template.filename) | _all_words(template.split_directory or "x")
    return word in named and (word in _all_words(template.filename) or not template.done_file)


def _words(text: str | None) -> frozenset[str]:
    """Give the words of a template that depend on what is sent as a whole; a malformed one is told elsewhere."""
    return frozenset() if text is None else _all_words(text) - {"table_name"}


def _all_words(text: str) -> frozenset[str]:
    try:
        return FilenameTemplate.parse(text).words
    except TemplateError:
        return frozenset()


def _groups(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    groups = tenant.orchestration_groups.values()
    times = Counter(name for group in groups for name in group.orchestrations)
    for group in groups:
        for index, name in enumerate(group.orchestrations):
            path = ("orchestrations", index)
            yield from _absent("orchestration_groups", group.name, path, name, tenant.orchestrations, where)
            place = where("orchestration_groups", group.name, *path)
            if name in tenant.orchestrations and tenant.orchestrations[name].mode == "manual":
                yield ConfigError(place, f"{name} is sent by hand", "`mode: automatic` in the orchestration")
            if times[name] > 1:
                yield ConfigError(place, f"{name} would be sent several times", "it once, in one group")
        yield from _start(group, tenant, where)


def _start(group: OrchestrationGroup, tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    kind = "orchestration_groups"
    if group.after is not None:
        yield from _absent(kind, group.name, "after", group.after, tenant.courier_groups, where)
        found = tenant.courier_groups.get(group.after)
        if found is not None and found.run_type != "full" and group.schedule is None:
            problem = f"{group.after} sends nothing: its runs end before that"
            yield ConfigError(where(kind, group.name, "after"), problem, "a courier group with `run_type: full`")
    yield from schedule_mistakes(kind, group.name, group.schedule, group.time_zone, where)
