"""Stores deliveries of one store that arrive together by one statement: a commit costs more than a row.

A delivery that arrives while statements of its store are under way waits for the next one, which takes all waiting
deliveries. Stores share nothing, so locked rows of one store delay no other. A delivery that fails, fails alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock

from core.deliveries import keeping
from core.deliveries.keeping import Arrival, Kept
from core.deliveries.signers import Signer
from core.errors import DatabaseUnavailable
from core.shopify.webhooks import WebhookHeaders

LANES = 4
"""Statements of one store at once: while PostgreSQL writes one, the next is prepared."""
MOST = 64
"""Deliveries in one statement."""
MOST_BYTES = 4 << 20
"""Bytes of bodies in one statement, unless a single body is larger."""


@dataclass(eq=False, slots=True)
class _Handed:
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


@dataclass(eq=False, slots=True)
class _Desk:
    """The number of one signer's statements under way, and the deliveries that wait for the next one."""

    under_way: int = 0
    waiting: list[_Handed] = field(default_factory=list)


class Batches:
    """Batches the verified deliveries of all threads of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._desks: dict[Signer, _Desk] = {}
        """Only signers with a statement under way have a desk."""

    def keep(self, signer: Signer, headers: WebhookHeaders, body: bytes, received_at: datetime) -> Kept:
        """Store one delivery with others that arrive at the same time; when this returns, it is durable.

        Raises:
            DatabaseUnavailable: PostgreSQL does not answer; the delivery may not be stored.
        """
        handed = _Handed(Arrival(headers, body, received_at))
        if self._enqueue_or_start(signer, handed):
            handed.woken.wait()
            if handed.kept is not None or handed.error is not None:
                return handed.outcome()
        self._store_batch(signer, handed)
        return handed.outcome()

    def _enqueue_or_start(self, signer: Signer, handed: _Handed) -> bool:
        """Start a statement (False), or join the waiting deliveries (True)."""
        with self._lock:
            desk = self._desks.setdefault(signer, _Desk())
            if desk.under_way < LANES:
                desk.under_way += 1
                return False
            desk.waiting.append(handed)
            return True

    def _store_batch(self, signer: Signer, handed: _Handed) -> None:
        """Store `handed` and the waiting deliveries; then wake the first later arrival, to store the next batch."""
        batch = [handed]
        try:
            batch += self._take_waiting(signer, len(handed.arrival.body))
            _keep(signer, batch)
        finally:
            self._wake_next(signer)
            for each in batch[1:]:
                if each.kept is None and each.error is None:
                    each.error = DatabaseUnavailable("This process is being stopped")
                each.woken.set()

    def _take_waiting(self, signer: Signer, size: int) -> list[_Handed]:
        with self._lock:
            queue = self._desks[signer].waiting
            count = 0
            for each in queue[: MOST - 1]:
                size += len(each.arrival.body)
                if size > MOST_BYTES:
                    break
                count += 1
            taken, queue[:count] = queue[:count], []
            return taken

    def _wake_next(self, signer: Signer) -> None:
        with self._lock:
            desk = self._desks[signer]
            if desk.waiting:
                desk.waiting.pop(0).woken.set()
                return
            desk.under_way -= 1
            if not desk.under_way:
                del self._desks[signer]


def _keep(signer: Signer, batch: list[_Handed]) -> None:
    """Store the batch by one statement; where one delivery makes it fail, each alone."""
    try:
        for each, kept in zip(batch, keeping.keep_all(signer, [each.arrival for each in batch]), strict=True):
            each.kept = kept
    except DatabaseUnavailable as error:
        for each in batch:
            each.error = error
    except Exception as error:
        if len(batch) == 1:
            batch[0].error = error
            return
        for each in batch:
            _keep(signer, [each])
