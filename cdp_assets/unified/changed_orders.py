"""Which orders have other items, and which items other lines or people, than when their tables were last made."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cdp_assets.config.catalog import ITEMIZED, feeds_of_family
from cdp_assets.config.feed import Feed
from cdp_assets.config.people_tables import COALESCED
from cdp_assets.config.tenant import Tenant
from cdp_assets.names import TableName
from cdp_assets.unified.columns import family_fields
from cdp_assets.unified.increment import KEY, PERSON, Increment, Inputs, are_same_people
from cdp_assets.unified.itemized import foreign_keys, keys_of


def items_increment(tenant: Tenant, inputs: Inputs) -> Increment:
    """Give the orders of lines that are new, changed or gone, or whose key belongs to somebody else now."""
    feeds = feeds_of_family(tenant, "txn-item")
    moved = _moved_keys(tenant, inputs, feeds)
    found = [_orders_of_lines(inputs, feed) for feed in feeds]
    found += [_orders_of_keys(tenant, inputs, feed, moved) for feed in feeds if moved]
    orders = pl.concat(found).unique()
    lines = {feed.table: _lines_of(inputs, feed, orders) for feed in feeds}
    return Increment(orders, lines | {COALESCED: _holders(tenant, inputs, feeds, lines)})


def orders_increment(_: Tenant, inputs: Inputs) -> Increment | None:
    """Give the orders with changed items, and those of several people of whom one's records changed.

    Nothing where the items were made as a whole: then so are the orders.
    """
    changed = inputs.noted(ITEMIZED)
    if changed is None:
        return None
    orders = pl.concat([changed, _contested(inputs)]).unique()
    items = inputs.rows(ITEMIZED, ["*"]).filter(pl.col(KEY).is_in(orders.implode()))
    people = items.select("amperity_id").drop_nulls().unique()
    records = inputs.rows(COALESCED, ["*"]).join(people, on="amperity_id", how="semi")
    return Increment(orders, {ITEMIZED: items, COALESCED: records})


def _order_field(feed: Feed) -> str:
    return family_fields(feed, "txn-item")[KEY].name


def _orders_of_lines(inputs: Inputs, feed: Feed) -> pl.Series:
    columns = list(dict.fromkeys(["_pk", *(field.name for field in feed.fields)]))
    changed = inputs.changed(feed.table, columns)
    return changed[_order_field(feed)].cast(pl.String).unique().alias(KEY)


def _moved_keys(tenant: Tenant, inputs: Inputs, feeds: list[Feed]) -> dict[str, pl.Series]:
    """Give the values of each foreign key that a record has no longer, or for the first time, or with another id."""
    keys = sorted({key for feed in feeds for key in keys_of(tenant, feed)})
    if are_same_people(inputs) or not keys:
        return {}
    changed = inputs.changed(COALESCED, ["datasource", "pk", "amperity_id", *keys])
    return {key: _folded(changed[key]).drop_nulls().unique() for key in keys}


def _orders_of_keys(tenant: Tenant, inputs: Inputs, feed: Feed, moved: Mapping[str, pl.Series]) -> pl.Series:
    fields, order = foreign_keys(feed), _order_field(feed)
    known = keys_of(tenant, feed)
    lines = inputs.rows(feed.table, list(dict.fromkeys([order, *(fields[key] for key in known)])))
    met = [_fold(fields[key]).is_in(moved[key].implode()) for key in known]
    return lines.filter(pl.any_horizontal(pl.lit(False), *met)).collect()[order].cast(pl.String).unique().alias(KEY)


def _lines_of(inputs: Inputs, feed: Feed, orders: pl.Series) -> pl.LazyFrame:
    """Give the lines of the orders; those without an order are always among them."""
    order = pl.col(_order_field(feed)).cast(pl.String)
    return inputs.rows(feed.table, ["*"]).filter(order.is_null() | order.is_in(orders.implode()))


def _holders(
    tenant: Tenant, inputs: Inputs, feeds: list[Feed], lines: Mapping[TableName, pl.LazyFrame]
) -> pl.LazyFrame:
    """Give every record that holds a foreign key of the lines."""
    asked: dict[str, list[pl.Series]] = {}
    for feed in feeds:
        for key in keys_of(tenant, feed):
            field = foreign_keys(feed)[key]
            values = lines[feed.table].select(_fold(field).alias(key)).unique().collect()[key]
            asked.setdefault(key, []).append(values.drop_nulls())
    met = [_fold(key).is_in(pl.concat(values).implode()) for key, values in asked.items()]
    return inputs.rows(COALESCED, ["*"]).filter(pl.any_horizontal(pl.lit(False), *met))


def _contested(inputs: Inputs) -> pl.Series:
    """Give the orders of several people of whom one has other records now: another may be the last updated."""
    if are_same_people(inputs):
        return pl.Series("key", [], pl.String)
    changed = inputs.changed(COALESCED, ["datasource", "pk", "amperity_id", "update_dt"])["amperity_id"].unique()
    person = pl.col(PERSON)
    orders = inputs.rows(ITEMIZED, [KEY, PERSON]).drop_nulls().group_by(KEY)
    told = orders.agg(is_contested=person.min() != person.max(), is_touched=person.is_in(changed.implode()).any())
    return told.filter(pl.col("is_contested") & pl.col("is_touched")).collect()[KEY].alias("key")


def _fold(column: str) -> pl.Expr:
    """Spell a key as loosely as any setting compares it: too many orders are made anew rather than too few."""
    return pl.col(column).cast(pl.String).str.strip_chars(" ").str.to_uppercase()


def _folded(values: pl.Series) -> pl.Series:
    return values.to_frame().select(_fold(values.name)).to_series()
