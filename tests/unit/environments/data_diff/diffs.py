"""Comparisons made by hand, for tests of how they are shown."""

from __future__ import annotations

from cdp_assets.environments.data_diff.model import (
    Cell,
    DataDiff,
    Example,
    ExportDiff,
    IdentityCounts,
    IdentityDiff,
    Link,
    Part,
    Record,
    Regrouping,
    RowChanges,
    SchemaChange,
    TableDiff,
)

ANN, BOB = Record("ecom", "X-9999"), Record("pos", "99")
MERGE = Regrouping(
    "person-1",
    3,
    (Part("person-1", 2, (ANN,)), Part("person-2", 1, (BOB,))),
    (Link(ANN, BOB, 2.7, "scored"),),
)
EXAMPLE = Example("changed", (("amperity_id", "person-1"),), (Cell("city", "Xxxx", "Xxxxx"),))


def table(name: str = "database__c.people", *, example: Example = EXAMPLE, sampled: float | None = None) -> TableDiff:
    """Make a table with two rows added, one removed and three changed, one column more and one retyped."""
    rows = RowChanges(("amperity_id",), 2, 1, 3, {"city": 3, "state": 1}, (example,))
    schema = SchemaChange(added=(("is_vip", "Boolean"),), retyped=(("age", "Int64", "String"),))
    return TableDiff(name, 10, 11, rows, schema, sampled)


def data_diff(*tables: TableDiff, notes: tuple[str, ...] = ()) -> DataDiff:
    """Make a comparison of these tables in which two people are merged and an export changes."""
    return DataDiff(
        sandbox="vip",
        publications=(3, 5),
        tables=tables,
        same_version=("domain.ecom_customers",),
        identity=IdentityDiff(
            IdentityCounts(10, 9, merged=1, merged_from=2, ids_kept=9, records_moved=1),
            merges=(MERGE,),
            sizes_before={"1": 8, "2": 2, "3": 0},
            sizes_after={"1": 7, "2": 1, "3": 1},
        ),
        exports=(ExportDiff("send_vips", 5, 6, RowChanges(("amperity_id",), added=2, removed=1)),),
        exports_not_compared=(("send_others", "only in the sandbox"),),
        notes=notes,
    )
