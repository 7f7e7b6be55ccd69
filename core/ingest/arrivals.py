"""Counts how changes of orders were first heard of: by a webhook, or only when the API was asked."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ingest.target import Target
from core.records import Order, Source

# A version that is here already (a webhook's, read back) is no news.
_COUNT = text("""
    INSERT INTO arrivals AS a (tenant_id, store_id, day, source, changes)
    SELECT :tenant_id, :store_id, (told.at AT TIME ZONE :zone)::date AS day, told.source, count(*)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:at AS timestamptz[]), CAST(:sources AS text[]))
         AS told (order_id, at, source)
    WHERE NOT EXISTS (
        SELECT FROM orders o
        WHERE o.tenant_id = :tenant_id AND o.store_id = :store_id AND o.order_id = told.order_id
          AND o.updated_at >= told.at AND o.source <> 'csv'
    )
    GROUP BY day, told.source
    ORDER BY day, told.source
    ON CONFLICT (tenant_id, store_id, day, source) DO UPDATE SET changes = a.changes + excluded.changes
""")


def note(session: Session, target: Target, orders: Collection[Order]) -> None:
    """Count these versions, which are about to be written.

    Those of a file of orders are nobody's news, and what Shopify changed before the store was connected was never to
    be told by a webhook.
    """
    since = target.connected_at
    news = [o for o in orders if o.source != Source.CSV and (since is None or o.updated_at >= since)]
    if news:
        told = {
            "ids": [order.order_id for order in news],
            "at": [order.updated_at for order in news],
            "sources": [str(order.source) for order in news],
        }
        session.execute(_COUNT, {**target.key, "zone": target.zone.key, **told})
