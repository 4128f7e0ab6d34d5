"""SQL of what is best known of each person: Merged Customers, and Unified Profiles with a row per brand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.merge_policy import DEFAULT_BRAND, DEFAULT_PRIORITY
from cdp_assets.config.tenant import Tenant

GROUPS: Mapping[str, Sequence[str]] = {
    "name": ("given_name", "surname", "full_name", "generational_suffix"),
    "address": ("address", "address2", "city", "state", "postal", "country"),
    "email": ("email",),
    "phone": ("phone",),
    "birthdate": ("birthdate",),
    "gender": ("gender",),
    "company": ("company",),
    "title": ("title",),
    "loyalty": ("loyalty_id",),
}
"""What is taken together from one record, so that nobody gets one person's street and another's town."""
COMPLETION: Mapping[str, str] = {
    "name": "CAST((given_name IS NOT NULL AND surname IS NOT NULL) OR full_name IS NOT NULL AS INT)",
    "address": " + ".join(f"CAST({part} IS NOT NULL AS INT)" for part in ("address", "city", "state", "postal")),
}
BAD: Mapping[str, Sequence[str]] = {
    "given_name": ("blv_given_name",),
    "surname": ("blv_surname",),
    "full_name": ("blv_given_name", "blv_surname"),
    "address": ("blv_address",),
    "address2": ("blv_address",),
    "email": ("blv_email",),
    "phone": ("blv_phone",),
}
"""Column -> the flags of Unified Coalesced that say that a record's value of it is on a blocklist."""
ORIGINS = ("pk", "datasource", "update_dt", "priority", "completion")
NEWEST = "-COALESCE(UNIX_MICROS(update_dt), -9000000000000000000)"
"""What sorts the newest record first, and one without a date last."""


def merged_sql(tenant: Tenant) -> str:
    """Give one row per person: each group of fields from the record that is most complete, then trusted, then newest.

    Completion first, then priority, then `update_dt`, then the smaller pk. A value on a blocklist counts as absent,
    and `<group>_blv` says that the person has one. The e-mail is the one that Email AmpID Assignment gives the person.
    """
    apart = [name for name in GROUPS if name != "email"]
    columns = [_given(name, column) for name, group in GROUPS.items() for column in group]
    origins = [_given(name, f"{name}_{part}") for name in GROUPS for part in ORIGINS]
    flags = [f"b.{name}_blv" for name in _flags(tenant)]
    chosen = ["b.amperity_id", *columns, "b.create_dt", "b.update_dt", *origins, *flags]
    return f"""WITH {_best(tenant, ("amperity_id",), apart)}
SELECT
  {_lines(chosen)}
FROM best AS b
LEFT JOIN unified.email_ampid_assignment AS e ON e.amperity_id = b.amperity_id"""


def profiles_sql(tenant: Tenant) -> str:
    """Give one row per person and brand, with the best value of each field among the brand's records, and its source.

    The rules are those of Merged Customers, the e-mail's included: within a brand nobody competes for it.
    """
    columns = [_own(name, column) for name, group in GROUPS.items() for column in group]
    origins = [_own(name, f"{name}_{part}") for name in GROUPS for part in ("pk", "datasource")]
    chosen = ["b.amperity_id", "b.brand", *columns, "b.create_dt", "b.update_dt", *origins]
    return f"WITH {_best(tenant, ('amperity_id', 'brand'), GROUPS)}\nSELECT\n  {_lines(chosen)}\nFROM best AS b"


def usable(tenant: Tenant, column: str) -> str:
    """Spell a column of Unified Coalesced, NULL where its value is on a blocklist; one-to-one Stitch lists none."""
    flags = () if tenant.stitch.is_one_to_one else BAD.get(column, ())
    return f"CASE WHEN NOT ({' OR '.join(flags)}) THEN {column} END AS {column}" if flags else column


def priority(tenant: Tenant, group: str) -> str:
    """Spell how much the merge policy trusts a record's source for a group of fields; 1 is most."""
    ranks = tenant.merge_policy.priorities(group)
    return _by_source(tenant, {feed: str(rank) for feed, rank in ranks.items()}, str(DEFAULT_PRIORITY))


