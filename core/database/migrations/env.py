"""Runs migrations: one process at a time, and never waiting long for a lock that serving processes hold."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from core.database.models import Base

_ADVISORY_LOCK = 7_311_982_001
"""Any number that nothing else in the database uses."""


def run() -> None:
    engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = '15min'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
        # A migration that queues behind a long transaction blocks everybody behind itself: rather give up.
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_name=lambda name, kind, _parents: kind != "table" or name in Base.metadata.tables,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_LOCK})
        connection.commit()


run()
