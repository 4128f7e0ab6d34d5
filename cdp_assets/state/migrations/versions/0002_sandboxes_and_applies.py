"""Sandboxes, saved plans, the journal of applies, readers; what is known of a physical table's size."""

import sqlalchemy as sa
from alembic import op

from cdp_assets.state import tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NEW_TABLES = ("sandbox", "saved_plan", "approval", "apply", "apply_step", "reader")
NEW_COLUMNS = {
    "revision": ("files",),
    "applied": ("source", "message", "publication_before", "publication_after"),
    "run": ("apply_id",),
    "physical_table": ("rows", "size_bytes", "seconds", "doomed_at"),
}


def upgrade() -> None:
    """Add what is missing: a new state is made with all of it by the first migration."""
    bind = op.get_bind()
    for table, columns in NEW_COLUMNS.items():
        present = {column["name"] for column in sa.inspect(bind).get_columns(table)}
        for name in columns:
            if name not in present:
                column = tables.metadata.tables[table].c[name]
                default = None if column.nullable else ""
                op.add_column(table, sa.Column(name, column.type, nullable=column.nullable, server_default=default))
    tables.metadata.create_all(bind, tables=[tables.metadata.tables[name] for name in NEW_TABLES])