def brand(tenant: Tenant) -> str:
    """Spell the brand of a record's source."""
    texts = {feed: "'{}'".format(name.replace("'", "\\'")) for feed, name in tenant.merge_policy.brands.items()}
    return _by_source(tenant, texts, f"'{DEFAULT_BRAND}'")


def _by_source(tenant: Tenant, values: Mapping[str, str], default: str) -> str:
    cases = [f"WHEN '{one.datasource}' THEN {values[one.key]}" for one in stitched_feeds(tenant) if one.key in values]
    return f"CASE datasource {' '.join(cases)} ELSE {default} END" if cases else default


def _best(tenant: Tenant, key: Sequence[str], groups: Iterable[str]) -> str:
    """Spell the two parts that every merge begins with: usable values, then the best record of each group."""
    flags = _flags(tenant)
    usables = [usable(tenant, column) for group in GROUPS.values() for column in group]
    read = ["amperity_id", f"{brand(tenant)} AS brand", "datasource", "pk", "create_dt", "update_dt", *usables]
    read += [f"{' OR '.join(parts)} AS {name}_blv" for name, parts in flags.items()]
    picked = [f"MIN_BY(\n    {_group(tenant, name)},\n    {_order(tenant, name)}\n  ) AS {name}_of" for name in groups]
    picked += ["MIN(create_dt) AS create_dt", "MAX(update_dt) AS update_dt"]
    picked += [f"MAX({name}_blv) AS {name}_blv" for name in flags]
    return f"""records AS (
SELECT
  {_lines(read)}
FROM unified.unified_coalesced
),
best AS (
SELECT
  {_lines([*key, *picked])}
FROM records
GROUP BY {", ".join(key)}
)"""


def _flags(tenant: Tenant) -> Mapping[str, Sequence[str]]:
    """Give the flags of bad values of each group that has any."""
    if tenant.stitch.is_one_to_one:
        return {}
    found = {
        name: dict.fromkeys(flag for column in group for flag in BAD.get(column, ())) for name, group in GROUPS.items()
    }
    return {name: tuple(flags) for name, flags in found.items() if flags}


def _completion(name: str) -> str:
    return f"({COMPLETION.get(name, f'CAST({GROUPS[name][0]} IS NOT NULL AS INT)')})"


def _group(tenant: Tenant, name: str) -> str:
    pairs = [f"'{column}', {column}" for column in GROUPS[name]]
    pairs += [f"'{name}_pk', pk", f"'{name}_datasource', datasource", f"'{name}_update_dt', update_dt"]
    pairs += [f"'{name}_priority', {priority(tenant, name)}", f"'{name}_completion', {_completion(name)}"]
    return f"NAMED_STRUCT({', '.join(pairs)})"


def _order(tenant: Tenant, name: str) -> str:
    return f"STRUCT(-{_completion(name)}, {priority(tenant, name)}, {NEWEST}, pk, datasource)"


def _given(name: str, column: str) -> str:
    """Spell one field of Merged Customers; the e-mail and its origin are those of the assignment."""
    if name != "email":
        return _own(name, column)
    return f"COALESCE(e.{column}, 0) AS {column}" if column == "email_completion" else f"e.{column}"


def _own(name: str, column: str) -> str:
    """Spell one field of a group; where the best record says nothing of the group, its origin is not told either."""
    if column in GROUPS[name] or column == f"{name}_completion":
        return f"b.{name}_of.{column} AS {column}"
    told = ", ".join(f"b.{name}_of.{one}" for one in GROUPS[name])
    is_told = f"{told} IS NOT NULL" if len(GROUPS[name]) == 1 else f"COALESCE({told}) IS NOT NULL"
    return f"CASE WHEN {is_told} THEN b.{name}_of.{column} END AS {column}"


def _lines(expressions: Sequence[str]) -> str:
    return ",\n  ".join(expressions)
