"""Saves verified deliveries, each with the job that applies it, by as few statements as possible.

A commit costs more than a row. So deliveries of one store are batched: one that arrives while a statement of its
store is under way waits for the next statement, which stores all waiting deliveries. Stores share nothing: locked
rows of one store delay no other. If one delivery makes a statement fail, each of the batch is stored alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from threading import Event, Lock
from typing import LiteralString

from core.database import StoreKey, job_tables, jobs, run_at_once
from core.errors import DatabaseUnavailable
from core.shopify.body_records import record_id
from core.shopify.webhooks import WebhookHeaders
from core.webhooks.verify import Signer

GATHER = 0.001
"""Seconds that a store's statement waits for more deliveries, if the one before it stored several. The senders just
answered are about to send more, and the first of these would get a statement of its own. A single sender never waits.
"""
MOST = 64
"""Deliveries in one statement."""
MOST_BYTES = 4 << 20
"""Bytes of bodies in one statement, unless a single body is larger."""
SOON = timedelta(seconds=0.5)
"""A job that starts within this time applies the new deliveries too, so a burst queues no further job."""


class Stored(Enum):
    """The outcome of storing a delivery."""

    NEW = auto()
    DUPLICATE = auto()
    """The delivery was stored before."""
    REFUSED = auto()
    """Nothing was stored: wrong signature, unknown shop, or a store whose row no longer names the signer."""


@dataclass(frozen=True, slots=True)
class VerifiedDelivery:
    """A delivery whose signature was verified."""

    headers: WebhookHeaders
    body: bytes
    received_at: datetime


@dataclass(eq=False, slots=True)
class _WaitingDelivery:
    """A delivery whose thread waits. If it is woken without a result, the thread stores the next batch."""

    delivery: VerifiedDelivery
    woken: Event = field(default_factory=Event)
    result: Stored | Exception | None = None

    def outcome(self) -> Stored:
        if isinstance(self.result, Stored):
            return self.result
        raise self.result or DatabaseUnavailable("This process is being stopped")


class Batches:
    """Batches the verified deliveries of all threads of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Signer, list[_WaitingDelivery]] = {}
        """For each signer with a statement under way, the deliveries that wait for the next statement."""
        self._crowded: set[Signer] = set()
        """Signers whose last statement stored several deliveries."""

    def save(self, signer: Signer, delivery: VerifiedDelivery) -> Stored:
        """Save one delivery with others that arrive at the same time; when this returns, it is durable.

        Raises:
            DatabaseUnavailable: PostgreSQL does not answer; the delivery may not be stored.
        """
        waiter = _WaitingDelivery(delivery)
        if not self._start_or_enqueue(signer, waiter):
            waiter.woken.wait()
            if waiter.result is not None:
                return waiter.outcome()
        self._save_batch(signer, waiter)
        return waiter.outcome()

    def _start_or_enqueue(self, signer: Signer, waiter: _WaitingDelivery) -> bool:
        """Start a statement (True), or join the waiting deliveries (False)."""
        with self._lock:
            waiting = self._waiting.get(signer)
            if waiting is None:
                self._waiting[signer] = []
                return True
            waiting.append(waiter)
            return False

    def _save_batch(self, signer: Signer, waiter: _WaitingDelivery) -> None:
        """Save `waiter` and the waiting deliveries; then wake the first later arrival, to store the next batch."""
        batch = [waiter]
        try:
            if signer in self._crowded:
                time.sleep(GATHER)
            batch += self._take_waiting(signer, len(waiter.delivery.body))
            _set_results(signer, batch)
        finally:
            # After any exception, too: a thread that is not woken would hold its request for ever.
            self._wake_next(signer)
            for other in batch[1:]:
                if other.result is None:
                    other.result = DatabaseUnavailable("This process is being stopped")
                other.woken.set()

    def _take_waiting(self, signer: Signer, size: int) -> list[_WaitingDelivery]:
        with self._lock:
            waiting = self._waiting[signer]
            count = 0
            # One less, because the caller's own delivery is in the batch.
            for waiter in waiting[: MOST - 1]:
                size += len(waiter.delivery.body)
                if size > MOST_BYTES:
                    break
                count += 1
            batch, waiting[:count] = waiting[:count], []
            (self._crowded.add if batch else self._crowded.discard)(signer)
            return batch

    def _wake_next(self, signer: Signer) -> None:
        with self._lock:
            waiting = self._waiting[signer]
            if waiting:
                waiting.pop(0).woken.set()
            else:
                del self._waiting[signer]


