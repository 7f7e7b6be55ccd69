"""Asks for checks of Acme's store, and looks at what they noted and left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import delete, text, update

from core import reconcile
from core.database import StoreKey, tenant_session
from core.database.models import CheckRun, Customer, Product, Store
from core.domain.periods import Period
from core.metrics import Scope, health
from core.metrics.health import Day
from core.reconcile import runs
from core.shopify import pages
from core.simulator.http.simulator import Simulator
from core.simulator.shop.model import Order
from core.sync import run_life
from tests.cast import NOW, Cast
from tests.stored import rows

SCOPES = ["read_orders", "read_products", "read_customers", "read_all_orders", "read_reports"]
LAST = date(2026, 11, 19)
"""The day before the present of these tests."""
SHOWN = Period(date(2026, 1, 1), LAST, ZoneInfo("Europe/Berlin"))


def ask(cast: Cast, whole: bool = False) -> int:
    return reconcile.request(cast.alice.actor, cast.acme.store_id, NOW, whole)


def work(cast: Cast, run_id: int, **changes: Any) -> None:
    reconcile.work_on(cast.acme.key, run_id, **changes)


def check(cast: Cast, whole: bool = False, **changes: Any) -> None:
    """Compare the days before NOW, whatever was compared before."""
    run_id = ask(cast, whole)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(CheckRun).where(CheckRun.run_id == run_id).values(requested_at=datetime.now(UTC)))
    work(cast, run_id, slice_length=timedelta(minutes=2), **changes)
    (run, *_) = runs.recent(cast.acme.key)
    assert (run.state, run.error) == ("succeeded", None)


def end_check(store: StoreKey, run_id: int, now: datetime, error: str | None = None) -> None:
    """End a check as its last job would."""
    with tenant_session(store.tenant_id) as session:
        run_life.finish(session, runs.key_of(store, run_id), now, error)


def deleted_ids(cast: Cast, model: type[Customer] | type[Product]) -> set[int]:
    """The ids of the store's records that are marked as deleted."""
    key = "customer_id" if model is Customer else "product_id"
    return {record[key] for record in rows(cast.acme, model) if record["deleted_at"] is not None}


def forget(cast: Cast, customer_id: int) -> None:
    """As if the customer had never been read."""
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(delete(Customer).where(Customer.customer_id == customer_id))


def compared(cast: Cast) -> tuple[Day, ...]:
    with tenant_session(cast.acme.tenant_id) as session:
        return health.days(session, Scope(cast.acme.key), SHOWN)


def day_of(cast: Cast, shopify: Simulator, order: Order) -> Day:
    (found,) = [day for day in compared(cast) if day.day == local(shopify, order)]
    return found


def some_order(shopify: Simulator) -> Order:
    """A paid order of the last weeks, of which nothing came back."""
    return next(
        order
        for order in reversed(list(shopify.live_shop().shop.orders.values()))
        if not order.test
        and not order.refunds
        and not order.is_edited
        and date(2026, 10, 1) < local(shopify, order) < LAST
    )


def local(shopify: Simulator, order: Order) -> date:
    return shopify.live_shop().shop.local(order.processed_at).date()


def placed_by_day(shopify: Simulator) -> dict[date, list[Order]]:
    found: dict[date, list[Order]] = {}
    for each in shopify.live_shop().shop.orders.values():
        found.setdefault(local(shopify, each), []).append(each)
    return found


def delete_in_shopify(shopify: Simulator, order: Order) -> None:
    with shopify.live_shop().lock:
        del shopify.live_shop().shop.orders[order.order_id]
        shopify.live_shop().shop.revision += 1


def by_owner(database_url: str, statement: str, order_id: int) -> None:
    """As somebody at the database's own prompt, whom no policy binds."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(statement, (order_id,))


def check_jobs(database_url: str) -> int:
    with psycopg.connect(database_url) as owner:
        found = owner.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'check_days'").fetchone()
        return found[0] if found else 0


def rows_of(cast: Cast, order: Order) -> dict[str, list[dict[str, Any]]]:
    found = {}
    with tenant_session(cast.acme.tenant_id) as session:
        for table in ("orders", "line_items", "shipping_lines", "sales"):
            query = text(f"SELECT * FROM {table} WHERE order_id = :order_id ORDER BY 4, 5")
            rows = session.execute(query, {"order_id": order.order_id}).mappings()
            # An order that is read by its id comes with Shopify's ledger; that is more, not something else. Nor is
            # when it was read.
            left_out = ("agreements", "agreed_refunds", "agreed_at", "read_at")
            found[table] = [{name: row[name] for name in row if name not in left_out} for row in rows]
    return found


def revision(cast: Cast) -> int:
    with tenant_session(cast.acme.tenant_id) as session:
        found = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
        assert found is not None
        return found.revision


def change_store(cast: Cast, **values: Any) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Store).where(cast.acme.key.owns(Store)).values(**values))


def everything(client: Any) -> Iterator[pages.Page]:
    for page_of in (pages.products_page, pages.customers_page, pages.orders_page):
        after = None
        while True:
            page = page_of(client, "", after, 50)
            yield page
            if not page.has_next:
                break
            after = page.end_cursor
