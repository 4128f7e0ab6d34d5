"""The relational schema: one table per ledger, every row of an environment says which."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from cdp_assets.state.moment import Moment

metadata = MetaData()
Id = BigInteger().with_variant(Integer, "sqlite")
When = Moment()

revision = Table(
    "revision",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("body", JSON, nullable=False),
    Column("files", JSON),
    Column("message", Text, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", When, nullable=False),
)
environment = Table(
    "environment",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("lineage", String(36), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("revision_id", ForeignKey("revision.id")),
    Column("publication_id", Id),
    Column("created_at", When, nullable=False),
)
applied = Table(
    "applied",
    metadata,
    Column("environment", ForeignKey("environment.name"), primary_key=True),
    Column("serial", Integer, primary_key=True),
    Column("revision_id", ForeignKey("revision.id"), nullable=False),
    Column("plan_id", String(64), nullable=False),
    Column("applied_by", String(200), nullable=False),
    Column("applied_at", When, nullable=False),
    Column("source", String(300), nullable=False),
    Column("message", Text, nullable=False),
    Column("publication_before", Id),
    Column("publication_after", Id),
)
sandbox = Table(
    "sandbox",
    metadata,
    Column("environment", ForeignKey("environment.name"), primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("base_revision_id", ForeignKey("revision.id"), nullable=False),
    Column("bindings", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", When, nullable=False),
)
saved_plan = Table(
    "saved_plan",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("environment", String(200), nullable=False),
    Column("body", JSON, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", When, nullable=False),
)
approval = Table(
    "approval",
    metadata,
    Column("plan_id", String(64), primary_key=True),
    Column("approved_by", String(200), primary_key=True),
    Column("approved_at", When, nullable=False),
)
apply = Table(
    "apply",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("environment", ForeignKey("environment.name"), nullable=False),
    Column("plan_id", String(64), nullable=False),
    Column("plan", JSON, nullable=False),
    Column("options", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("run_id", String(100)),
    Column("serial", Integer),
    Column("began_by", String(200), nullable=False),
    Column("began_at", When, nullable=False),
    Column("ended_at", When),
    Column("problem", Text),
)
Index(
    "apply_one_at_a_time",
    apply.c.environment,
    unique=True,
    sqlite_where=text("state IN ('building', 'swapped')"),
    postgresql_where=text("state IN ('building', 'swapped')"),
)
apply_step = Table(
    "apply_step",
    metadata,
    Column("apply_id", ForeignKey("apply.id"), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("done_at", When, nullable=False),
)
reader = Table(
    "reader",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("publication_id", ForeignKey("publication.id"), nullable=False),
    Column("holder", String(300), nullable=False),
    Column("expires_at", When, nullable=False),
)
run = Table(
    "run",
    metadata,
    Column("run_id", String(100), primary_key=True),
    Column("environment", ForeignKey("environment.name"), nullable=False),
    Column("revision_id", ForeignKey("revision.id"), nullable=False),
    Column("base_publication_id", Id),
    Column("business_date", Date, nullable=False),
    Column("expected", JSON, nullable=False),
    Column("publication_id", Id),
    Column("apply_id", String(36)),
    Column("began_at", When, nullable=False),
)
run_table = Table(
    "run_table",
    metadata,
    Column("run_id", ForeignKey("run.run_id"), primary_key=True),
    Column("table_name", String(300), primary_key=True),
    Column("path", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("coverage", JSON, nullable=False),
)
publication = Table(
    "publication",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("environment", ForeignKey("environment.name"), nullable=False),
    Column("parent_id", Id),
    Column("run_id", String(100), nullable=False, unique=True),
    Column("revision_id", ForeignKey("revision.id"), nullable=False),
    Column("business_date", Date, nullable=False),
    Column("created_at", When, nullable=False),
)
publication_table = Table(
    "publication_table",
    metadata,
    Column("publication_id", ForeignKey("publication.id"), primary_key=True),
    Column("table_name", String(300), primary_key=True),
    Column("path", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("coverage", JSON, nullable=False),
)
physical_table = Table(
    "physical_table",
    metadata,
    Column("path", String(600), primary_key=True),
    Column("environment", ForeignKey("environment.name"), nullable=False),
    Column("table_name", String(300), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("registered_at", When, nullable=False),
    Column("rows", BigInteger),
    Column("size_bytes", BigInteger),
    Column("seconds", Float),
    Column("doomed_at", When),
)
landed_file = Table(
    "landed_file",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("environment", ForeignKey("environment.name"), nullable=False),
    Column("courier", String(100), nullable=False),
    Column("tag", String(100), nullable=False),
    Column("name", Text, nullable=False),
    Column("file_date", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("modified_at", When, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("path", Text, nullable=False),
    Column("landed_at", When, nullable=False),
    UniqueConstraint("environment", "courier", "tag", "name", "sha256"),
    UniqueConstraint("environment", "courier", "tag", "sequence"),
)
landed_file_in_order = Index(
    "landed_file_in_order", landed_file.c.environment, landed_file.c.courier, landed_file.c.sequence
)
group_progress = Table(
    "group_progress",
    metadata,
    Column("environment", ForeignKey("environment.name"), primary_key=True),
    Column("courier_group", String(100), primary_key=True),
    Column("courier", String(100), primary_key=True),
    Column("until", Date, nullable=False),
    Column("looked_at", When, nullable=False),
)
group_wait = Table(
    "group_wait",
    metadata,
    Column("environment", ForeignKey("environment.name"), primary_key=True),
    Column("courier_group", String(100), primary_key=True),
    Column("due_at", When, primary_key=True),
    Column("began_at", When, nullable=False),
)
alert = Table(
    "alert",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("environment", ForeignKey("environment.name"), nullable=False),
    Column("alert", String(100), nullable=False),
    Column("event", String(50), nullable=False),
    Column("run_id", String(100), nullable=False),
    Column("message", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("problem", Text),
    Column("happened_at", When, nullable=False),
    Column("next_at", When, nullable=False),
    Column("changed_at", When, nullable=False),
)
load = Table(
    "load",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("environment", ForeignKey("environment.name"), nullable=False),
    Column("landed_file_id", ForeignKey("landed_file.id"), nullable=False),
    Column("table_path", String(600), nullable=False),
    Column("feed", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("rows_read", BigInteger),
    Column("rows_loaded", BigInteger),
    Column("rows_rejected", BigInteger),
    Column("delta_version", BigInteger),
    Column("error", Text),
    Column("started_at", When, nullable=False),
    Column("ended_at", When),
    Column("commit_id", String(36)),
    UniqueConstraint("landed_file_id", "table_path"),
)
load_of_table = Index("load_of_table", load.c.table_path, load.c.state)
reject = Table(
    "reject",
    metadata,
    Column("load_id", ForeignKey("load.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("file", Text, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("column_name", String(200)),
    Column("reason", Text, nullable=False),
)
deletion = Table(
    "deletion",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("environment", ForeignKey("environment.name"), nullable=False),
    Column("datasource", String(300), nullable=False),
    Column("pk", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("since", When, nullable=False),
    Column("requested_by", String(200), nullable=False),
    UniqueConstraint("environment", "datasource", "pk"),
)
lease = Table(
    "lease",
    metadata,
    Column("name", String(300), primary_key=True),
    Column("holder", String(300), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("taken_at", When, nullable=False),
    Column("expires_at", When, nullable=False),
)
tenant_key = Table(
    "tenant_key",
    metadata,
    Column("purpose", String(100), primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("created_at", When, nullable=False),
)
query_result = Table(
    "query_result",
    metadata,
    Column("environment", ForeignKey("environment.name"), primary_key=True),
    Column("publication_id", ForeignKey("publication.id"), primary_key=True),
    Column("query", String(200), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("path", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
)
query_run = Table(
    "query_run",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("environment", ForeignKey("environment.name"), nullable=False),
    Column("publication_id", ForeignKey("publication.id"), nullable=False),
    Column("query", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("asked_by", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("rows", BigInteger),
    Column("started_at", When, nullable=False),
    Column("ended_at", When),
    Column("cancelled_by", String(200)),
)
stitch_grade = Table(
    "stitch_grade",
    metadata,
    Column("environment", ForeignKey("environment.name"), primary_key=True),
    Column("pair", String(64), primary_key=True),
    Column("is_one_person", Boolean, nullable=False),
    Column("graded_by", String(200), nullable=False),
    Column("graded_at", When, nullable=False),
)
delivery = Table(
    "delivery",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("environment", ForeignKey("environment.name"), nullable=False),
    Column("orchestration", String(200), nullable=False),
    Column("publication_id", ForeignKey("publication.id"), nullable=False),
    Column("destination", String(200), nullable=False),
    Column("template", String(200), nullable=False),
    Column("shape", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("named_at", When, nullable=False),
    Column("sent_by", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("began_at", When, nullable=False),
    Column("ended_at", When),
    Column("problem", Text),
    UniqueConstraint("environment", "orchestration", "publication_id"),
)
delivery_part = Table(
    "delivery_part",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("delivery_id", ForeignKey("delivery.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("filename", Text, nullable=False),
    Column("place", String(64), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("began_at", When, nullable=False),
    Column("delivered_at", When),
)
audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("happened_at", When, nullable=False),
    Column("acting_user", String(200), nullable=False),
    Column("action", String(100), nullable=False),
    Column("resource", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)
