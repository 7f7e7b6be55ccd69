"""Sends prepared requests as fast as they are answered, with a number of them in flight, and times each.

`send` runs in a process of its own that does little for each, because it shares the machine with the measured
processes. Every request must be answered with 200, or the benchmark fails.
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
    """The seconds of all requests together, and of each, in ascending order."""

    seconds: float
    durations: list[float]

    @property
    def per_second(self) -> float:
        return len(self.durations) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the milliseconds within which this share of the requests, in percent, was answered."""
        return 1000 * self.durations[min(len(self.durations) - 1, int(len(self.durations) * share / 100))]


def send(port: int, requests: Sequence[bytes], at_once: int, per_second: float | None = None) -> Answered:
    """Send all requests to this machine's port. `per_second` limits how many begin in a second."""
    with tempfile.TemporaryDirectory() as folder:
        given, taken = Path(folder, "requests"), Path(folder, "times")
        given.write_bytes(pickle.dumps(list(requests)))
        command = [sys.executable, __file__, str(port), str(at_once), str(per_second or 0), str(given), str(taken)]
        subprocess.run(command, check=True)
        seconds, durations = pickle.loads(taken.read_bytes())  # written by our own process above
    return Answered(seconds, durations)


class _Connection:
    """One connection with at most one request in flight, reopened where the server closed it."""

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
        """Read the next bytes. Returns whether they complete a good answer."""
        assert self._socket is not None
        more = self._socket.recv(65536)
        if not more and self._rested >= self.began:  # the server closed an idle connection
            self._close()
            return False
        self._answer += more
        head, separator, body = self._answer.partition(b"\r\n\r\n")
        assert more, f"the server closed the connection after {self._answer!r}"
        if not separator:
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
