"""Whose a row is that names somebody by a foreign key: the one person's whose records hold the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.people_tables import COALESCED
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.columns import profile_columns


def known_keys(tenant: Tenant, keys: Sequence[str]) -> list[str]:
    """Give those of some foreign keys, such as `fk_customer_id`, that records of people have, in their order."""
    known = profile_columns(stitched_feeds(tenant))
    return [key for key in keys if key in known]


def owners(tenant: Tenant, key: str) -> str:
    """Spell the part of a WITH that tells who holds each value of a foreign key that one person alone holds."""
    value = compared(tenant, key, key)
    return f"""{_name(key)} AS (
SELECT {value} AS fk, MIN(amperity_id) AS amperity_id
FROM {COALESCED}
WHERE {key} IS NOT NULL
GROUP BY {value}
HAVING MIN(amperity_id) = MAX(amperity_id)
)"""


def owner(keys: Sequence[str]) -> str:
    """Spell the person of a row: of several foreign keys the first that says one person counts."""
    return first([f"{_name(key)}.amperity_id" for key in keys])


def owner_joins(tenant: Tenant, fields: Mapping[str, str]) -> str:
    """Spell the joins that `owner` reads; `fields` tells the value of each foreign key."""
    return "".join(
        f"\nLEFT JOIN {_name(key)} ON {_name(key)}.fk = {compared(tenant, key, value)}" for key, value in fields.items()
    )


def compared(tenant: Tenant, key: str, value: str) -> str:
    """Spell a foreign key's value as it is compared: letter case counts only for keys that Stitch's settings name."""
    exact = {name.replace("-", "_").removeprefix("fk_") for name in tenant.stitch.case_sensitive_fks}
    return f"TRIM({value})" if key.removeprefix("fk_") in exact else f"UPPER(TRIM({value}))"


def first(values: Sequence[str]) -> str:
    """Spell the first value that is not NULL.

    >>> first([]), first(["a"]), first(["a", "b"])
    ('CAST(NULL AS STRING)', 'a', 'COALESCE(a, b)')
    """
    if not values:
        return "CAST(NULL AS STRING)"
    return values[0] if len(values) == 1 else f"COALESCE({', '.join(values)})"


def _name(key: str) -> str:
    return f"owners_of_{key}"
