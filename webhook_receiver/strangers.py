"""Limits how many refused requests an address may send. What a store has signed is never counted, nor limited.

Each process counts by itself, in memory: a stranger's request costs no statement. A request is refused as before
until its address has spent its share; then it is told to come back later.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from flask import Response

from core.addresses import client_address, neighbourhood
from core.config import settings

BURST = 100
PER_SECOND = 1.0
ADDRESSES = 10_000
"""So many are remembered; beyond that, those that have been quiet are forgotten first."""
REFUSED = frozenset({400, 401, 404, 405, 413})


class Strangers:
    """A bucket of refusals for each address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._full_at: dict[str, float] = {}

    def limited(self, environ: dict[str, Any], response: Response) -> Response:
        """The response, or where it refuses one request too many of its address, a 429 in its place."""
        if response.status_code not in REFUSED:
            return response
        wait = self.take(_address(environ))
        if wait is None:
            return response
        said = {"Retry-After": str(math.ceil(wait))}
        text = "Too many requests of this address were refused; try again later.\n"
        return Response(text, 429, said, mimetype="text/plain")

    def take(self, address: str) -> float | None:
        """Take one token of the address's bucket; where it has none, the seconds until it does."""
        now = self._clock()
        with self._lock:
            full_at = max(self._full_at.pop(address, now), now) + 1 / PER_SECOND
            wait = full_at - now - BURST / PER_SECOND
            if wait > 0:
                full_at -= 1 / PER_SECOND
            # At the end: the first of the dict is the one that was quiet for longest.
            self._full_at[address] = full_at
            if len(self._full_at) > ADDRESSES:
                del self._full_at[next(iter(self._full_at))]
        return wait if wait > 0 else None


def _address(environ: dict[str, Any]) -> str:
    named = environ.get("HTTP_X_FORWARDED_FOR")
    proxies = settings().proxies
    return neighbourhood(client_address(environ.get("REMOTE_ADDR"), [named] if named else [], proxies))
