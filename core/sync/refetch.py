"""Reads back what webhooks told of: a body counts at once, then the order is read whole through the API and settles.

Orders wait in a list of their own, so that a burst of webhooks is a few requests: one job a store takes them in
batches. Where Shopify cannot tell (yet), an order is asked for again, ever later, and left to the syncs at last. One
of which it says several times that there is none was deleted: a late webhook must not bring it back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from requests.adapters import BaseAdapter
from sqlalchemy import BigInteger, ColumnElement, delete, func, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from core import ingest, logs, stores
from core.database import StoreKey, jobs, tenant_session
from core.database.models import Deletion, Refund, Store, UnsettledOrder
from core.database.models import Order as OrderRow
from core.domain import Deleted, Kind, Order, Source
from core.errors import DatabaseUnavailable, PermanentError, Stopping
from core.shopify import reading
from core.stores import history
from core.stores.clients import stoppable_sleep, store_client

BATCH = 50
GRACE = timedelta(seconds=2)
"""After a webhook, before its order is read: more of the same burst come, and Shopify's own copies catch up."""
SLICE = timedelta(seconds=10)
TRIES = 8
GONE_AFTER = 2
"""So many tries, minutes apart, are for an order to appear that Shopify does not know; then there is none."""
SHARE_OF = timedelta(days=30)

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many of a store's recent orders there are, and how many of them are `waiting` to be read back."""

    orders: int
    waiting: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where there are no orders."""
        return 1 - self.waiting / self.orders if self.orders else None


def settled(store: stores.StoreView, now: datetime) -> Settled:
    """How far the store's orders of the last SHARE_OF have settled."""
    first_day = (now - SHARE_OF).astimezone(store.time_zone).date()
    waits = or_(OrderRow.source == Source.WEBHOOK, UnsettledOrder.order_id.is_not(None))
    counted = (
        select(func.count(), func.count().filter(waits))
        .select_from(OrderRow)
        .outerjoin(
            UnsettledOrder,
            (UnsettledOrder.tenant_id == OrderRow.tenant_id)
            & (UnsettledOrder.store_id == OrderRow.store_id)
            & (UnsettledOrder.order_id == OrderRow.order_id),
        )
        .where(store.key.owns(OrderRow))
        .where(OrderRow.business_date >= first_day, OrderRow.deleted_at.is_(None))
    )
    with tenant_session(store.tenant_id) as session:
        orders, waiting = session.execute(counted).one()
    return Settled(orders, waiting)


def ask(session: Session, key: StoreKey, order_ids: Iterable[int], now: datetime) -> None:
    """Have these orders read back soon; in the session's transaction, so that nothing told is forgotten."""
    told = sorted(set(order_ids))
    if not told:
        return
    each = func.unnest(literal(told, ARRAY(BigInteger))).column_valued("order_id")
    columns = ["tenant_id", "store_id", "order_id", "told_at", "due_at"]
    values = (literal(key.tenant_id), literal(key.store_id), each, literal(now), literal(now))
    statement = insert(UnsettledOrder).from_select(columns, select(*values))
    told_anew = {"told_at": statement.excluded.told_at, "due_at": statement.excluded.due_at, "tries": 0}
    keys = ["tenant_id", "store_id", "order_id"]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=told_anew))
    jobs.enqueue_once(session, jobs.Task.SETTLE_ORDERS, key, GRACE)


def ask_forgotten(key: StoreKey, now: datetime) -> None:
    """Queue the job again where orders are due and none waits: after a crash, or for another try."""
    with tenant_session(key.tenant_id) as session:
        if _due(session, key, now, limit=1):
            jobs.enqueue_once(session, jobs.Task.SETTLE_ORDERS, key)


def work(
    key: StoreKey,
    transport: BaseAdapter | None = None,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
) -> None:
    """Read back what is due, for one slice of time; what is left is queued again behind other stores' jobs.

    Raises:
        ShopifyTransient, Stopping, DatabaseUnavailable: worth another try. Where Shopify refuses for good nothing is
        raised: the next sync meets the same refusal, and tells the merchant.
    """
    stop = stop or threading.Event()
    ends = time.monotonic() + slice_length.total_seconds()
    while due := _next(key):
        try:
            _read_back(key, due, transport, stop)
        except PermanentError as error:
            log.warning("orders were not read back", reason=str(error))
            with tenant_session(key.tenant_id) as session:
                _put_off(session, key, due, datetime.now(UTC))
            return
        except (Stopping, DatabaseUnavailable):
            raise
        except Exception:
            # Others come first at the next try, in case it is one of these that cannot be read.
            with tenant_session(key.tenant_id) as session:
                _let_others_pass(session, key, due, datetime.now(UTC))
            raise
        if time.monotonic() >= ends:
            with tenant_session(key.tenant_id) as session:
                jobs.enqueue_once(session, jobs.Task.SETTLE_ORDERS, key)
            return


