"""Alerts: what happened, who is told, and whether they have been."""

from alembic import op

from cdp_assets.state import tables

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table: a new state is made with it by the first migration."""
    tables.metadata.create_all(op.get_bind(), tables=[tables.alert])
