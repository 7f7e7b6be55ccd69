"""Counts which products are bought together, what a first purchase leads to, what sold lately and what ran out.

Rebuilt each night and after the first load. Triggers would not do: one older order changes which order of a customer
is the first, and an order of n products has n × (n - 1) / 2 pairs.
"""

# ruff: noqa: S608  # The parts are of this file and `formulas`, all values are parameters.

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import stores
from core.database import StoreKey, jobs, tenant_session
from core.database.models import (
    BasketBuild,
    BasketProduct,
    FirstProduct,
    NextProduct,
    ProductPair,
    RecentSale,
    RecentStock,
    Store,
)
from core.domain.periods import last_time_of_day, local_day
from core.metrics import formulas as f
from core.metrics.products.changes import COUNTED_RECENT, class_parameters
from core.rollups.recent_stock import RECENT_STOCK

NIGHT = time(0, 15)
"""When a rebuild is due, on the store's clock: as soon as the last of its days is over."""
DAYS = 365
MOST_PRODUCTS = 20
"""An order of more products has pairs of chance: a wholesaler's, or a test of the checkout."""
FEWEST_TOGETHER, MOST_PAIRS = 3, 5_000
AGAIN_WITHIN = 90
"""Days within which a second order counts. Only customers who had all of them are counted."""
MOST_NEXT, FEWEST_NEXT = 5, 2


def rebuild_baskets(store: StoreKey, now: datetime) -> None:
    """Replace the counts of a store in one transaction; pages see the old ones until it ends."""
    today = local_day(now, stores.find(store).time_zone)
    days = {
        "start": today - timedelta(days=DAYS),
        "end": today - timedelta(days=1),
        "first_start": today - timedelta(days=DAYS + AGAIN_WITHIN),
        "first_end": today - timedelta(days=AGAIN_WITHIN + 1),
    }
    limits = {"most_products": MOST_PRODUCTS, "fewest_together": FEWEST_TOGETHER, "most_pairs": MOST_PAIRS}
    nexts = {"again_within": AGAIN_WITHIN, "most_next": MOST_NEXT, "fewest_next": FEWEST_NEXT}
    with tenant_session(store.tenant_id) as session:
        for model in (BasketProduct, ProductPair, FirstProduct, NextProduct, RecentSale, RecentStock):
            session.execute(delete(model).where(store.owns(model)))
        counts: dict[str, int] = {}
        for statement in (_COUNT_PAIRS, _COUNT_FIRSTS):
            row = session.execute(statement, {**store.parameters, **days, **limits, **nexts}).mappings().one()
            counts |= dict(row)
        for statement in (_KEEP_RECENT, RECENT_STOCK):
            session.execute(statement, {**store.parameters, **class_parameters(today)})
        _record(session, store, {"built_at": now, **days, **counts})
        # Pages keep answers until the next revision.
        session.execute(update(Store).where(store.owns(Store)).values(revision=Store.revision + 1))


def queue_baskets_if_due(store: StoreKey, now: datetime) -> None:
    """Queue a rebuild once a night, and as soon as the first load has ended."""
    view = stores.find(store)
    if view.complete_until is None:
        return
    last_night = last_time_of_day(NIGHT, view.time_zone, now)
    with tenant_session(store.tenant_id) as session:
        built_at = session.scalar(select(BasketBuild.built_at).where(store.owns(BasketBuild)))
        if built_at is None or built_at < last_night:
            jobs.enqueue_once(session, jobs.Task.COUNT_BASKETS, store)


def _record(session: Session, store: StoreKey, outcome: dict[str, object]) -> None:
    statement = insert(BasketBuild).values(**store.parameters, **outcome)
    session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "store_id"], set_=outcome))


_PLACED_GOODS = "s.reason = 'order' AND s.line_type = 'product' AND s.product_id IS NOT NULL"

