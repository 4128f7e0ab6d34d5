"""The audit log also refuses what goes around the triggers of 0001: REPLACE in SQLite, TRUNCATE in Postgres."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# REPLACE deletes the row that is in the way, and SQLite then fires no DELETE trigger (unless recursive_triggers is on).
NO_REPLACE = """
CREATE TRIGGER audit_REPLACE BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id OR hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END
"""
NO_TRUNCATE = """
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
"""


def upgrade() -> None:
    """Add the trigger of this database."""
    op.execute(NO_REPLACE if op.get_bind().dialect.name == "sqlite" else NO_TRUNCATE)
