"""Reads the lock file in PostgreSQL's data directory, and checks that it is not a dead server's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from core.database.embedded.home import SOCKET_PORT, Home


@dataclass(frozen=True)
class Server:
    """A running server, as its lock file describes it."""

    pid: int
    socket_dir: str
    ready: bool


def cluster(home: Home) -> Path:
    """Return PostgreSQL's own data directory."""
    return home.path / "pgdata"


def find_server(home: Home) -> Server | None:
    """Return the server of this home, also while it starts; None where there is none, or a dead one's lock file."""
    lines = _lines(_lock_file(home))
    if len(lines) < 6 or not _is_ours(int(lines[0]), home):
        return None
    # The lines: pid, data directory, start time, port, socket directory, address, shared memory, state.
    return Server(int(lines[0]), lines[4], ready=len(lines) > 7 and lines[7].strip() == "ready")


def is_running(server: Server, home: Home) -> bool:
    """Whether the process of a server that was found over `home` still runs.

    PostgreSQL removes its lock file a moment before its process ends.
    """
    return _is_ours(server.pid, home)


def remove_stale_locks(home: Home, socket_dir: Path) -> None:
    """Remove the locks of a dead server whose process id another process has now.

    PostgreSQL itself ignores the lock of a dead server only if no process has its id.
    """
    for lock in (_lock_file(home), socket_dir / f".s.PGSQL.{SOCKET_PORT}.lock"):
        first = (_lines(lock) or [""])[0]
        if first.isdigit() and psutil.pid_exists(int(first)) and not _is_ours(int(first), home):
            lock.unlink(missing_ok=True)


def _lock_file(home: Home) -> Path:
    return cluster(home) / "postmaster.pid"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().split("\n")
    except OSError:
        return []


def _is_ours(pid: int, home: Home) -> bool:
    """Whether this process is the server of `home`, and not another one with the id of a dead server."""
    try:
        return Path(psutil.Process(pid).cwd()) == cluster(home)
    except psutil.Error:
        return False
