"""Re-fetches customers for Shopify's own segments, which Shopify recomputes without a new version of the customer.

A customer who does not change is in no window of the syncs. Some customers are re-fetched every six minutes, those
first whose segments were read longest ago: at most 1,000 an hour, for 5,000 points of Shopify's rate limit. Spread
over the hour, they never empty the bucket that syncs pay from.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from requests.adapters import BaseAdapter
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import ingest, logs, stores
from core.database import StoreKey, jobs, tenant_session
from core.database.models import Customer
from core.errors import PermanentError
from core.shopify import pages
from core.stores.clients import stoppable_sleep, store_client

STALE_AFTER = timedelta(days=3)
"""The age from which a customer's statistics are read again."""
BATCH = pages.CUSTOMERS_AT_ONCE
"""Customers of one job, which is one request."""

log = logs.get(__name__)


def queue_if_due(key: StoreKey, now: datetime) -> None:
    """Queue the job where statistics are stale, unless the store is in its first load or hides its customers."""
    if not _may_refresh(key):
        return
    with tenant_session(key.tenant_id) as session:
        if _due(session, key, now, limit=1):
            jobs.enqueue_once(session, jobs.Task.REFRESH_STATISTICS, key)


def work_on(
    key: StoreKey, now: datetime, transport: BaseAdapter | None = None, stop: threading.Event | None = None
) -> None:
    """Re-fetch one batch of customers and write what changed. A permanent error of Shopify is only logged.

    Raises:
        ShopifyTransient, Stopping, DatabaseUnavailable: the queue retries the job.
    """
    if not _may_refresh(key):
        return
    with tenant_session(key.tenant_id) as session:
        due = _due(session, key, now, BATCH)
    if not due:
        return
    asked_at = datetime.now(UTC)
    sleep = stoppable_sleep(stop or threading.Event(), "Re-fetching customers")
    try:
        with store_client(key, transport, sleep) as client:
            customers = pages.customers_by_ids(client, due)
    except PermanentError as error:
        log.warning("customers were not re-fetched", reason=str(error))
        return
    with tenant_session(key.tenant_id) as session:
        ingest.write(session, key, customers, datetime.now(UTC), reading=ingest.Reading(asked_at))
        # Also those that Shopify does not know or Xeno cannot read: they must not come first for ever.
        ingest.mark_statistics_read(session, key, due, asked_at)


def _may_refresh(key: StoreKey) -> bool:
    """Whether the first load has ended, and the app may read customers."""
    store = stores.find(key)
    return store.complete_until is not None and store.may_read("customers")


def _due(session: Session, key: StoreKey, now: datetime, limit: int) -> Sequence[int]:
    """The customers whose statistics are stale, those read longest ago first."""
    oldest = (
        select(Customer.customer_id, Customer.statistics_read_at)
        .where(key.owns(Customer), Customer.deleted_at.is_(None))
        .order_by(Customer.statistics_read_at.nulls_first())
        .limit(limit)
        .subquery()
    )
    # Outside of the limit: where no customer is stale, a filter inside would read the whole index.
    is_stale = or_(oldest.c.statistics_read_at.is_(None), oldest.c.statistics_read_at < now - STALE_AFTER)
    return session.scalars(select(oldest.c.customer_id).where(is_stale)).all()
