"""Alembic's entry: it runs on the connection that `State.migrate` holds."""

from alembic import context

from cdp_assets.state.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
