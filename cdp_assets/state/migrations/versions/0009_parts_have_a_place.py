"""Each file of a delivery has its place: a hash of the location that it went to; unknown of earlier ones."""

import sqlalchemy as sa
from alembic import op

from cdp_assets.state import tables

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: a new state is made with it by the first migration."""
    table = tables.delivery_part
    if table.c.place.name not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table.name)}:
        column = sa.Column(table.c.place.name, table.c.place.type, nullable=False, server_default="")
        op.add_column(table.name, column)
