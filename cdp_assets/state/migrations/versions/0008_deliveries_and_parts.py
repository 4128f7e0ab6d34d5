"""Deliveries have parts: one row for what is sent of a publication, one for each of its files."""

import itertools

import sqlalchemy as sa
from alembic import op

from cdp_assets.hashing import sha256_of
from cdp_assets.state import tables

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = ("environment", "orchestration", "publication_id")
KEPT = ("id", "filename", "rows", "size_bytes", "sha256", "delivered_at")
OLD = sa.table(
    "delivery",
    *(sa.column(name) for name in (*KEY, "destination", "id", "filename", "rows", "size_bytes", "sha256", "state")),
    sa.column("started_at", tables.When),
    sa.column("delivered_at", tables.When),
)
"""One row per file, as it was until now."""
UNKNOWN = ""
"""The template, the shape, the source and the place of what was sent before they were kept."""


def upgrade() -> None:
    """Part the old table's rows, one per file, into the two; a new state is made with both by the first migration."""
    bind = op.get_bind()
    if "filename" not in {column["name"] for column in sa.inspect(bind).get_columns("delivery")}:
        return
    files = list(bind.execute(sa.select(OLD).order_by(*(OLD.c[name] for name in (*KEY, "filename")))).mappings())
    op.drop_table("delivery")
    tables.metadata.create_all(bind, tables=[tables.delivery, tables.delivery_part])
    for key, found in itertools.groupby(files, lambda file: [file[name] for name in KEY]):
        _insert(bind, sha256_of(key)[:32], list(found))


def _insert(bind: sa.Connection, delivery_id: str, files: list[sa.RowMapping]) -> None:
    """Add one delivery and its files."""
    first, arrived = files[0], [file["delivered_at"] for file in files]
    whole = {
        "id": delivery_id, "destination": first["destination"], "named_at": first["started_at"],
        "began_at": first["started_at"], "ended_at": None if None in arrived else max(arrived),
        "state": "sending" if None in arrived else "delivered",
    }  # fmt: skip
    unknown = dict.fromkeys(("template", "shape", "source", "sent_by"), UNKNOWN)
    bind.execute(sa.insert(tables.delivery).values(whole | unknown | {name: first[name] for name in KEY}))
    for position, file in enumerate(files):
        part = {
            "delivery_id": delivery_id, "position": position, "content_sha256": file["sha256"], "place": UNKNOWN,
            "state": "delivered" if file["delivered_at"] else "sending", "began_at": file["started_at"],
        }  # fmt: skip
        bind.execute(sa.insert(tables.delivery_part).values(part | {name: file[name] for name in KEPT}))
