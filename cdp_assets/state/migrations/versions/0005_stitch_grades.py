"""Grades of pairs of records: a hash of the pair, and whether somebody finds it one person."""

from alembic import op

from cdp_assets.state import tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table: a new state is made with it by the first migration."""
    tables.metadata.create_all(op.get_bind(), tables=[tables.stitch_grade])
