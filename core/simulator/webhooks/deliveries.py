"""Sends webhooks: signed, from a queue, with a growing backoff until the receiver answers 2xx in time."""

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

BACKOFF = (1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds before each retry. Shopify's eight retries take four hours."""

_TIMEOUTS = (1.0, 5.0)
_SENDERS = 2

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One body for one subscription."""

    uri: str
    headers: Mapping[str, str]
    raw: bytes


def sign_delivery(
    uri: str, topic: str, shop: str, secret: str, raw: bytes, triggered_at: datetime, event_id: str
) -> Delivery:
    """Sign a delivery with the headers of a real one. All deliveries of one event share `event_id`."""
    signature = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    triggered = triggered_at.astimezone(UTC)
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
        "X-Shopify-Triggered-At": f"{triggered:%Y-%m-%dT%H:%M:%S}.{triggered.microsecond:06d}000Z",
        "X-Shopify-Webhook-Id": str(uuid.uuid4()),
    }
    return Delivery(uri, headers, raw)


@dataclass(order=True, slots=True)
class _QueuedDelivery:
    due: float
    turn: int
    delivery: Delivery = field(compare=False)
    retries: int = field(compare=False, default=0)


class Sender:
    """Sends deliveries from threads of its own. Unsent ones are lost when it stops."""

    def __init__(self, backoff: Sequence[float] = BACKOFF) -> None:
        self._backoff = backoff
        self._queue: list[_QueuedDelivery] = []
        self._changed = Condition()
        self._busy = self._turn = 0
        self._stopping = False
        self._threads: list[Thread] = []
        self.sent = self.failed = 0

    def start(self) -> None:
        """Start the sending threads."""
        self._stopping = False
        self._threads = [Thread(target=self._run, name=f"webhooks-{i}", daemon=True) for i in range(_SENDERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the deliveries that are being sent, and stop."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def send(self, delivery: Delivery, wait: float = 0) -> None:
        """Send a delivery as soon as possible, but not before `wait` seconds have passed."""
        with self._changed:
            self._turn += 1
            heapq.heappush(self._queue, _QueuedDelivery(time.monotonic() + wait, self._turn, delivery))
            self._changed.notify_all()

    def wait_until_sent(self, timeout: float = 10.0) -> bool:
        """Wait until the queue is empty, retries included. Returns False if that takes too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._busy, timeout)

    def _run(self) -> None:
        with requests.Session() as session:
            while True:
                queued = self._take_due()
                if queued is None:
                    return
                accepted = _post(session, queued.delivery)
                self._finish_attempt(queued, accepted)

    def _take_due(self) -> _QueuedDelivery | None:
        """Wait for the next due delivery. None when the sender stops."""
        with self._changed:
            while not self._stopping:
                wait = self._queue[0].due - time.monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._queue)
                self._changed.wait(wait)
        return None

    def _finish_attempt(self, queued: _QueuedDelivery, accepted: bool) -> None:
        with self._changed:
            self._busy -= 1
            if accepted:
                self.sent += 1
            elif queued.retries < len(self._backoff):
                due = time.monotonic() + self._backoff[queued.retries]
                heapq.heappush(self._queue, _QueuedDelivery(due, queued.turn, queued.delivery, queued.retries + 1))
            else:
                self.failed += 1
                # Shopify would remove the subscription here; `outage_unsubscribes` does, so that tests can choose.
                _log.warning("webhook given up", uri=queued.delivery.uri)
            self._changed.notify_all()


def _post(session: requests.Session, delivery: Delivery) -> bool:
    """Post a delivery. Returns True for any 2xx in time; a redirect is a failure."""
    try:
        answer = session.post(
            delivery.uri, data=delivery.raw, headers=dict(delivery.headers), timeout=_TIMEOUTS, allow_redirects=False
        )
    except requests.RequestException:
        return False
    return 200 <= answer.status_code < 300
