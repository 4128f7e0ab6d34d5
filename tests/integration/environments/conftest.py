"""The Postgres server of the session, for those that run on both databases."""

from tests.postgres import postgres_server

__all__ = ["postgres_server"]
