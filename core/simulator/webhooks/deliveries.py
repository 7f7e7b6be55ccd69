"""Sends webhooks: signed, from a queue, again after growing gaps when the receiver does not answer 2xx in time."""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Condition, Thread

import requests

from core import logs
from core.simulator.defaults import API_VERSION

GAPS = (1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds before each try after the first; Shopify's eight tries take four hours."""

_TIMEOUTS = (1.0, 5.0)
_SENDERS = 2

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One body for one subscription."""

    uri: str
    headers: Mapping[str, str]
    raw: bytes


def delivery(
    uri: str, topic: str, shop: str, secret: str, raw: bytes, triggered_at: datetime, event_id: str
) -> Delivery:
    """A signed delivery with the headers of a real one; `event_id` is shared by all that one action caused."""
    signature = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    at = triggered_at.astimezone(UTC)
    headers = {
        "Content-Type": "application/json",
        "Accept": "*/*",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-API-Version": API_VERSION,
        "X-Shopify-Event-Id": event_id,
        "X-Shopify-Hmac-Sha256": signature,
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-Topic": topic,
        # Nanoseconds, as Shopify writes them; Python's clocks have microseconds.
        "X-Shopify-Triggered-At": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}000Z",
        "X-Shopify-Webhook-Id": str(uuid.uuid4()),
    }
    return Delivery(uri, headers, raw)


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    turn: int
    delivery: Delivery = field(compare=False)
    tries: int = field(compare=False, default=0)


class Sender:
    """Sends what it is given from threads of its own; what is not sent when it stops is lost."""

    def __init__(self, gaps: Sequence[float] = GAPS) -> None:
        self._gaps = gaps
        self._queue: list[_Waiting] = []
        self._changed = Condition()
        self._busy = self._turn = 0
        self._stopping = False
        self._threads: list[Thread] = []
        self.sent = self.failed = 0

    def start(self) -> None:
        """Begin to send."""
        self._stopping = False
        self._threads = [Thread(target=self._run, name=f"webhooks-{i}", daemon=True) for i in range(_SENDERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is being sent and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def put(self, wanted: Delivery, wait: float = 0) -> None:
        """Send this as soon as possible, but not before `wait` seconds have passed."""
        with self._changed:
            self._turn += 1
            heapq.heappush(self._queue, _Waiting(time.monotonic() + wait, self._turn, wanted))
            self._changed.notify_all()

    def wait_until_sent(self, timeout: float = 10.0) -> bool:
        """Wait until nothing is left to send, retries included; False if that takes too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._busy, timeout)

    def _run(self) -> None:
        with requests.Session() as session:
            while True:
                waiting = self._next()
                if waiting is None:
                    return
                accepted = _post(session, waiting.delivery)
                self._done(waiting, accepted)

    def _next(self) -> _Waiting | None:
        """The next that is due, once it is; None when it is time to end."""
        with self._changed:
            while not self._stopping:
                wait = self._queue[0].due - time.monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._queue)
                self._changed.wait(wait)
        return None

    def _done(self, waiting: _Waiting, accepted: bool) -> None:
        with self._changed:
            self._busy -= 1
            if accepted:
                self.sent += 1
            elif waiting.tries < len(self._gaps):
                due = time.monotonic() + self._gaps[waiting.tries]
                heapq.heappush(self._queue, _Waiting(due, waiting.turn, waiting.delivery, waiting.tries + 1))
            else:
                self.failed += 1
                _log.warning("webhook given up", uri=waiting.delivery.uri)
            self._changed.notify_all()


def _post(session: requests.Session, wanted: Delivery) -> bool:
    """Whether the receiver took it: any 2xx in time; a redirect is a failure."""
    try:
        answer = session.post(
            wanted.uri, data=wanted.raw, headers=dict(wanted.headers), timeout=_TIMEOUTS, allow_redirects=False
        )
    except requests.RequestException:
        return False
    return 200 <= answer.status_code < 300
