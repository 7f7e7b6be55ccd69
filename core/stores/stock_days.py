"""Keeps the stock of each day: Shopify has only the present one, and no later reading can have it again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from core import stores
from core.database import StoreKey, tenant_session
from core.domain.periods import local_day

_KEEP_DAY = text("""
    INSERT INTO stock_by_day (
        tenant_id, store_id, business_date, inventory_item_id, location_id, available, on_hand)
    SELECT tenant_id, store_id, :day, inventory_item_id, location_id, available, on_hand FROM inventory_levels
    WHERE tenant_id = :tenant_id AND store_id = :store_id
      AND NOT EXISTS (
        SELECT FROM stock_by_day
        WHERE tenant_id = :tenant_id AND store_id = :store_id AND business_date = :day)
    ON CONFLICT DO NOTHING
""")

DAYS_KEPT = 400
"""A year to compare with, and some weeks: what is older answers no question."""
_DELETE_OLD = text("""
    DELETE FROM stock_by_day
    WHERE tenant_id = :tenant_id AND store_id = :store_id AND business_date < :first
""")


def keep_stock_of_day(store: StoreKey, now: datetime) -> None:
    """Keep the stock as it is now, as that of the store's present day; a day that has its stock keeps it.

    Days before the last `DAYS_KEPT` are deleted.
    """
    today = local_day(now, stores.find(store).time_zone)
    with tenant_session(store.tenant_id) as session:
        session.execute(_KEEP_DAY, {**store.parameters, "day": today})
        session.execute(_DELETE_OLD, {**store.parameters, "first": today - timedelta(days=DAYS_KEPT - 1)})
