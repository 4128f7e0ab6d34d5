"""SQL of Email AmpID Assignment: which one person a mailbox stands for, and which one mailbox for a person."""

from __future__ import annotations

from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.merged import NEWEST, priority

ROUNDS = 2
"""Rounds that take place side by side; what few remain after them is gone through one by one."""
SAID = ("email", "pk", "datasource", "update_dt", "priority")


def email_assignment_sql(tenant: Tenant) -> str:
    """Give each person at most one e-mail and each e-mail at most one person: amperity_id, email, and where it is from.

    A person's e-mails and a mailbox's persons are ranked by the best record that holds both: by priority, then
    `update_dt`, then pk. Where each is the other's best, they are taken; the rest is ranked anew until nobody is left
    who could be. Letter case and blanks around do not tell mailboxes apart; a mailbox on a blocklist is nobody's.
    Every pair has a rank of its own, the same from either side: so taking pairs in the order of their ranks, each
    whose two sides are free, takes the same ones, and does so for the pairs that a few rounds have left over.
    """
    rounds = ",\n".join(_round(number) for number in range(1, ROUNDS + 1))
    columns = ",\n  ".join(
        f"record.{name} AS {name}" if name == "email" else f"record.{name} AS email_{name}" for name in SAID
    )
    return f"""WITH {_pairs(tenant)},
{rounds},
waiting AS (
SELECT ARRAY_SORT(COLLECT_LIST(STRUCT(open AS record, mailbox, amperity_id))) AS pairs
FROM round_{ROUNDS}
WHERE open IS NOT NULL
),
taken AS (
SELECT amperity_id, record
FROM round_{ROUNDS}
WHERE is_best
UNION ALL
SELECT pair.amperity_id, pair.record
FROM (
SELECT EXPLODE(AGGREGATE(
  pairs,
  SLICE(pairs, 1, 0),
  (kept, one) -> CASE
    WHEN SIZE(FILTER(kept, other -> other.mailbox = one.mailbox OR other.amperity_id = one.amperity_id)) = 0
      THEN CONCAT(kept, ARRAY(one))
    ELSE kept
  END
)) AS pair
FROM waiting
)
)
SELECT
  amperity_id,
  {columns},
  1 AS email_completion
FROM taken"""


def _pairs(tenant: Tenant) -> str:
    """Spell each pair of mailbox and person, and the best record that holds both: `open` while both are free."""
    good = "" if tenant.stitch.is_one_to_one else " AND NOT blv_email"
    return f"""records AS (
SELECT
  amperity_id,
  LOWER(TRIM(email)) AS mailbox,
  STRUCT({priority(tenant, "email")} AS priority, {NEWEST} AS newest, pk, datasource, email, update_dt) AS record
FROM unified.unified_coalesced
WHERE TRIM(email) <> ''{good}
),
round_0 AS (
SELECT mailbox, amperity_id, MIN(record) AS record, MIN(record) AS open, FALSE AS is_best
FROM records
GROUP BY mailbox, amperity_id
)"""


def _round(number: int) -> str:
    """Spell one round: pairs that are each other's best are taken, and whoever is in one is free no more."""
    return f"""mutual_{number} AS (
SELECT
  mailbox,
  amperity_id,
  record,
  open,
  is_best,
  COALESCE(
    open = MIN(open) OVER (PARTITION BY mailbox) AND open = MIN(open) OVER (PARTITION BY amperity_id), FALSE
  ) AS is_mutual
FROM round_{number - 1}
),
round_{number} AS (
SELECT
  mailbox,
  amperity_id,
  record,
  CASE
    WHEN MAX(is_mutual) OVER (PARTITION BY amperity_id) OR MAX(is_mutual) OVER (PARTITION BY mailbox) THEN NULL
    ELSE open
  END AS open,
  is_best OR is_mutual AS is_best
FROM mutual_{number}
)"""
