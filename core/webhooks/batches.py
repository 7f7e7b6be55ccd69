"""Stores deliveries of one store that arrive together by one statement: a commit costs more than a row.

A delivery that arrives while a statement of its store is under way waits for the next one, which takes all waiting
deliveries. Stores share nothing, so locked rows of one store delay no other. A delivery that fails, fails alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock

from core.errors import DatabaseUnavailable
from core.shopify.webhooks import WebhookHeaders
from core.webhooks import inserts
from core.webhooks.inserts import Arrival, Kept
from core.webhooks.signers import Signer

GATHER = 0.001
"""Seconds that a store's statement waits for more deliveries, if the one before it stored several. The senders just
answered are about to send more, and the first of these would get a statement of its own. A single sender never waits.
"""
MOST = 64
"""Deliveries in one statement."""
MOST_BYTES = 4 << 20
"""Bytes of bodies in one statement, unless a single body is larger."""


@dataclass(eq=False, slots=True)
class _Pending:
    """A delivery whose thread waits. Woken without an outcome, the thread stores the next batch."""

    arrival: Arrival
    woken: Event = field(default_factory=Event)
    kept: Kept | None = None
    error: Exception | None = None

    def outcome(self) -> Kept:
        if self.error is not None:
            raise self.error
        assert self.kept is not None
        return self.kept


class Batches:
    """Batches the verified deliveries of all threads of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Signer, list[_Pending]] = {}
        """For each signer with a statement under way, the deliveries that wait for the next statement."""
        self._crowded: set[Signer] = set()
        """Signers whose last statement stored several deliveries."""

    def keep(self, signer: Signer, headers: WebhookHeaders, body: bytes, received_at: datetime) -> Kept:
        """Store one delivery with others that arrive at the same time; when this returns, it is durable.

        Raises:
            DatabaseUnavailable: PostgreSQL does not answer; the delivery may not be stored.
        """
        pending = _Pending(Arrival(headers, body, received_at))
        if not self._start_or_enqueue(signer, pending):
            pending.woken.wait()
            if pending.kept is not None or pending.error is not None:
                return pending.outcome()
        self._store_batch(signer, pending)
        return pending.outcome()

    def _start_or_enqueue(self, signer: Signer, pending: _Pending) -> bool:
        """Start a statement (True), or join the waiting deliveries (False)."""
        with self._lock:
            waiting = self._waiting.get(signer)
            if waiting is None:
                self._waiting[signer] = []
                return True
            waiting.append(pending)
            return False

    def _store_batch(self, signer: Signer, pending: _Pending) -> None:
        """Store `pending` and the waiting deliveries; then wake the first later arrival, to store the next batch."""
        batch = [pending]
        try:
            if signer in self._crowded:
                time.sleep(GATHER)
            batch += self._take_waiting(signer, len(pending.arrival.body))
            _store(signer, batch)
        finally:
            self._wake_next(signer)
            for other in batch[1:]:
                if other.kept is None and other.error is None:
                    other.error = DatabaseUnavailable("This process is being stopped")
                other.woken.set()

    def _take_waiting(self, signer: Signer, size: int) -> list[_Pending]:
        with self._lock:
            waiting = self._waiting[signer]
            count = 0
            for pending in waiting[: MOST - 1]:
                size += len(pending.arrival.body)
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


def _store(signer: Signer, batch: list[_Pending]) -> None:
    """Store the batch by one statement; where one delivery makes it fail, each alone."""
    try:
        outcomes = inserts.keep_all(signer, [pending.arrival for pending in batch])
    except DatabaseUnavailable as error:
        for pending in batch:
            pending.error = error
    except Exception as error:
        if len(batch) == 1:
            batch[0].error = error
            return
        for pending in batch:
            _store(signer, [pending])
    else:
        for pending, kept in zip(batch, outcomes, strict=True):
            pending.kept = kept
