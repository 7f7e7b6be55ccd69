"""Re-fetches orders that webhooks changed: the body counts at once, the API's version of the order soon replaces it.

Orders wait in a list of their own, so that a burst of webhooks becomes a few requests: one job a store fetches them
in batches. An order whose answer is older than its webhook is retried with backoff; after `TRIES`, the syncs have it.
An order that Shopify does not know after several tries was deleted: a late webhook must not restore it.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from requests.adapters import BaseAdapter
from sqlalchemy import BigInteger, ColumnElement, and_, delete, func, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from core import ingest, logs, stores
from core.database import StoreKey, jobs, tenant_session
from core.database.models import Deletion, Refund, ReturnLine, Store, UnsettledOrder
from core.database.models import Order as OrderRow
from core.domain import Deleted, Kind, Order, Source
from core.errors import DatabaseUnavailable, PermanentError, Stopping
from core.shopify import pages
from core.stores import history
from core.stores.clients import stoppable_sleep, store_client
from core.sync.time_slice import DONE, GO_ON, Outcome, TimeSlice, take_steps

BATCH = 50
GRACE = timedelta(seconds=2)
"""After a webhook, before its order is fetched: the rest of the burst arrives, and Shopify's replicas catch up."""
SLICE = timedelta(seconds=10)
TRIES = 8
DELETED_AFTER = 2
"""Tries, minutes apart, after which an order that Shopify does not know counts as deleted."""
RECENT = timedelta(days=30)

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """A store's recent orders, and how many of them are `waiting` to be re-fetched."""

    orders: int
    waiting: int

    @property
    def share(self) -> float | None:
        """The share of orders that do not wait, from 0 to 1; None where there are no orders."""
        return 1 - self.waiting / self.orders if self.orders else None


def count_settled(store: stores.StoreView, now: datetime) -> Settled:
    """Count the store's orders of the last days (`RECENT`), and those of them that wait to be re-fetched."""
    first_day = (now - RECENT).astimezone(store.time_zone).date()
    waits = or_(OrderRow.source == Source.WEBHOOK, UnsettledOrder.order_id.is_not(None))
    counts = (
        select(func.count(), func.count().filter(waits))
        .select_from(OrderRow)
        .outerjoin(
            UnsettledOrder,
            (UnsettledOrder.tenant_id == OrderRow.tenant_id)
            & (UnsettledOrder.store_id == OrderRow.store_id)
            & (UnsettledOrder.order_id == OrderRow.order_id),
        )
        .where(store.key.owns(OrderRow), OrderRow.business_date >= first_day, OrderRow.deleted_at.is_(None))
    )
    with tenant_session(store.tenant_id) as session:
        orders, waiting = session.execute(counts).one()
    return Settled(orders, waiting)


def request(session: Session, key: StoreKey, order_ids: Iterable[int], now: datetime) -> None:
    """Put orders on the list and queue the job, in the session's transaction: a crash forgets no change."""
    ids = sorted(set(order_ids))
    if not ids:
        return
    order_id = func.unnest(literal(ids, ARRAY(BigInteger))).column_valued("order_id")
    columns = ["tenant_id", "store_id", "order_id", "reported_at", "due_at"]
    values = (literal(key.tenant_id), literal(key.store_id), order_id, literal(now), literal(now))
    statement = insert(UnsettledOrder).from_select(columns, select(*values))
    renewed = {"reported_at": statement.excluded.reported_at, "due_at": statement.excluded.due_at, "tries": 0}
    keys = ["tenant_id", "store_id", "order_id"]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=renewed))
    _queue(session, key, GRACE)


def orders_of_returns(session: Session, key: StoreKey, return_ids: Collection[int]) -> set[int]:
    """The orders of these returns, as far as they are stored; a return is first reported with its order."""
    if not return_ids:
        return set()
    query = select(ReturnLine.order_id).where(key.owns(ReturnLine), ReturnLine.return_id.in_(return_ids))
    return set(session.scalars(query))


def queue_if_due(key: StoreKey, now: datetime) -> None:
    """Queue the job where orders are due and no job waits: after a crash, or for a retry."""
    with tenant_session(key.tenant_id) as session:
        if _due(session, key, now, limit=1):
            _queue(session, key)


def work_on(
    key: StoreKey,
    transport: BaseAdapter | None = None,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
) -> None:
    """Re-fetch due orders for one slice of time; the rest is queued behind other stores' jobs.

    A permanent error of Shopify is only logged: the next sync meets the same one and shows it to the merchant.

    Raises:
        ShopifyTransient, Stopping, DatabaseUnavailable: the queue retries the job.
    """
    stop = stop or threading.Event()

    def take_step(_: TimeSlice) -> Outcome:
        with tenant_session(key.tenant_id) as session:
            due = _due(session, key, datetime.now(UTC), BATCH)
        return _refetch_or_note(key, due, transport, stop) if due else DONE

    if not take_steps(take_step, TimeSlice.of(stop, slice_length)).is_done:
        with tenant_session(key.tenant_id) as session:
            _queue(session, key)


def _queue(session: Session, key: StoreKey, delay: timedelta = timedelta(0)) -> None:
    jobs.enqueue_once(session, jobs.Task.REFETCH_ORDERS, key, delay)


