"""What the lock file in PostgreSQL's data directory says, and whether to believe it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from core.database.embedded.home import SOCKET_PORT, Home


@dataclass(frozen=True)
class Server:
    """What a running server's lock file says about it."""

    pid: int
    socket_dir: str
    ready: bool


def cluster(home: Home) -> Path:
    """PostgreSQL's own data directory."""
    return home.path / "pgdata"


def find_server(home: Home) -> Server | None:
    """The server that runs over this home, starting ones included; None where the lock file is a dead server's."""
    lines = _lines(_lock_file(home))
    if len(lines) < 6 or not _is_ours(int(lines[0]), home):
        return None
    # The lines: pid, data directory, start time, port, socket directory, address, shared memory, state.
    return Server(int(lines[0]), lines[4], ready=len(lines) > 7 and lines[7].strip() == "ready")


def clear_reused_pid(home: Home, socket_dir: Path) -> None:
    """PostgreSQL ignores the lock of a dead server, unless its number was given to another process meanwhile."""
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
    """Whether this process is the server over `home`, and not one that got the number of a dead server."""
    try:
        return Path(psutil.Process(pid).cwd()) == cluster(home)
    except psutil.Error:
        return False
