"""Counts whether a webhook or the API brought each change of an order first, and notes missed webhooks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from core.database import StoreKey
from core.database.models import Store
from core.domain import Order, Source
from core.ingest.target import Target

# A version that is stored already (a webhook's, re-fetched) does not count again.
_COUNT = text("""
    WITH live AS (
        UPDATE stores SET webhooks_missed_at = NULL
        WHERE tenant_id = :tenant_id AND store_id = :store_id AND webhooks_missed_at IS NOT NULL
          AND 'webhook' = ANY(CAST(:sources AS text[]))
    )
    INSERT INTO arrivals AS a (tenant_id, store_id, day, source, changes)
    SELECT :tenant_id, :store_id, (version.at AT TIME ZONE :zone)::date AS day, version.source, count(*)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:at AS timestamptz[]), CAST(:sources AS text[]))
         AS version (order_id, at, source)
    WHERE NOT EXISTS (
        SELECT FROM orders o
        WHERE o.tenant_id = :tenant_id AND o.store_id = :store_id AND o.order_id = version.order_id
          AND o.updated_at >= version.at AND o.source <> 'csv'
    )
    GROUP BY day, version.source
    ORDER BY day, version.source
    ON CONFLICT (tenant_id, store_id, day, source) DO UPDATE SET changes = a.changes + excluded.changes
""")


LATE = timedelta(minutes=2)
"""A change that is older and came by no webhook was missed: Shopify sends webhooks within seconds, as a rule."""

# A delivery that waits to be applied was not missed.
_FIND_MISSED = text("""
    SELECT EXISTS (
        SELECT FROM orders o
        WHERE o.tenant_id = :tenant_id AND o.store_id = :store_id AND o.order_id = version.order_id
          AND o.source <> 'csv'
    ) AS is_known
    FROM stores s, unnest(CAST(:ids AS bigint[]), CAST(:at AS timestamptz[])) AS version (order_id, at)
    WHERE s.tenant_id = :tenant_id AND s.store_id = :store_id AND s.webhook_note IS NULL
      AND version.at >= s.connected_at AND version.at < :late
      AND NOT EXISTS (
          SELECT FROM orders o
          WHERE o.tenant_id = :tenant_id AND o.store_id = :store_id AND o.order_id = version.order_id
            AND o.updated_at >= version.at AND o.source <> 'csv'
      )
      AND NOT EXISTS (
          SELECT FROM deliveries d
          WHERE d.tenant_id = :tenant_id AND d.store_id = :store_id AND d.state = 'pending'
      )
""")


_COUNT_NEW = text("""
    SELECT count(*) FROM unnest(CAST(:ids AS bigint[])) AS read (order_id)
    WHERE NOT EXISTS (
        SELECT FROM orders o
        WHERE o.tenant_id = :tenant_id AND o.store_id = :store_id AND o.order_id = read.order_id
    )
""")


def count_new(session: Session, store: StoreKey, orders: Collection[Order]) -> int:
    """Count the orders that are not stored yet. Call it before they are written."""
    if not orders:
        return 0
    ids = sorted({order.order_id for order in orders})
    return int(session.scalar(_COUNT_NEW, {**store.parameters, "ids": ids}) or 0)


def note_missed(session: Session, store: StoreKey, orders: Collection[Order], now: datetime) -> bool:
    """Note a new order that a sync read without a webhook: the store is no longer live.

    Returns whether any order to be written has a change whose webhook is overdue.
    """
    if not orders:
        return False
    read = {"ids": [order.order_id for order in orders], "at": [order.updated_at for order in orders]}
    missed = session.scalars(_FIND_MISSED, {**store.parameters, **read, "late": now - LATE}).all()
    if not all(missed):
        session.execute(update(Store).where(store.owns(Store)).values(webhooks_missed_at=now))
    return bool(missed)


def count_changes(session: Session, target: Target, orders: Collection[Order]) -> None:
    """Count these versions, which are about to be written.

    Orders of a file do not count, nor changes from before the store was connected: no webhook could bring them.
    """
    since = target.connected_at
    changes = [o for o in orders if o.source != Source.CSV and (since is None or o.updated_at >= since)]
    if changes:
        values = {
            "ids": [order.order_id for order in changes],
            "at": [order.updated_at for order in changes],
            "sources": [str(order.source) for order in changes],
        }
        session.execute(_COUNT, {**target.store.parameters, "zone": target.zone.key, **values})