def _due(session: Session, key: StoreKey, now: datetime, limit: int) -> dict[int, datetime]:
    """Orders to fetch now, each with the time of its last webhook; those that wait longest first."""
    query = (
        select(UnsettledOrder.order_id, UnsettledOrder.reported_at)
        .where(key.owns(UnsettledOrder), UnsettledOrder.due_at <= now)
        .order_by(UnsettledOrder.due_at, UnsettledOrder.order_id)
        .limit(limit)
    )
    return {row.order_id: row.reported_at for row in session.execute(query)}


def _refetch_or_note(
    key: StoreKey, due: Mapping[int, datetime], transport: BaseAdapter | None, stop: threading.Event
) -> Outcome:
    """Re-fetch some orders. After an error, note when they are due again."""
    try:
        _refetch(key, due, transport, stop)
    except PermanentError as error:
        log.warning("orders were not re-fetched", reason=str(error))
        with tenant_session(key.tenant_id) as session:
            _schedule_retries(session, key, due, datetime.now(UTC))
        return DONE
    except (Stopping, DatabaseUnavailable):
        raise
    except Exception:
        # One of these orders may be unreadable: the retry takes other orders first.
        with tenant_session(key.tenant_id) as session:
            _spread_retries(session, key, due, datetime.now(UTC))
        raise
    return GO_ON


def _refetch(
    key: StoreKey, due: Mapping[int, datetime], transport: BaseAdapter | None, stop: threading.Event
) -> None:
    asked_at = datetime.now(UTC)
    with store_client(key, transport, stoppable_sleep(stop, "Re-fetching orders")) as client:
        answers = pages.orders_by_ids(client, due)
    now = datetime.now(UTC)
    orders = [answer.order_id for answer in answers if isinstance(answer, Order)]
    unreadable = [answer.shopify_id for answer in answers if not isinstance(answer, Order)]
    with tenant_session(key.tenant_id) as session:
        # Returns and fees change without a new version of their order.
        ingest.write(session, key, answers, now, reading=ingest.Reading(asked_at, repairs=True))
        deleted = _inferred_deletions(session, key, due.keys() - {*orders, *unreadable}, now)
        ingest.write(session, key, deleted, now)
        _remove_refetched(session, key, due, orders)
        _schedule_retries(session, key, due, now)


def _inferred_deletions(
    session: Session, key: StoreKey, unknown: Collection[int], now: datetime
) -> Sequence[Deleted]:
    """The deletions of orders that Shopify did not know often enough, and that it would show if they existed."""
    store = session.get_one(Store, (key.tenant_id, key.store_id))
    tried = select(UnsettledOrder.order_id).where(key.owns(UnsettledOrder), UnsettledOrder.tries >= DELETED_AFTER)
    query = select(OrderRow.order_id).where(
        key.owns(OrderRow), OrderRow.order_id.in_(tried), OrderRow.order_id.in_(unknown)
    )
    if history.SCOPE not in store.scopes:
        query = query.where(OrderRow.created_at > now - history.SURELY_SHOWN)
    return [Deleted(Kind.ORDER, order_id, now, is_inferred=True) for order_id in session.scalars(query)]


def _remove_refetched(session: Session, key: StoreKey, due: Mapping[int, datetime], order_ids: Iterable[int]) -> None:
    """Remove orders from the list that are now stored from the API, or deleted, unless a newer webhook arrived since
    the request."""
    # A refund changes its order. An order that was fetched before its refund therefore lacks the refund.
    refunded_since = select(Refund.refund_id).where(
        key.owns(Refund), Refund.order_id == OrderRow.order_id, Refund.created_at > OrderRow.updated_at
    )
    stored = select(OrderRow.order_id).where(
        key.owns(OrderRow),
        OrderRow.order_id.in_(order_ids),
        OrderRow.source == Source.API,
        ~refunded_since.exists(),
    )
    deleted = select(Deletion.shopify_id).where(key.owns(Deletion), Deletion.kind == Kind.ORDER)
    session.execute(
        delete(UnsettledOrder).where(
            _unchanged(key, due), or_(UnsettledOrder.order_id.in_(stored), UnsettledOrder.order_id.in_(deleted))
        )
    )


def _schedule_retries(session: Session, key: StoreKey, due: Mapping[int, datetime], now: datetime) -> None:
    """Retry the orders that are still on the list, with backoff: Shopify's answer was older than the webhook, or it
    does not know the order. Give up after `TRIES`."""
    unchanged = _unchanged(key, due)
    expired = delete(UnsettledOrder).where(unchanged, UnsettledOrder.tries >= TRIES)
    for order_id in session.scalars(expired.returning(UnsettledOrder.order_id)):
        log.warning("an order could not be re-fetched", order_id=order_id)
    backoff = func.power(2, UnsettledOrder.tries) * timedelta(minutes=1)
    retried = {"tries": UnsettledOrder.tries + 1, "due_at": now + backoff}
    session.execute(update(UnsettledOrder).where(unchanged).values(retried))


def _spread_retries(session: Session, key: StoreKey, due: Mapping[int, datetime], now: datetime) -> None:
    """Retry each order some minutes later, at a random time, so that they are not fetched together again."""
    backoff = (1 + 3 * func.random()) * literal(timedelta(minutes=1))
    session.execute(update(UnsettledOrder).where(_unchanged(key, due)).values(due_at=now + backoff))


def _unchanged(key: StoreKey, due: Mapping[int, datetime]) -> ColumnElement[bool]:
    """Matches these orders on the list, without those that a newer webhook changed since."""
    return and_(
        key.owns(UnsettledOrder), tuple_(UnsettledOrder.order_id, UnsettledOrder.reported_at).in_(due.items())
    )
