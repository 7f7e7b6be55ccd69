"""HTTP requests written byte by byte to a socket, as no HTTP library would send them."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit


def status_of(url: str, request: bytes, timeout: float = 10) -> int | None:
    """Return the status of the server's answer to these bytes; None where the connection ends without one."""
    with connected(url, timeout) as wire:
        with contextlib.suppress(ConnectionError):
            # A server that refuses a body unread answers before all of it was sent.
            wire.sendall(request)
        return read_status(wire)


def read_status(wire: socket.socket) -> int | None:
    """Return the status of the next answer; None where the connection ends first."""
    answer = b""
    with contextlib.suppress(ConnectionError):
        while b"\r\n" not in answer and (more := wire.recv(4096)):
            answer += more
    first = answer.split(b" ", 2)
    return int(first[1]) if first[0].startswith(b"HTTP/") and len(first) > 1 else None


@contextlib.contextmanager
def connected(url: str, timeout: float = 10) -> Iterator[socket.socket]:
    """A connection to the server of an address."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    with socket.create_connection((parts.hostname, parts.port), timeout=timeout) as wire:
        yield wire
