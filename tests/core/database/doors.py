"""A door in front of PostgreSQL: connections pass through it, can be cut, and are refused while it is shut."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator

from sqlalchemy import make_url


class Door:
    """Listens on a port of this machine; what the database's clients see of a server that stops, or loses them."""

    def __init__(self, database_url: str) -> None:
        """`database_url` is where connections lead to, by TCP or by a Unix socket."""
        self._to = make_url(database_url)
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._server = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._server.getsockname()[1]
        self.passed = 0
        """How many connections have passed."""
        self._accept(self._server)

    @property
    def url(self) -> str:
        """The database's address through the door."""
        # The rest of the query stays: it names the file with the password.
        kept = {name: value for name, value in self._to.query.items() if name not in ("host", "port")}
        through = self._to.set(host="127.0.0.1", port=self.port, query=kept)
        return through.render_as_string(hide_password=False)

    def shut(self) -> None:
        """End every connection, and refuse others."""
        # A thread in accept() keeps the port: it has to be woken.
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()

    def open(self) -> None:
        """Let connections in again."""
        self._server = socket.create_server(("127.0.0.1", self.port), backlog=100)
        self._accept(self._server)

    def cut(self) -> None:
        """End every connection; others are let in."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for each in (end for pair in pairs for end in pair):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self, server: socket.socket) -> None:
        threading.Thread(target=self._accept_all, args=(server,), daemon=True).start()

    def _accept_all(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                pair = client, self._connect()
                with self._lock:
                    self._pairs.append(pair)
                    self.passed += 1
                for ends in (pair, pair[::-1]):
                    threading.Thread(target=_pass_on, args=ends, daemon=True).start()

    def _connect(self) -> socket.socket:
        folder = self._to.query.get("host")
        if folder is None:
            return socket.create_connection((self._to.host or "127.0.0.1", self._to.port or 5432))
        inside = socket.socket(socket.AF_UNIX)
        inside.connect(os.path.join(str(folder), f".s.PGSQL.{self._to.query.get('port', 5432)}"))
        return inside


@contextlib.contextmanager
def door_to(database_url: str) -> Iterator[Door]:
    """A door that is shut at the end."""
    door = Door(database_url)
    try:
        yield door
    finally:
        door.shut()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    source.close()
