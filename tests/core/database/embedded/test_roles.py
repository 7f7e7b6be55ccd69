"""Each role of the embedded PostgreSQL has its password, and the serving one has no power."""

from __future__ import annotations

import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from core.database.embedded import EmbeddedPostgres, running_url
from tests.core.database.embedded.servers import (
    connect_as,
    home_of,
    new_server,
    value_of,
)

ESCAPES = (
    "SET ROLE NONE",
    "RESET ROLE",
    "SET ROLE postgres",
    "SET ROLE xeno_owner",
    "SET SESSION AUTHORIZATION postgres",
    "RESET SESSION AUTHORIZATION",
    "ALTER ROLE xeno_login BYPASSRLS",
    "GRANT xeno_owner TO xeno_login",
    "CREATE ROLE another SUPERUSER",
    "COPY secrets FROM '/etc/passwd'",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_import('/etc/passwd')",
    "ALTER SYSTEM SET log_statement = 'all'",
    "ALTER TABLE secrets DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON secrets USING (true)",
    "SET row_security = off",
    "SELECT passwd FROM pg_shadow",
)


@pytest.mark.parametrize("escape", ESCAPES)
def test_the_login_that_serves_reaches_no_other_tenant_whatever_it_sets(
    server: EmbeddedPostgres, data: Path, escape: str
) -> None:
    with connect_as(server, data, "xeno_owner") as owner:
        owner.execute("DROP TABLE IF EXISTS secrets; CREATE TABLE secrets (tenant_id bigint)")
        owner.execute("INSERT INTO secrets VALUES (1); ALTER TABLE secrets ENABLE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE secrets FORCE ROW LEVEL SECURITY; GRANT SELECT ON secrets TO xeno_app")
    with connect_as(server, data, "xeno_login") as served:
        with suppress(psycopg.Error):
            served.execute(escape.encode())
        with suppress(psycopg.errors.InsufficientPrivilege):
            assert served.execute("SELECT * FROM secrets").fetchall() == []
        assert value_of(served, "SELECT current_user") == "xeno_login"
        assert value_of(served, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False


def test_each_role_is_asked_for_its_password_and_no_address_has_it(server: EmbeddedPostgres, data: Path) -> None:
    file = home_of(data).path / "passwords"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    passwords = [line.rsplit(":", 1)[1] for line in file.read_text().splitlines()]
    assert len(set(passwords)) == 3
    for role in ("postgres", "xeno_owner", "xeno_login"):
        assert not [word for word in passwords if word in str(running_url(data, role))]
        with pytest.raises(psycopg.OperationalError, match=r"no password supplied|password authentication failed"):
            connect_as(server, data, role, passfile="/dev/null")
    log = (home_of(data).path / "server.log").read_text()
    assert not [word for word in passwords if word in log]


def test_lost_passwords_are_replaced_by_the_next_start(server: EmbeddedPostgres, data: Path) -> None:
    (home_of(data).path / "passwords").unlink()
    server.start()
    with connect_as(server, data, "xeno_login") as served:
        assert value_of(served, "SELECT 1") == 1


def test_a_cluster_of_an_older_version_is_converted_in_place(room: Path) -> None:
    """In that version the superuser served and owned everything, without a password."""
    data = room / "data"
    server = new_server(data)
    _make_older(server, data)
    server.stop()
    server.start()

    assert run_command(data, "migrate") == (0, "")
    assert run_command(data, "check") == (0, "")
    with connect_as(server, data, "xeno_login") as served:
        assert value_of(served, "SELECT count(*) FROM tenants") == 1
        owners = "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        assert served.execute(owners).fetchall() == [("xeno_owner",)]
    with pytest.raises(psycopg.OperationalError):
        connect_as(server, data, "postgres", passfile="/dev/null")


def test_the_login_serves_a_database_migrated_by_the_owner_without_stepping_down(room: Path) -> None:
    server = new_server(room / "data")
    server.start()
    assert run_command(room / "data", "migrate") == (0, "")
    program = "from core import database; print(database.pools().role, database.database_url().username)"
    done = subprocess.run(
        [sys.executable, "-c", program], env=settings_of(room / "data"), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["None", "xeno_login"]


def _make_older(server: EmbeddedPostgres, data: Path) -> None:
    """Turn the cluster into one of an older version: the superuser owns everything, by `trust`."""
    server.start()
    with psycopg.connect(server.url.replace("/xeno?", "/postgres?"), autocommit=True) as superuser:
        superuser.execute("DROP DATABASE xeno")
        superuser.execute("CREATE DATABASE xeno")
        superuser.execute("DROP ROLE xeno_owner, xeno_login, xeno_app")
        superuser.execute("ALTER ROLE postgres PASSWORD NULL")
        (home_of(data).path / "pgdata" / "pg_hba.conf").write_text("local all all trust\n")
        superuser.execute("SELECT pg_reload_conf()")
    (home_of(data).path / "passwords").unlink()
    address = server.url.partition("&passfile=")[0]
    wait_until_connected(lambda: not psycopg.connect(address).close())
    assert run_command(data, "migrate", DATABASE_URL=address) == (0, "")
    with psycopg.connect(address, autocommit=True) as superuser:
        superuser.execute("INSERT INTO tenants (name) VALUES ('Acme')")


def wait_until_connected(works: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            works()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def settings_of(data: Path) -> dict[str, str]:
    return {"DATA_DIR": str(data), "SECRET_KEY": "k" * 32, "PATH": "", "HOME": "/nowhere"}


def run_command(data: Path, command: str, **settings: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "core.database", command],
        env=settings_of(data) | settings,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr
