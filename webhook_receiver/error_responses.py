"""Limits the refused requests of each address. Signed deliveries are neither counted nor limited.

Each process counts in its own memory, because a forged request must cost no statement. After an address has used up
its refusals, further ones become 429 with Retry-After.
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
from core.network.token_bucket import TokenBucket

BURST = 100
PER_SECOND = 1.0
ADDRESSES = 10_000
"""Addresses remembered; beyond that, the address that was quiet for longest is forgotten."""
REFUSED = frozenset({400, 401, 404, 405, 413})


class RefusalLimit:
    """A bucket of refusals for each address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[str, TokenBucket] = {}

    def limit(self, environ: dict[str, Any], response: Response) -> Response:
        """Count the response if it is a refusal; returns it, or a 429 if the address has no refusals left."""
        if response.status_code not in REFUSED:
            return response
        wait = self.take(_address(environ))
        if wait is None:
            return response
        headers = {"Retry-After": str(math.ceil(wait))}
        text = "Too many requests from this address were refused; try again later.\n"
        return Response(text, 429, headers, mimetype="text/plain")

    def take(self, address: str) -> float | None:
        """Take one token of the address's bucket; if it has none, return the seconds until it does."""
        with self._lock:
            bucket = self._buckets.pop(address, None) or TokenBucket(BURST, PER_SECOND, self._clock)
            # Reinserted at the end, so that the first key is the address that was quiet for longest.
            self._buckets[address] = bucket
            if len(self._buckets) > ADDRESSES:
                del self._buckets[next(iter(self._buckets))]
            return bucket.take()


def _address(environ: dict[str, Any]) -> str:
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    proxies = settings().proxies
    return neighbourhood(client_address(environ.get("REMOTE_ADDR"), [forwarded] if forwarded else [], proxies))
