"""Which people have other records, another e-mail or other orders than when the tables about them were last made."""

from __future__ import annotations

import datetime as dt
from functools import partial

import polars as pl

from cdp_assets.config.catalog import TRANSACTIONS
from cdp_assets.config.people_tables import COALESCED
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.as_of import is_passed, restated
from cdp_assets.unified.increment import KEY, PERSON, Increment, Inputs

MAILBOX = "mailbox"


def people_increment(_: Tenant, inputs: Inputs) -> Increment:
    """Give the people of whom any record, or the e-mail that they are assigned, is new, changed or gone."""
    changed = [inputs.changed(table, inputs.columns(table))[PERSON] for table in inputs.now]
    return _of_people(inputs, pl.concat(changed).unique())


def emails_increment(tenant: Tenant, inputs: Inputs) -> Increment:
    """Give the people of records with another mailbox, date or person, and whoever competes with them for a mailbox.

    Who shares a mailbox competes for it, and so on from person to person: nobody else's mailbox depends on theirs.
    """
    listed = [] if tenant.stitch.is_one_to_one else ["blv_email"]
    changed = inputs.changed(COALESCED, ["datasource", "pk", PERSON, "email", "update_dt", *listed])
    pairs = inputs.rows(COALESCED, [PERSON, "email"]).select(PERSON, _mailbox()).filter(pl.col(MAILBOX) != "").unique()
    return _of_people(inputs, competitors(pairs.collect(), changed.select(PERSON, _mailbox())))


def attributes_increment(_: Tenant, inputs: Inputs) -> Increment | None:
    """Give the buyers with an order that is new, changed or gone, or that an edge of a window has passed over.

    What is of everybody, or of the date, is stated anew for all. Nothing where the orders were made as a whole.
    """
    orders = inputs.noted(TRANSACTIONS)
    if orders is None or inputs.dates is None:
        return None
    is_changed = pl.col(KEY).is_in(orders.implode())
    before = inputs.earlier_rows(TRANSACTIONS, [KEY, PERSON]).filter(is_changed)
    now = inputs.rows(TRANSACTIONS, [KEY, PERSON, "order_datetime"])
    found = [before, now.filter(is_changed | is_passed(pl.col("order_datetime"), *inputs.dates))]
    people = pl.concat([rows.select(PERSON).collect()[PERSON] for rows in found]).drop_nulls().unique()
    return _of_people(inputs, people, inputs.dates[1])


def competitors(pairs: pl.DataFrame, changed: pl.DataFrame) -> pl.Series:
    """Give everybody of `changed` pairs, and whoever shares a mailbox with somebody who is given.

    Columns of both: amperity_id and mailbox.
    """
    people, mailboxes = (changed[column].drop_nulls().unique() for column in (PERSON, MAILBOX))
    reached = people
    while not people.is_empty():
        theirs = pairs.filter(pl.col(PERSON).is_in(people.implode()))[MAILBOX]
        mailboxes = pl.concat([mailboxes, theirs]).unique()
        found = pairs.filter(pl.col(MAILBOX).is_in(mailboxes.implode()))[PERSON].unique()
        people = found.filter(~found.is_in(reached.implode()))
        reached = pl.concat([reached, people])
    return reached


def _mailbox() -> pl.Expr:
    """Spell which mailbox an e-mail is, as the assignment's SQL does."""
    return pl.col("email").str.strip_chars(" ").str.to_lowercase().alias(MAILBOX)


def _of_people(inputs: Inputs, people: pl.Series, date: dt.date | None = None) -> Increment:
    """Give an increment of people, made of all their rows; with a date, what depends on it is stated anew for all."""
    is_among = pl.col(PERSON).is_in(people.implode())
    rows = {table: inputs.rows(table, ["*"]).filter(is_among) for table in inputs.now}
    return Increment(people, rows, None if date is None else partial(restated, date=date))
