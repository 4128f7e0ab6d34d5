"""Who may hold a bad value, against looking at everybody."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.stitch import BadValue, BadValueRule
from cdp_assets.stitch.bad_values import BadBy, without_bad_values
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.suspects import Suspects

ROW = st.tuples(
    st.sampled_from([None, "Ann", "Bob", "Cid", "Dora"]),
    st.sampled_from([None, "x@mail.com", "y@mail.com"]),
    st.sampled_from([None, "1 Main St", "1 Main St Apt 2", "2 Main St"]),
    st.sampled_from([None, "98101"]),
)
BY = BadBy(
    rules=[
        BadValueRule(semantic="email", proxy="given-name", threshold=2),
        BadValueRule(semantic="address", proxy="given-name", threshold=1),
        BadValueRule(semantic="fk-nobody-has", proxy="given-name", threshold=1),
    ],
    manual=[BadValue(semantic="given-name", value="dora")],
)


@given(st.lists(ROW, max_size=12), st.integers(0, 12))
def test_of_those_that_may_hold_a_bad_value_the_same_is_found_as_of_all(
    rows: list[tuple[str | None, ...]], known: int
) -> None:
    """Whether they were there before or came behind; a value that nobody has is not one of many."""
    raw = pl.DataFrame(
        rows, schema=dict.fromkeys(["given_name", "email", "address", "postal"], pl.String), orient="row"
    )
    keys = raw.select(datasource=pl.lit("shop:a"), pk=pl.format("{}", pl.int_range(pl.len()) + 100))
    records = normalised(pl.concat([keys, raw], how="horizontal"))
    suspects = pl.Series(Suspects(records[:known], BY).and_of(records[known:]), dtype=pl.Boolean)
    everybody, some = without_bad_values(records, BY), without_bad_values(records.filter(suspects), BY)
    assert some.values.equals(everybody.values)
    assert some.records.equals(everybody.records.filter(suspects))
    assert not everybody.flags.filter(~suspects)["has_blv"].any()