def _set_results(signer: Signer, batch: list[_WaitingDelivery]) -> None:
    """Save the batch by one statement, or each alone if one makes it fail; set the result of each."""
    try:
        outcomes = save(signer, [waiter.delivery for waiter in batch])
    except DatabaseUnavailable as error:
        # Not retried one by one: each would wait for the timeout again.
        for waiter in batch:
            waiter.result = error
    except Exception as error:
        if len(batch) == 1:
            batch[0].result = error
            return
        for waiter in batch:
            _set_results(signer, [waiter])
    else:
        for waiter, outcome in zip(batch, outcomes, strict=True):
            waiter.result = outcome


def save(signer: Signer, deliveries: Sequence[VerifiedDelivery]) -> list[Stored]:
    """Save deliveries and the job that applies them by one statement, if the rows still name `signer`.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; the deliveries may not be stored.
    """
    statement = _STORE_OF_FORMER if signer.is_former else _STORE
    job = jobs.once_values(jobs.Task.APPLY_DELIVERIES, StoreKey.of(signer), within=SOON)
    values = _signer_values(signer) | _delivery_values(deliveries) | job
    (((is_signer, new_ids, _),),) = run_at_once(signer.tenant_id, [(statement, values)])
    if not is_signer:
        return [Stored.REFUSED] * len(deliveries)
    return [Stored.NEW if delivery.headers.webhook_id in new_ids else Stored.DUPLICATE for delivery in deliveries]


def _signer_values(signer: Signer) -> dict[str, object]:
    return {
        "shop": signer.shop,
        "tenant_id": signer.tenant_id,
        "store_id": signer.store_id,
        "sealed_credentials": signer.sealed_credentials,
        "sealed_previous_secret": signer.sealed_previous_secret,
        "previous_secret_until": signer.previous_secret_until,
        "sealed_compliance": signer.sealed_compliance,
        "shopify_id": signer.shopify_id,
    }


def _delivery_values(deliveries: Sequence[VerifiedDelivery]) -> dict[str, object]:
    headers = [delivery.headers for delivery in deliveries]
    return {
        "webhook_ids": [header.webhook_id for header in headers],
        "event_ids": [header.event_id for header in headers],
        "topics": [header.topic for header in headers],
        "api_versions": [header.api_version for header in headers],
        "triggered": [header.triggered_at for header in headers],
        "received": [delivery.received_at for delivery in deliveries],
        "bodies": [delivery.body for delivery in deliveries],
        "records": [record_id(delivery.headers.topic, delivery.body) for delivery in deliveries],
    }


# The signer may have been verified with a row that has changed since, so this statement compares all of it again.
# A waiting job applies these deliveries too, but may start just before the commit: see `apply._queue_follow_up`.
_STORE_BY: LiteralString = f"""
    WITH signer AS (
        SELECT s.tenant_id, s.store_id
        FROM stores s JOIN {{routes}} r ON r.tenant_id = s.tenant_id AND r.store_id = s.store_id
        WHERE s.tenant_id = %(tenant_id)s AND s.store_id = %(store_id)s AND r.shop_domain = %(shop)s
          AND s.shopify_id = %(shopify_id)s
          AND s.sealed_credentials IS NOT DISTINCT FROM %(sealed_credentials)s
          AND s.sealed_compliance IS NOT DISTINCT FROM %(sealed_compliance)s
          AND s.sealed_previous_secret IS NOT DISTINCT FROM %(sealed_previous_secret)s
          AND s.previous_secret_until IS NOT DISTINCT FROM %(previous_secret_until)s
    ), stored AS (
        INSERT INTO deliveries (
            tenant_id, store_id, webhook_id, event_id, topic, api_version, triggered_at, received_at, body,
            record_id
        )
        SELECT s.tenant_id, s.store_id, a.*
        FROM signer s CROSS JOIN unnest(
            %(webhook_ids)s::text[], %(event_ids)s::text[], %(topics)s::text[], %(api_versions)s::text[],
            %(triggered)s::timestamptz[], %(received)s::timestamptz[], %(bodies)b::bytea[],
            %(records)s::bigint[]
        ) a
        ON CONFLICT DO NOTHING
        RETURNING webhook_id
    ), queued AS ({job_tables.ENQUEUE_ONCE} AND EXISTS (SELECT FROM stored))
    SELECT EXISTS (SELECT FROM signer), ARRAY(SELECT webhook_id FROM stored), EXISTS (SELECT FROM queued)
"""  # noqa: S608
_STORE: LiteralString = _STORE_BY.replace("{routes}", "store_routes")
_STORE_OF_FORMER: LiteralString = _STORE_BY.replace("{routes}", "former_routes")
