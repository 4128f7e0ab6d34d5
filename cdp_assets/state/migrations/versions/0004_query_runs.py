"""Query runs: who asked what of which publication, for how long, and how it ended."""

from alembic import op

from cdp_assets.state import tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table: a new state is made with it by the first migration."""
    tables.metadata.create_all(op.get_bind(), tables=[tables.query_run])
