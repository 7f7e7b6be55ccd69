"""Re-reads many orders by Shopify's bulk operations, one at a time, each of some thousand orders."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from core import ingest, logs, rollups
from core.database import tenant_session
from core.database.models import Remap
from core.domain import Order
from core.errors import QueryRefused, ResultExpired, ShopifyDown, Stopping
from core.ingest import remapping
from core.shopify import bulk
from core.shopify.client import ShopifyClient
from core.stores import StoreView
from core.sync.first_load.plan import Span
from core.sync.remap import state
from core.sync.time_slice import GO_ON, Outcome, wait

TOGETHER = 500
"""Orders in one transaction: webhooks of the store wait for it."""
OF_ONE_OPERATION = 5000
"""Outdated orders in the time span of one operation; writing them takes some seconds."""
TOO_LONG = timedelta(hours=24)
_FETCHES = 3
"""Fetches of an incomplete result before its orders are read by id."""
_BUSY_PAUSE = timedelta(seconds=30)

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class BulkSteps:
    """The steps of one store's bulk operations; `row` says which is under way."""

    client: ShopifyClient
    store: StoreView
    row: Remap
    stop: threading.Event

    def find_next(self) -> datetime | None:
        """The beginning of the time span of the next operation; None where no span is left."""
        with tenant_session(self.store.tenant_id) as session:
            return remapping.beginning(session, self.store.key, self.row.before, OF_ONE_OPERATION)

    def start(self, since: datetime) -> Outcome:
        """Start the operation of the orders created from `since` on, before those of the last operation.

        Raises: as `ShopifyClient.execute`.
        """
        window, now = Span("orders", since, self.row.before).search_text, datetime.now(UTC)
        try:
            operation_id = bulk.start(self.client, "orders", window)
        except QueryRefused as error:
            log.warning("a bulk operation was refused; its orders are read by id", reason=str(error))
            self._note(before=since)
            return GO_ON
        if operation_id is None:
            return wait(_BUSY_PAUSE)
        self._note(operation_id=operation_id, since=since, started_at=now)
        return wait(timedelta(seconds=1))

    def follow(self) -> Outcome:
        """Check the operation under way, and write its orders once it has completed.

        Raises:
            Stopping: `stop` was set between two transactions.
            ShopifyDown: the result was incomplete; and as `ShopifyClient.execute`.
        """
        operation = bulk.poll(self.client, self.row.operation_id or "")
        age = datetime.now(UTC) - (self.row.started_at or self.row.requested_at)
        if operation is not None and operation.is_under_way and age < TOO_LONG:
            self._note()
            rollups.rebuild_if_worth_it(self.store.key)
            return wait(max(timedelta(seconds=1), min(_BUSY_PAUSE, age / 4)))
        if operation is not None and self._asked_too_much(operation):
            log.warning("a bulk operation asked for fields whose scope was taken away; it is started again")
            self._note(operation_id=None, since=None, started_at=None)
            return GO_ON
        if operation is not None and operation.is_completed:
            self._load(operation)
        else:
            log.warning("a bulk operation failed; its orders are read by id")
        self._note(before=self.row.since, operation_id=None, since=None, started_at=None)
        return GO_ON

    def _asked_too_much(self, operation: bulk.Operation) -> bool:
        """Whether Shopify refused an operation that asks for less after the app's scopes are re-read."""
        if operation.error_code != "ACCESS_DENIED" or self.row.since is None:
            return False
        self.client.reread_scopes()
        window = Span("orders", self.row.since, self.row.before).search_text
        return bulk.asks_too_much(self.client, operation, "orders", window)

    def _load(self, operation: bulk.Operation) -> None:
        """Write the result of a completed operation. Orders that it lacks stay outdated, and are read by id later."""
        defers_sums = rollups.is_worth_deferring(self.store.key, self.row.orders_total)
        try:
            with bulk.open_result(self.client, operation, "orders") as lines:
                while batch := list(islice(lines, TOGETHER)):
                    if self.stop.is_set():
                        raise Stopping("Improving past figures pauses here and continues at the next start.")
                    self._write(operation, batch, defers_sums)
        except ResultExpired:
            log.warning("the result of a bulk operation has expired; its orders are read by id")
        except ShopifyDown:
            if self.row.attempts + 1 < _FETCHES:
                raise
            log.warning("the result of a bulk operation was incomplete; its orders are read by id")

    def _write(self, operation: bulk.Operation, batch: list[bulk.BulkRecord], defers_sums: bool) -> None:
        """Write the orders returned whole; the others keep their figures until they are read by id."""
        orders = [line.record for line in batch if isinstance(line.record, Order) and line.is_whole]
        read_at = operation.began_before(self.row.started_at or self.row.requested_at)
        now = datetime.now(UTC)
        with tenant_session(self.store.tenant_id) as session:
            if defers_sums:
                rollups.defer(session, self.store.key)
            ingest.write(session, self.store.key, orders, now, reading=ingest.Reading(read_at))
            state.note(session, self.store.key, now)

    def _note(self, **values: object) -> None:
        with tenant_session(self.store.tenant_id) as session:
            state.note(session, self.store.key, datetime.now(UTC), **values)
