"""The embedded PostgreSQL works in any directory, and its database is set up as we need it."""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine, text

from core.database.embedded import EmbeddedPostgres, running_url
from core.errors import ConfigError
from tests.core.database.embedded.servers import (
    home_of,
    new_server,
    value_of,
    write_note,
)


def test_the_database_has_our_encoding_order_checksums_and_no_network_address(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        assert value_of(connection, "SHOW server_version").startswith("18.")
        assert value_of(connection, "SELECT current_database()") == "xeno"
        assert value_of(connection, "SHOW server_encoding") == "UTF8"
        assert value_of(connection, "SELECT datlocale FROM pg_database WHERE datname = 'xeno'") == "C.UTF-8"
        assert value_of(connection, "SHOW data_checksums") == "on"
        assert value_of(connection, "SHOW listen_addresses") == ""
        assert value_of(connection, "SHOW max_connections") == "200"
        assert value_of(connection, "SELECT lower('ÄÉŁ')") == "äéł"


@pytest.mark.parametrize("name", ["d" * 120, "a, b: c+d %41 'q' \"r\" $(touch x) ü"])
def test_a_data_directory_may_have_any_name(room: Path, name: str) -> None:
    server = new_server(room / name)
    url = server.start()
    write_note(url, "by libpq")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT said FROM notes")) == "by libpq"
    engine.dispose()
    assert running_url(room / name, "postgres") == url
    socket_dir = Path(parse_qs(urlsplit(url).query)["host"][0])
    assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o700
    server.stop()
    assert socket_dir.is_relative_to(room) or not socket_dir.exists()


def test_variables_of_libpq_in_the_environment_change_nothing(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "6543", "PGDATA": "/nowhere", "PGHOST": "nowhere", "PGDATABASE": "other"}.items():
        monkeypatch.setenv(name, value)
    with psycopg.connect(new_server(room / "data").start()) as connection:
        assert value_of(connection, "SELECT current_database()") == "xeno"


def test_erase_leaves_nothing(room: Path) -> None:
    server = new_server(room / "data")
    server.start()
    home = home_of(room / "data")
    server.erase()
    assert not home.path.exists()
    assert list((room / "data").iterdir()) == []
    server.erase()


def test_a_data_directory_that_cannot_be_made_is_an_error_of_one_sentence(room: Path) -> None:
    (room / "file").write_text("not a directory")
    with pytest.raises(ConfigError, match="set DATA_DIR to a directory that you may write"):
        new_server(room / "file" / "data").start()