def _next(key: StoreKey) -> dict[int, datetime]:
    with tenant_session(key.tenant_id) as session:
        return _due(session, key, datetime.now(UTC), BATCH)


def _due(session: Session, key: StoreKey, now: datetime, limit: int) -> dict[int, datetime]:
    """Orders to read now, with when they were told of; those that wait longest first."""
    query = (
        select(UnsettledOrder.order_id, UnsettledOrder.told_at)
        .where(key.owns(UnsettledOrder), UnsettledOrder.due_at <= now)
        .order_by(UnsettledOrder.due_at, UnsettledOrder.order_id)
        .limit(limit)
    )
    return {row.order_id: row.told_at for row in session.execute(query)}


def _read_back(
    key: StoreKey,
    due: Mapping[int, datetime],
    transport: BaseAdapter | None,
    stop: threading.Event,
) -> None:
    asked_at = datetime.now(UTC)
    with store_client(key, transport, stoppable_sleep(stop, "Reading back")) as client:
        orders = reading.orders_by_ids(client, due)
    now = datetime.now(UTC)
    with tenant_session(key.tenant_id) as session:
        ingest.write(session, key, orders, now, reading=ingest.Reading(asked_at))
        known = {one.order_id if isinstance(one, Order) else one.shopify_id for one in orders}
        gone = _surely_gone(session, key, due.keys() - known, now)
        ingest.write(session, key, gone, now)
        _take_off(session, key, due, [one.order_id for one in orders if isinstance(one, Order)])
        _put_off(session, key, due, now)


def _surely_gone(session: Session, key: StoreKey, unknown: Collection[int], now: datetime) -> Sequence[Deleted]:
    """As deleted, those of the orders of which Shopify said often enough that there are none, and which it would show
    us."""
    store = session.get_one(Store, (key.tenant_id, key.store_id))
    tried = select(UnsettledOrder.order_id).where(key.owns(UnsettledOrder), UnsettledOrder.tries >= GONE_AFTER)
    mine = (key.owns(OrderRow), OrderRow.order_id.in_(tried))
    query = select(OrderRow.order_id).where(*mine, OrderRow.order_id.in_(unknown))
    if history.SCOPE not in store.scopes:
        query = query.where(OrderRow.created_at > now - history.SURELY_SHOWN)
    return [Deleted(Kind.ORDER, one, now, is_inferred=True) for one in session.scalars(query)]


def _take_off(session: Session, key: StoreKey, due: Mapping[int, datetime], read: Iterable[int]) -> None:
    """Remove orders from the list that are now stored from the API, or deleted, unless a newer webhook arrived since
    the request."""
    mine = (key.owns(OrderRow), OrderRow.order_id.in_(read))
    # A refund changes its order: a reading that is older than the refund lacks it.
    refunded_since = select(Refund.refund_id).where(
        key.owns(Refund),
        Refund.order_id == OrderRow.order_id,
        Refund.created_at > OrderRow.updated_at,
    )
    whole = select(OrderRow.order_id).where(*mine, OrderRow.source == Source.API, ~refunded_since.exists())
    gone = select(Deletion.shopify_id).where(key.owns(Deletion), Deletion.kind == Kind.ORDER)
    session.execute(
        delete(UnsettledOrder).where(
            key.owns(UnsettledOrder),
            _as_told(due),
            or_(UnsettledOrder.order_id.in_(whole), UnsettledOrder.order_id.in_(gone)),
        )
    )


def _put_off(session: Session, key: StoreKey, due: Mapping[int, datetime], now: datetime) -> None:
    """Those that are still on the list: Shopify's answer was older than its webhook, or it knows no such order."""
    mine = (key.owns(UnsettledOrder), _as_told(due))
    given_up = delete(UnsettledOrder).where(*mine, UnsettledOrder.tries >= TRIES).returning(UnsettledOrder.order_id)
    for order_id in session.scalars(given_up):
        log.warning("an order could not be read back", order_id=order_id)
    wait = func.power(2, UnsettledOrder.tries) * timedelta(minutes=1)
    session.execute(update(UnsettledOrder).where(*mine).values(tries=UnsettledOrder.tries + 1, due_at=now + wait))


def _let_others_pass(session: Session, key: StoreKey, due: Mapping[int, datetime], now: datetime) -> None:
    """Put these off by some minutes, each by another: they are not asked for together again."""
    wait = (1 + 3 * func.random()) * literal(timedelta(minutes=1))
    mine = (key.owns(UnsettledOrder), _as_told(due))
    session.execute(update(UnsettledOrder).where(*mine).values(due_at=now + wait))


def _as_told(due: Mapping[int, datetime]) -> ColumnElement[bool]:
    return tuple_(UnsettledOrder.order_id, UnsettledOrder.told_at).in_(due.items())
