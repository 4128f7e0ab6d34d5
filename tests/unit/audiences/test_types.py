"""Types become each other as in Presto, and results of decimals have Presto's precision."""

from __future__ import annotations

import pytest

from cdp_assets.audiences.operators import result_type
from cdp_assets.audiences.types import becomes, common, parse, spark

COMMON = [
    ("integer", "bigint", "bigint"),
    ("integer", "decimal(3, 1)", "decimal(11, 1)"),
    ("decimal(5, 2)", "decimal(4, 3)", "decimal(6, 3)"),
    ("bigint", "double", "double"),
    ("real", "decimal(5, 2)", "real"),
    ("unknown", "varchar", "varchar"),
    ("date", "timestamp(6)", "timestamp(6)"),
    ("date", "timestamp(0)", "timestamp(0)"),
    ("array(integer)", "array(unknown)", "array(integer)"),
    ("map(varchar, integer)", "map(varchar, double)", "map(varchar, double)"),
    ("row(a integer)", "row(b bigint)", "row(bigint)"),
    ("char(3)", "char(5)", "char(5)"),
    ("varchar", "integer", None),
    ("boolean", "integer", None),
    ("array(integer)", "array(varchar)", None),
    ("row(integer)", "row(integer, integer)", None),
    ("varchar", "date", None),
]
RESULTS = [
    ("+", "decimal(2, 1)", "decimal(3, 2)", "decimal(4, 2)"),
    ("-", "decimal(10, 0)", "decimal(4, 3)", "decimal(14, 3)"),
    ("*", "decimal(3, 2)", "decimal(4, 3)", "decimal(7, 5)"),
    ("/", "decimal(10, 2)", "decimal(10, 4)", "decimal(16, 4)"),
    ("/", "decimal(3, 2)", "decimal(10, 0)", "decimal(3, 2)"),
    ("%", "decimal(2, 0)", "decimal(2, 1)", "decimal(2, 1)"),
    ("+", "decimal(38, 2)", "decimal(38, 2)", "decimal(38, 2)"),
]


@pytest.mark.parametrize(("one", "other", "both"), COMMON)
def test_two_types_have_presto_s_common_type(one: str, other: str, both: str | None) -> None:
    for a, b in ((one, other), (other, one)):
        found = common(parse(a), parse(b))
        assert (None if found is None else str(found)) == both


@pytest.mark.parametrize(("sign", "one", "other", "result"), RESULTS)
def test_decimals_have_presto_s_precision_and_scale(sign: str, one: str, other: str, result: str) -> None:
    assert str(result_type(sign, parse(one), parse(other))) == result


def test_a_value_becomes_a_wider_type_only() -> None:
    assert becomes(parse("integer"), parse("double"))
    assert not becomes(parse("double"), parse("integer"))
    assert not becomes(parse("timestamp(3)"), parse("date"))


def test_fields_without_a_name_get_one() -> None:
    assert spark(parse("row(integer, a varchar, a double)")) == "STRUCT<`field0`:INT,`a`:STRING,`field2`:DOUBLE>"
