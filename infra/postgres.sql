-- Dagster's own database: it and the platform's state each keep a table of the name alembic_version.
CREATE DATABASE dagster;
