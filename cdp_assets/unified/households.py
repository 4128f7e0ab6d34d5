"""SQL of Merged Households: who shares a surname and an address."""

from __future__ import annotations

from cdp_assets.config.tenant import Tenant

HOME = ("surname", "address", "city", "state", "postal")
"""What the members of a household have in common, letter by letter, once it is standardised."""
SEPARATOR = "'\\u001f'"
"""What no value holds: `1 A` with `B` is another home than `1` with `A B`."""


def households_sql(tenant: Tenant) -> str:
    """Give one row per person with a surname and an address: amperity_id, household_id, and what makes the household.

    The address and the name are those of Merged Customers in the spelling that Stitch compares. The id is a hash of
    them, so that it is the same in every run and environment and stays when a member comes, goes or gets another id.
    """
    home = _as_written() if tenant.stitch.is_one_to_one else _as_compared()
    columns = ",\n  ".join(HOME)
    key = ", ".join(f"COALESCE({column}, '')" for column in HOME)
    return f"""WITH homes AS (
{home}
),
hashed AS (
SELECT *, SHA2(CONCAT_WS({SEPARATOR}, {key}), 256) AS hash
FROM homes
WHERE surname IS NOT NULL AND address IS NOT NULL AND COALESCE(postal, city) IS NOT NULL
)
SELECT
  amperity_id,
  {_uuid("hash")} AS household_id,
  {columns}
FROM hashed"""


def _as_compared() -> str:
    """Spell each person's home as Stitch has standardised it: what stands for equal records stands for theirs."""
    return """SELECT m.amperity_id, n.surname, a.address, a.city, a.state, a.postal
FROM unified.merged_customers AS m
JOIN unified.unified_coalesced AS ra ON ra.datasource = m.address_datasource AND ra.pk = m.address_pk
JOIN stitch.unified_preprocessed_raw AS a ON a.datasource = ra.rep_ds AND a.pk = ra.rep_pk
JOIN unified.unified_coalesced AS rn ON rn.datasource = m.name_datasource AND rn.pk = m.name_pk
JOIN stitch.unified_preprocessed_raw AS n ON n.datasource = rn.rep_ds AND n.pk = rn.rep_pk"""


def _as_written() -> str:
    """Spell each person's home in capitals without signs: one-to-one Stitch standardises nothing."""
    values = {column: column for column in HOME} | {"address": "CONCAT_WS(' ', address, address2)"}
    plain = r"NULLIF(TRIM(REGEXP_REPLACE(UPPER({}), '[^\\p{{L}}0-9]+', ' ')), '')"
    columns = ", ".join(f"{plain.format(value)} AS {column}" for column, value in values.items())
    return f"SELECT amperity_id, {columns}\nFROM unified.merged_customers"


def _uuid(digits: str) -> str:
    """Spell a UUID of version 8, which RFC 9562 leaves to whoever makes it, from a hash's hexadecimal digits."""
    parts = [f"SUBSTR({digits}, {start}, {length})" for start, length in ((1, 8), (9, 4), (13, 3), (16, 3), (19, 12))]
    return "CONCAT({}, '-', {}, '-8', {}, '-a', {}, '-', {})".format(*parts)
