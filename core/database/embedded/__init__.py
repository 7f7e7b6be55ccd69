"""The embedded PostgreSQL server of the demo and the tests."""

from core.database.embedded.server import EmbeddedPostgres, running_url

__all__ = ["EmbeddedPostgres", "running_url"]
