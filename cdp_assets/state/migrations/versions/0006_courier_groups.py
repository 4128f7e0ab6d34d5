"""Courier groups: how far their runs have come, and which of them wait; landed files are found by their order."""

from alembic import op

from cdp_assets.state import tables

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and index: a new state is made with them by the first migration."""
    tables.metadata.create_all(op.get_bind(), tables=[tables.group_progress, tables.group_wait])
    tables.landed_file_in_order.create(op.get_bind(), checkfirst=True)
