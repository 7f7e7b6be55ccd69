"""The rooms and servers of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core.database.embedded import EmbeddedPostgres
from tests.core.database.embedded.servers import (
    new_server,
    open_room,
)


@pytest.fixture
def room() -> Iterator[Path]:
    """A directory that every OS user can pass through, unlike pytest's own."""
    with open_room() as made:
        yield made


@pytest.fixture(scope="module")
def shared_room() -> Iterator[Path]:
    with open_room() as made:
        yield made


@pytest.fixture
def data(shared_room: Path) -> Path:
    """The data directory of `server`: shared by the tests of a file, because making one takes a second."""
    return shared_room / "data"


@pytest.fixture
def server(data: Path) -> EmbeddedPostgres:
    """A running server with an empty database."""
    server = new_server(data)
    with psycopg.connect(server.start()) as connection:
        connection.execute("DROP TABLE IF EXISTS notes")
    return server
