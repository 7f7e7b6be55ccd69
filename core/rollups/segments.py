"""Scores all customers of a store each night, and after the first load, by `core.metrics.customers.segments`.

Triggers would not do: a score is the fifth of all customers that one is in, so each order moves others.
"""

# ruff: noqa: S608  # The parts are of this file and `formulas`, all values are parameters.

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import delete, func, insert, literal, select, text, update
from sqlalchemy.dialects import postgresql

from core import stores
from core.database import StoreKey, jobs, tenant_session
from core.database.models import CustomerScore, SegmentBuild, SegmentSum, Store
from core.domain.periods import last_time_of_day
from core.metrics import formulas as f
from core.metrics.customers.segments import GRID

NIGHT = time(4, 30)
"""When a build is due, on the store's clock."""


def rebuild_segments(store: StoreKey, now: datetime) -> None:
    """Replace the scores of a store in one transaction; pages see the old ones until it ends.

    Customers with an order in the store's own currency are scored, by these orders to date.
    """
    currency = stores.find(store).currency
    grid = {"segments": [segment.value for row in GRID for segment in row]}
    with tenant_session(store.tenant_id) as session:
        for model in (CustomerScore, SegmentSum):
            session.execute(delete(model).where(store.owns(model)))
        session.execute(_SCORE, {**store.parameters, **grid, "currency": currency})
        key = (literal(store.tenant_id), literal(store.store_id))
        scores = CustomerScore
        summed = select(*key, scores.segment, func.count(), func.sum(scores.orders), func.sum(scores.net_sales))
        columns = ["tenant_id", "store_id", "segment", "customers", "orders", "net_sales"]
        session.execute(
            insert(SegmentSum).from_select(columns, summed.where(store.owns(scores)).group_by(scores.segment))
        )
        count = select(func.count()).select_from(scores).where(store.owns(scores))
        outcome = {"built_at": now, "currency": currency, "customers": session.scalar(count)}
        build = postgresql.insert(SegmentBuild).values(**store.parameters, **outcome)
        session.execute(build.on_conflict_do_update(index_elements=["tenant_id", "store_id"], set_=outcome))
        # Pages keep answers until the next revision.
        session.execute(update(Store).where(store.owns(Store)).values(revision=Store.revision + 1))


def queue_segments_if_due(store: StoreKey, now: datetime) -> None:
    """Queue a build once a night, and as soon as the first load has ended: the job of the baskets builds both."""
    view = stores.find(store)
    if view.complete_until is None:
        return
    last_night = last_time_of_day(NIGHT, view.time_zone, now)
    with tenant_session(store.tenant_id) as session:
        built_at = session.scalar(select(SegmentBuild.built_at).where(store.owns(SegmentBuild)))
        if built_at is None or built_at < last_night:
            jobs.enqueue_once(session, jobs.Task.COUNT_BASKETS, store)


# rank() gives equal customers one rank, so ties share a score. The grid is read row by row, five in each.
_SCORE = text(f"""
    INSERT INTO customer_scores (
        tenant_id, store_id, customer_key, segment, recency, frequency, monetary, orders, net_sales, last_order_at
    )
    SELECT :tenant_id, :store_id, customer_key,
           (CAST(:segments AS text[]))[5 * (recency - 1) + (frequency + monetary + 1) / 2],
           recency, frequency, monetary, orders, net_sales, last_order_at
    FROM (
        SELECT t.customer_key, t.orders, t.net_sales, t.last_order_at,
               CAST(1 + 5 * (rank() OVER (ORDER BY t.last_date) - 1) / count(*) OVER () AS integer) AS recency,
               CAST(1 + 5 * (rank() OVER (ORDER BY t.orders) - 1) / count(*) OVER () AS integer) AS frequency,
               CAST(1 + 5 * (rank() OVER (ORDER BY t.net_sales) - 1) / count(*) OVER () AS integer) AS monetary
        FROM customer_totals t
        WHERE {f.of_store("t")} AND t.currency = :currency
    ) scored
""")
