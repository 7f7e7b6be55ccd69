"""Keeps deliveries of one store that arrive together by one statement: a commit costs more than a row.

Whoever comes while a statement of its store is under way waits for the next one, which takes all that wait. Stores
share nothing: one whose rows are locked holds up no other. A delivery that cannot be kept fails alone.
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
"""Statements of one store at once: while PostgreSQL writes one, the next one is made."""
MOST = 64
MOST_BYTES = 4 << 20
"""Of bodies in one statement, unless a single one is larger."""


@dataclass(eq=False, slots=True)
class _Handed:
    """A delivery on its way to the database, whose thread waits. It leads where it is woken without an outcome."""

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
    """How many statements of one signer are under way, and who waits for the next one."""

    under_way: int = 0
    waiting: list[_Handed] = field(default_factory=list)


class Batches:
    """Where the threads of one process hand in verified deliveries."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._desks: dict[Signer, _Desk] = {}
        """Of the signers of which a statement is under way."""

    def keep(self, signer: Signer, headers: WebhookHeaders, body: bytes, received_at: datetime) -> Kept:
        """Keep one delivery with those that arrive beside it; when this returns, that is durable.

        Raises:
            DatabaseUnavailable: PostgreSQL does not answer; nothing is known to be kept.
        """
        mine = _Handed(Arrival(headers, body, received_at))
        if self._must_wait(signer, mine):
            mine.woken.wait()
            if mine.kept is not None or mine.error is not None:
                return mine.outcome()
        self._lead(signer, mine)
        return mine.outcome()

    def _must_wait(self, signer: Signer, mine: _Handed) -> bool:
        with self._lock:
            desk = self._desks.setdefault(signer, _Desk())
            if desk.under_way < LANES:
                desk.under_way += 1
                return False
            desk.waiting.append(mine)
            return True

    def _lead(self, signer: Signer, mine: _Handed) -> None:
        """Keep `mine` and those that wait, and let the first of those who came meanwhile lead on."""
        batch = [mine]
        try:
            batch += self._taken(signer, len(mine.arrival.body))
            _keep(signer, batch)
        finally:
            self._hand_over(signer)
            for each in batch[1:]:
                if each.kept is None and each.error is None:
                    each.error = DatabaseUnavailable("This process is being stopped")
                each.woken.set()

    def _taken(self, signer: Signer, size: int) -> list[_Handed]:
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

    def _hand_over(self, signer: Signer) -> None:
        with self._lock:
            desk = self._desks[signer]
            if desk.waiting:
                desk.waiting.pop(0).woken.set()
                return
            desk.under_way -= 1
            if not desk.under_way:
                del self._desks[signer]


def _keep(signer: Signer, batch: list[_Handed]) -> None:
    """Keep them at once; where that fails by one of them, each alone."""
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
