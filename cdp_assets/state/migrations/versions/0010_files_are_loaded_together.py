"""Each load names its Delta commit, since one takes several files; the loads of a table are found by their state."""

import sqlalchemy as sa
from alembic import op

from cdp_assets.state import tables

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add column and index: a new state is made with them by the first migration. Each load had a commit of its own."""
    table, commit_id = tables.load, tables.load.c.commit_id
    if commit_id.name not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table.name)}:
        op.add_column(table.name, sa.Column(commit_id.name, commit_id.type))
        op.execute(sa.update(table).values(commit_id=table.c.id))
    tables.load_of_table.create(op.get_bind(), checkfirst=True)
