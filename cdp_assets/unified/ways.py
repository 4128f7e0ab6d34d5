"""Which unified tables are made by what changed, and how."""

from __future__ import annotations

from collections.abc import Mapping

from cdp_assets.config.catalog import ATTRIBUTES, ITEMIZED, TRANSACTIONS
from cdp_assets.config.people_tables import CUSTOMER, EMAILS, MERGED, PROFILES
from cdp_assets.names import TableName
from cdp_assets.unified.changed_orders import items_increment, orders_increment
from cdp_assets.unified.changed_people import attributes_increment, emails_increment, people_increment
from cdp_assets.unified.increment import KEY, PERSON, Way

WAYS: Mapping[TableName, Way] = {
    ITEMIZED: Way(KEY, items_increment),
    TRANSACTIONS: Way(KEY, orders_increment),
    CUSTOMER: Way(PERSON, people_increment),
    PROFILES: Way(PERSON, people_increment),
    MERGED: Way(PERSON, people_increment),
    EMAILS: Way(PERSON, emails_increment),
    ATTRIBUTES: Way(PERSON, attributes_increment),
}
"""The tables whose rows of an order, or of a person, follow from that order's or person's rows of the inputs."""
