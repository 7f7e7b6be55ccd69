"""The base of every test: a real PostgreSQL migrated to head, no network beyond this machine, no `.env`.

A test that touches the database requests `clean_database` (or `cast`, which does). Each run has a database of its
own: on the server of DATABASE_URL where that is set, else on an embedded one in a temporary directory.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

# Workers inherit this process's environment, where the product may not find the address.
SERVER = os.environ.pop("DATABASE_URL", None) or os.environ.get("XENO_TESTS_SERVER")
if SERVER:
    os.environ["XENO_TESTS_SERVER"] = SERVER
for name in (
    "SECRET_KEY_PREVIOUS",
    "MIGRATION_DATABASE_URL",
    "SHOPIFY_ADMIN_URL",
    "PUBLIC_WEBHOOK_URL",
    "DEMO",
    "SMTP_URL",
    "MAIL_FROM",
    "SHOPIFY_CLIENT_ID",
    "SHOPIFY_CLIENT_SECRET",
):
    os.environ.pop(name, None)
os.environ["SECRET_KEY"] = "tests-only-0123456789abcdef-0123456789abcdef"

# Imported here, because these modules read the environment.
from core import database  # noqa: E402
from core.config import Settings, settings  # noqa: E402
from tests.cast import Cast, make_cast  # noqa: E402
from tests.emptying import close_emptier, empty_database  # noqa: E402

Settings.model_config["env_file"] = None

pytest_plugins = ["tests.installs", "tests.mailbox", "tests.workers"]


def pytest_collection_finish() -> None:
    """Keep the collected tests and imported packages, a million objects, from every later garbage collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of this run's own database, migrated to head. The process's settings point at it."""
    with contextlib.ExitStack() as stack:
        server = SERVER
        if server is None:
            from core.database.embedded import EmbeddedPostgres

            embedded = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
            server = embedded.start()
            stack.callback(embedded.erase)
            _spare_the_disk(server)
        os.environ["DATABASE_URL"] = url = stack.enter_context(own_database(server))
        settings.cache_clear()
        stack.callback(_close)
        database.migrate()
        stack.callback(close_emptier, url)
        yield url


@pytest.fixture
def clean_database(database_url: str) -> None:
    """The database without rows or jobs."""
    empty_database(database_url)


@pytest.fixture
def cast(clean_database: None) -> Cast:
    """Alice, Bob, Charlie and Dana, with their businesses and stores."""
    return make_cast()


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """Fail a test that connects to another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address[0]}: tests use this machine alone")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@contextlib.contextmanager
def own_database(server: str) -> Iterator[str]:
    name = f"xeno_test_{uuid4().hex[:8]}"
    plain = server.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}")
    try:
        yield make_url(plain).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(plain, autocommit=True) as owner:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _spare_the_disk(server: str) -> None:
    """Have the server of this run, whose data end with it, wait for no disk."""
    with psycopg.connect(server, autocommit=True) as owner:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            owner.execute(f"ALTER SYSTEM SET {name} = off")
        owner.execute("ALTER SYSTEM SET checkpoint_timeout = '1h'")
        owner.execute("SELECT pg_reload_conf()")


def _close() -> None:
    database.pools().dispose()
    database.pools.cache_clear()
