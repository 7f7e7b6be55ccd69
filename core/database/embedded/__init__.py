"""The embedded PostgreSQL server of the demo and the tests."""

from core.database.embedded.roles import LOGIN, OWNER
from core.database.embedded.server import EmbeddedPostgres, running_url

__all__ = ["LOGIN", "OWNER", "EmbeddedPostgres", "running_url"]
