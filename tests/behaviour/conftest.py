"""The state's two places: every test that takes `place` runs on SQLite and on Postgres."""

from tests.postgres import place, postgres_server

__all__ = ["place", "postgres_server"]
