"""The receiver's app, and the cast's stores with secrets."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url

from tests.cast import Cast
from tests.shopify_sends import ACME_SECRET, GLOBEX_SECRET, give_secret
from webhook_receiver import create_app


@pytest.fixture
def app(cast: Cast) -> Flask:
    give_secret(cast.acme, ACME_SECRET)
    give_secret(cast.globex, GLOBEX_SECRET)
    return create_app()


@pytest.fixture
def closed_database(app: Flask, database_url: str) -> Iterator[None]:
    """Make the server refuse every connection to this database, and end the open ones."""
    name = make_url(database_url).database
    elsewhere = make_url(database_url).set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(elsewhere, autocommit=True) as owner:
        owner.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            owner.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
