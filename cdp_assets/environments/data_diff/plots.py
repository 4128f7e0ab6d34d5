"""The plots of a comparison."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.ticker import StrMethodFormatter

from cdp_assets.environments.data_diff.model import DataDiff, IdentityDiff, RowChanges
from cdp_assets.page.plots import AMBER, BRAND, GREEN, RED, SOFT, STYLE, Plot, address, bars, canvas

MOST_BARS = 15
PRODUCTION, SANDBOX = SOFT, BRAND
KINDS = {"added": GREEN, "removed": RED, "changed": AMBER}


def people_by_size(identity: IdentityDiff) -> Plot:
    """Show how many people have how many records, on both sides."""
    sizes = list(identity.sizes_before)
    with mpl.rc_context(STYLE):
        figure, axes = canvas(3.0)
        for shift, label, colour, counts in (
            (-0.2, "production", PRODUCTION, identity.sizes_before),
            (0.2, "sandbox", SANDBOX, identity.sizes_after),
        ):
            drawn = axes.bar(
                [at + shift for at in range(len(sizes))], list(counts.values()), 0.38, label=label, color=colour
            )
            axes.bar_label(drawn, fmt="{:,.0f}", fontsize=7, padding=1)
        axes.set_xticks(range(len(sizes)), sizes)
        axes.set_xlabel("records per person")
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.legend(frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
        changes = (f"{size}: {identity.sizes_before[size]:,} to {identity.sizes_after[size]:,}" for size in sizes)
        return Plot(address(figure), f"People by records, production to sandbox. {'; '.join(changes)}")


def rows_by_table(diff: DataDiff) -> Plot | None:
    """Show the rows that each table gains, loses and changes; None where no row differs."""
    return _changes("Rows by table", [(table.table, table.rows) for table in diff.different if table.rows])


def records_by_export(diff: DataDiff) -> Plot | None:
    """Show the records that each export would add, drop and change; None where none differs."""
    return _changes("Records by export", [(one.orchestration, one.rows) for one in diff.exports if one.rows])


def changed_columns(diff: DataDiff) -> Plot | None:
    """Show the columns with the most changed values; None where no row changed in one."""
    found = {
        f"{table.table}  {column}": count for table in diff.different for column, count in table.rows.columns.items()
    }
    top = dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST_BARS])
    return bars("Changed values by column", list(top), {"changed": list(top.values())}, KINDS) if top else None


def _changes(title: str, found: Sequence[tuple[str, RowChanges]]) -> Plot | None:
    chosen = sorted(found, key=lambda one: (-one[1].total, one[0]))[:MOST_BARS]
    counts = {kind: [getattr(rows, kind) for _, rows in chosen] for kind in KINDS}
    return bars(title, [name for name, _ in chosen], counts, KINDS) if chosen else None
