"""Limits the refused requests of each address. Signed deliveries are neither counted nor limited.

Each process counts in its own memory, because a stranger's request must cost no statement. When an address has used
up its refusals, further ones become 429 with Retry-After.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from flask import Response

from core.config import settings
from core.network.addresses import client_address, neighbourhood

BURST = 100
PER_SECOND = 1.0
ADDRESSES = 10_000
"""Addresses remembered; beyond that, the address that was quiet for longest is forgotten."""
REFUSED = frozenset({400, 401, 404, 405, 413})


class Strangers:
    """A bucket of refusals for each address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._full_at: dict[str, float] = {}

    def limit(self, environ: dict[str, Any], response: Response) -> Response:
        """Count the response if it is a refusal; returns it, or a 429 where the address has no refusals left."""
        if response.status_code not in REFUSED:
            return response
        wait = self.take(_address(environ))
        if wait is None:
            return response
        headers = {"Retry-After": str(math.ceil(wait))}
        text = "Too many requests from this address were refused; try again later.\n"
        return Response(text, 429, headers, mimetype="text/plain")

    def take(self, address: str) -> float | None:
        """Take one token of the address's bucket; where it has none, the seconds until it does."""
        now = self._clock()
        with self._lock:
            full_at = max(self._full_at.pop(address, now), now) + 1 / PER_SECOND
            wait = full_at - now - BURST / PER_SECOND
            if wait > 0:
                full_at -= 1 / PER_SECOND
            # Reinserted at the end, so that the first key is the address that was quiet for longest.
            self._full_at[address] = full_at
            if len(self._full_at) > ADDRESSES:
                del self._full_at[next(iter(self._full_at))]
        return wait if wait > 0 else None


def _address(environ: dict[str, Any]) -> str:
    named = environ.get("HTTP_X_FORWARDED_FOR")
    proxies = settings().proxies
    return neighbourhood(client_address(environ.get("REMOTE_ADDR"), [named] if named else [], proxies))
