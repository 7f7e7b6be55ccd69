"""Sends prepared requests as fast as they are answered, so many in flight at once, and times each.

`send` does it in a process of its own, which spends as little as it can on each: it shares the machine with what it
measures. Every request is answered with 200, or the benchmark fails.
"""

from __future__ import annotations

import pickle
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answered:
    """How long all took, and each, in seconds; the latter in ascending order."""

    seconds: float
    each: list[float]

    @property
    def per_second(self) -> float:
        return len(self.each) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of the requests, in percent, took at most."""
        return 1000 * self.each[min(len(self.each) - 1, int(len(self.each) * share / 100))]


def send(port: int, requests: Sequence[bytes], at_once: int, per_second: float | None = None) -> Answered:
    """Send them all to this machine's port; `per_second`, where given, is the pace of their beginnings."""
    with tempfile.TemporaryDirectory() as folder:
        given, taken = Path(folder, "requests"), Path(folder, "times")
        given.write_bytes(pickle.dumps(list(requests)))
        command = [sys.executable, __file__, str(port), str(at_once), str(per_second or 0), str(given), str(taken)]
        subprocess.run(command, check=True)
        seconds, each = pickle.loads(taken.read_bytes())  # our own, of a moment ago
    return Answered(seconds, each)


class _Connection:
    """One connection, with one request in flight at most; opened anew where the server closed it."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self._port, self._selector = port, selector
        self._socket: socket.socket | None = None
        self._answer = b""
        self.began = self._rested = 0.0

    def send(self, request: bytes) -> None:
        self.began, self._answer = time.perf_counter(), b""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(self._socket, selectors.EVENT_READ, self)
        self._socket.sendall(request)

    def is_answered(self) -> bool:
        """Read what came; whether that was the rest of a good answer."""
        assert self._socket is not None
        more = self._socket.recv(65536)
        if not more and self._rested >= self.began:  # nothing was asked: it was kept long enough
            self._close()
            return False
        self._answer += more
        head, found, body = self._answer.partition(b"\r\n\r\n")
        assert more, f"the server closed the connection after {self._answer!r}"
        if not found:
            return False
        assert head.startswith(b"HTTP/1.1 200"), head
        lines = head.lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        if len(body) < length:
            return False
        self._rested = time.perf_counter()
        if b"connection: close" in lines:
            self._close()
        return True

    def _close(self) -> None:
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None


def _burst(port: int, requests: list[bytes], at_once: int, per_second: float) -> tuple[float, list[float]]:
    selector, took = selectors.DefaultSelector(), list[float]()
    idle = [_Connection(port, selector) for _ in range(at_once)]
    waiting, sent = iter(requests), 0
    start = time.perf_counter()
    while len(took) < len(requests):
        while idle and sent < len(requests) and _is_due(start, sent, per_second):
            idle.pop().send(next(waiting))
            sent += 1
        for key, _ in selector.select(0.001 if per_second else None):
            if key.data.is_answered():
                took.append(time.perf_counter() - key.data.began)
                idle.append(key.data)
    return time.perf_counter() - start, sorted(took)


def _is_due(start: float, number: int, per_second: float) -> bool:
    return not per_second or time.perf_counter() - start >= number / per_second


if __name__ == "__main__":
    _port, _at_once, _per_second, _given, _taken = sys.argv[1:]
    _requests = pickle.loads(Path(_given).read_bytes())
    Path(_taken).write_bytes(pickle.dumps(_burst(int(_port), _requests, int(_at_once), float(_per_second))))
