"""Migrates the schema to the newest version."""

from __future__ import annotations

from pathlib import Path

import psycopg
from sqlalchemy.exc import ProgrammingError

from core.config import settings
from core.database.engines import database_url, owner_engine, raising_unavailable
from core.errors import ConfigError

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate() -> None:
    """Migrate the schema to the newest version. Two processes may do so at once: an advisory lock makes one wait.

    Raises:
        ConfigError: the login lacks the rights; the message quotes the database.
        DatabaseUnavailable: PostgreSQL does not answer, or other sessions hold the tables for too long.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    owner = owner_engine()
    config.attributes["engine"] = owner
    config.attributes["runtime_login"] = database_url().username if settings().migration_database_url else None
    try:
        with raising_unavailable():
            command.upgrade(config, "head")
    except (ProgrammingError, psycopg.Error) as error:
        reason = error.orig if isinstance(error, ProgrammingError) else error
        raise ConfigError(f"The database refuses to be migrated: {reason}") from error
    finally:
        owner.dispose()