_KEEP_RECENT = text(f"""
INSERT INTO recent_sales (tenant_id, store_id, currency, product_id, variant_id, units, net_sales)
SELECT :tenant_id, :store_id, recent.* FROM ({COUNTED_RECENT}) recent
""")

_COUNT_PAIRS = text(f"""
WITH bought AS MATERIALIZED (
    SELECT DISTINCT s.order_id, s.product_id FROM sales s
    WHERE {f.SALES_OF_STORE} AND s.business_date BETWEEN :start AND :end AND {_PLACED_GOODS}
), sized AS MATERIALIZED (
    SELECT order_id, count(*) AS products FROM bought GROUP BY order_id
), counted AS MATERIALIZED (
    SELECT bought.* FROM bought JOIN sized USING (order_id) WHERE products <= :most_products
), of_products AS (
    INSERT INTO basket_products (tenant_id, store_id, product_id, orders)
    SELECT :tenant_id, :store_id, product_id, count(*) FROM counted GROUP BY product_id
), of_pairs AS (
    INSERT INTO product_pairs (tenant_id, store_id, product_id, other_id, orders)
    SELECT :tenant_id, :store_id, one.product_id, other.product_id, count(*)
    FROM counted one
    JOIN counted other ON other.order_id = one.order_id AND other.product_id > one.product_id
    GROUP BY one.product_id, other.product_id
    HAVING count(*) >= :fewest_together
    ORDER BY count(*) DESC, one.product_id, other.product_id
    LIMIT :most_pairs
)
SELECT count(*) FILTER (WHERE products <= :most_products) AS orders,
       count(*) FILTER (WHERE products > :most_products) AS large_orders
FROM sized
""")

_COUNT_FIRSTS = text(f"""
WITH firsts AS MATERIALIZED (
    SELECT c.customer_key, c.order_id, c.business_date FROM customer_orders c
    WHERE {f.of_store("c")} AND c.number = 1 AND c.business_date BETWEEN :first_start AND :first_end
      AND c.customer_key NOT LIKE 'o:%'
), seconds AS MATERIALIZED (
    SELECT c.customer_key, c.order_id FROM customer_orders c
    JOIN firsts USING (customer_key)
    WHERE {f.of_store("c")} AND c.number = 2
      AND c.business_date <= firsts.business_date + CAST(:again_within AS integer)
), began AS MATERIALIZED (
    SELECT DISTINCT firsts.customer_key, s.product_id
    FROM firsts JOIN sales s ON {f.SALES_OF_STORE} AND s.order_id = firsts.order_id AND {_PLACED_GOODS}
), went_on AS MATERIALIZED (
    SELECT DISTINCT seconds.customer_key, s.product_id
    FROM seconds JOIN sales s ON {f.SALES_OF_STORE} AND s.order_id = seconds.order_id AND {_PLACED_GOODS}
), of_firsts AS (
    INSERT INTO first_products (tenant_id, store_id, product_id, customers, repeat_customers)
    SELECT :tenant_id, :store_id, began.product_id, count(*), count(seconds.customer_key)
    FROM began LEFT JOIN seconds USING (customer_key)
    GROUP BY began.product_id
), of_nexts AS (
    INSERT INTO next_products (tenant_id, store_id, product_id, next_id, customers)
    SELECT :tenant_id, :store_id, product_id, next_id, customers
    FROM (
        SELECT began.product_id, went_on.product_id AS next_id, count(*) AS customers,
               row_number() OVER (PARTITION BY began.product_id ORDER BY count(*) DESC, went_on.product_id) AS place
        FROM began JOIN went_on USING (customer_key)
        GROUP BY began.product_id, went_on.product_id
    ) ranked
    WHERE place <= :most_next AND customers >= :fewest_next
)
SELECT count(*) AS customers, count(seconds.customer_key) AS repeat_customers
FROM firsts LEFT JOIN seconds USING (customer_key)
""")
"""A customer whom only an order number names cannot be seen to come back, so such customers are not counted.

`customer_orders` numbers the orders of every currency.
"""
