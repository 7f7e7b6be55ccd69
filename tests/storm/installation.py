"""The installation in the storm: processes over a PostgreSQL of their own, restarted as a server's supervisor
does."""

from __future__ import annotations

import random
import signal
import threading
from collections import Counter
from pathlib import Path

import psycopg

from core.database.embedded import EmbeddedPostgres
from tests.end_to_end.processes import Installation, Process

VICTIMS = ("receiver", "worker", "postgresql")
_CHECK_SECONDS = 0.2


class RestartingInstallation(Installation):
    """An installation that restarts each of its processes as soon as it has ended."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.database = EmbeddedPostgres(folder / "database")
        super().__init__(self.database.start(), folder, LOG_FORMAT="json", SYNC_MINUTES="1", **settings)
        self.killed: Counter[str] = Counter()
        self.restarted: Counter[str] = Counter()
        self._next: list[str] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor")

    def open(self, *simulator_options: str) -> None:
        """Start all processes and their supervision."""
        self.simulator(*simulator_options)
        self.receiver()
        self.worker()
        self._supervisor.start()

    def kill(self, victim: str) -> None:
        """Kill a process with SIGKILL, or stop PostgreSQL at once, like a power cut. It restarts by itself."""
        self.killed[victim] += 1
        if victim == "postgresql":
            with self._lock:
                self.database.stop("immediate")
                self.database.start()
        else:
            self._named(victim).kill(signal.SIGKILL)

    def kill_one(self, rng: random.Random) -> str:
        """Kill one at random, each in turn; returns its name."""
        if not self._next:
            self._next = rng.sample(VICTIMS, len(VICTIMS))
        victim = self._next.pop()
        self.kill(victim)
        return victim

    def close(self) -> None:
        """Stop everything and delete the database."""
        self._over.set()
        if self._supervisor.is_alive():
            self._supervisor.join()
        self.stop()
        self.database.erase()

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """Connect as the owner, who sees every tenant's rows."""
        return psycopg.connect(self.env["DATABASE_URL"], autocommit=True)

    def _named(self, name: str) -> Process:
        return next(process for process in self.processes if process.name == name)

    def _supervise(self) -> None:
        while not self._over.wait(_CHECK_SECONDS):
            for name in ("receiver", "worker"):
                process = self._named(name)
                if process.popen is not None and process.popen.poll() is not None:
                    self.restarted[name] += 1
                    with self._lock:
                        process.start()
