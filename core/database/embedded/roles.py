"""The logins of the embedded server: three roles. The one that serves requests cannot become another.

* `postgres`, the superuser that initdb makes: for this launcher and the operator.
* `xeno_owner` owns the database and its tables, and bypasses its policies: for migrations, which change the rows of
  all tenants.
* `xeno_login`, a member of `xeno_app`: for the processes that serve requests.

The server requires a password of each. The passwords are in a file beside its data, in the form that libpq reads
(`passfile`), so no address contains one.
"""

from __future__ import annotations

import os
import secrets
import signal
import time
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from core.database.embedded.home import Home
from core.database.embedded.postmaster import cluster, find_server
from core.database.logins import LOGIN, OWNER
from core.errors import DatabaseUnavailable

DATABASE = "xeno"
SUPERUSER = "postgres"

_HEAD = "# Made by Xeno (core/database/embedded/roles.py) at each start that finds another.\n"
_REQUIRE_PASSWORDS = f"{_HEAD}local all all scram-sha-256\n"
_TRUST_SUPERUSER = f"{_HEAD}local all {SUPERUSER} trust\nlocal all all scram-sha-256\n"
"""The rules while the passwords are set. The socket's directory keeps other OS users out."""
_RELOAD_SECONDS = 30
_POWERS = {
    SUPERUSER: "SUPERUSER",
    OWNER: "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS",
    LOGIN: "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
}
_GIVE_TO_OWNER = f"""
    DO $$ DECLARE statement text; BEGIN
        FOR statement IN
            SELECT format('ALTER TABLE %s OWNER TO {OWNER}', c.oid::regclass) FROM pg_class c
            WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace = 'public'::regnamespace
            UNION ALL
            SELECT format('ALTER SEQUENCE %s OWNER TO {OWNER}', c.oid::regclass) FROM pg_class c
            WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS (
                SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
                AND d.deptype IN ('a', 'i'))
            UNION ALL
            SELECT format('ALTER ROUTINE %s OWNER TO {OWNER}', p.oid::regprocedure) FROM pg_proc p
            WHERE p.pronamespace = 'public'::regnamespace
            UNION ALL
            SELECT format('ALTER TYPE %s OWNER TO {OWNER}', t.oid::regtype) FROM pg_type t
            LEFT JOIN pg_class c ON c.oid = t.typrelid
            WHERE t.typnamespace = 'public'::regnamespace AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
        LOOP EXECUTE statement; END LOOP;
    END $$
"""  # noqa: S608  # the role's name is ours


def passfile(home: Home) -> Path:
    """Return the file of the passwords, which only the server's OS user can read."""
    return home.path / "passwords"


def set_up_roles(home: Home, address: str) -> None:
    """Create the roles, their passwords and the database, and let the server require the passwords.

    Idempotent: an interrupted call is repeated from the start. A cluster of an older version, which served as its
    superuser without passwords, is converted in place; one that lost its password file gets new passwords. `address`
    is the server's, without a role.

    Raises:
        DatabaseUnavailable: the server does not accept its settings.
    """
    rules = cluster(home) / "pg_hba.conf"
    if passfile(home).exists() and rules.read_text() == _REQUIRE_PASSWORDS:
        return
    passwords = _read_or_make_passwords(home)
    _write(home, rules, _TRUST_SUPERUSER)
    _reload(home)
    with _connect_as_superuser(address, "postgres") as connection:
        _make_roles(connection, passwords)
        _make_database(connection)
    with _connect_as_superuser(address, DATABASE) as connection:
        connection.execute(_GIVE_TO_OWNER.encode())
    _write(home, rules, _REQUIRE_PASSWORDS)
    _reload(home)
    _wait_until_required(address)


def _read_or_make_passwords(home: Home) -> dict[str, str]:
    """Read the passwords from their file; make the file where it is missing."""
    file = passfile(home)
    if not file.exists():
        _write(home, file, "".join(f"*:*:*:{role}:{secrets.token_hex(32)}\n" for role in _POWERS))
    lines = (line.split(":") for line in file.read_text().splitlines())
    return {role: password for *_, role, password in lines}


def _write(home: Home, path: Path, text: str) -> None:
    """Write a file for the server's OS user only, completely or not at all."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    os.chown(unfinished, home.uid, home.gid)
    unfinished.rename(path)


def _reload(home: Home) -> None:
    server = find_server(home)
    if server is None:
        raise DatabaseUnavailable(
            f"PostgreSQL ended while it was set up; its log {home.path / 'server.log'} says why."
        )
    os.kill(server.pid, signal.SIGHUP)


def _connect_as_superuser(address: str, database: str) -> psycopg.Connection:
    """Connect without a password; the server may need a moment to apply the rule that allows it."""
    deadline = time.monotonic() + _RELOAD_SECONDS
    while True:
        try:
            return _connect(address, database)
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(f"PostgreSQL does not accept its own launcher: {error}") from error
        time.sleep(0.05)


def _wait_until_required(address: str) -> None:
    deadline = time.monotonic() + _RELOAD_SECONDS
    while time.monotonic() < deadline:
        try:
            _connect(address, "postgres").close()
        except psycopg.OperationalError:
            return
        time.sleep(0.02)
    raise DatabaseUnavailable("PostgreSQL does not ask for passwords; read its log, then start it again.")


def _connect(address: str, database: str) -> psycopg.Connection:
    # Without any passfile, from which libpq would take a password by itself.
    conninfo = make_conninfo(address, user=SUPERUSER, dbname=database, passfile=os.devnull, connect_timeout=10)
    return psycopg.connect(conninfo, autocommit=True, password="")


def _make_roles(connection: psycopg.Connection, passwords: dict[str, str]) -> None:
    existing = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    if "xeno_app" not in existing:
        connection.execute("CREATE ROLE xeno_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
    for role, powers in _POWERS.items():
        # Hashed here, so that no log of the server contains the password.
        hashed = connection.pgconn.encrypt_password(passwords[role].encode(), role.encode(), b"scram-sha-256")
        verb = "ALTER" if role in existing else "CREATE"
        connection.execute(f"{verb} ROLE {role} LOGIN {powers} PASSWORD '{hashed.decode()}'".encode())
    connection.execute(f"GRANT xeno_app TO {OWNER}, {LOGIN}".encode())


def _make_database(connection: psycopg.Connection) -> None:
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
        connection.execute(f"ALTER DATABASE {DATABASE} OWNER TO {OWNER}".encode())
    else:
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}".encode())
