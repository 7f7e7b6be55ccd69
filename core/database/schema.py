"""Brings the schema to head."""

from __future__ import annotations

from pathlib import Path

import psycopg
from sqlalchemy.exc import ProgrammingError

from core.config import settings
from core.database.engines import answering, database_url, owner_engine
from core.errors import ConfigError

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate() -> None:
    """Bring the schema to head. Safe beside another process doing the same: an advisory lock makes one wait.

    Raises:
        ConfigError: the login lacks the right to; the message has the database's words.
        DatabaseUnavailable: PostgreSQL does not answer, or others hold the tables for too long.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    made = owner_engine()
    config.attributes["engine"] = made
    config.attributes["runtime_login"] = database_url().username if settings().migration_database_url else None
    try:
        with answering():
            command.upgrade(config, "head")
    except (ProgrammingError, psycopg.Error) as error:
        refused = error.orig if isinstance(error, ProgrammingError) else error
        raise ConfigError(f"The database refuses to be migrated: {refused}") from error
    finally:
        made.dispose()
