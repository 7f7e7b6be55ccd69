"""A month as it was known: the simulator's own totals, noted then, before it changed days that were over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import text, update

from core import ingest
from core.config import DEMO_SHOP, DEMO_TOKEN
from core.database import tenant_session
from core.database.models import Store
from core.domain import Deleted, Kind
from core.domain.periods import Period
from core.metrics.bridges.known_figures import KnownFigures, figures_since
from core.metrics.bridges.late_changes import late_changes
from core.shopify import pages
from core.shopify.client import ShopifyClient
from core.simulator.http.live_shop import LiveShop, Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import RARE_ORDERS, ShopSpec
from core.simulator.shop.truth import truth
from tests.cast import NOW, Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.simulated import every

SPEC = ShopSpec(seed=11, customers=30, orders=90, until=date(2026, 11, 20), days=60, rare_orders=RARE_ORDERS)
MONTHS = (("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-18"))
Figures = tuple[Decimal | int, ...]


def ours(figures: KnownFigures) -> Figures:
    names = ("gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes", "duties", "fees", "total_sales")
    return (*(getattr(figures, name) for name in names), figures.orders, figures.placed_value)


def true(live: LiveShop, period: Period) -> Figures:
    """Return the simulator's own totals of a period, as they are at this time."""
    totals = truth(live.shop, period.start, period.end).totals
    names = ("gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes", "duties", "fees", "total_sales")
    return (*(getattr(totals, name) for name in names), totals.orders, totals.placed_net)


def change_the_past(live: LiveShop) -> int:
    """Sell, refund, edit and delete in days that are over; returns the id of the deleted order."""
    for day in (5, 12, 25):
        live.trigger("sell", at=datetime(2026, 10, day, 10, tzinfo=UTC))
    orders = sorted(live.shop.orders.values(), key=lambda order: order.processed_at)
    plain = [order for order in orders if not order.refunds and not order.cancelled_at and not order.test]
    refunded, edited, cancelled, deleted = plain[3], plain[8], plain[13], plain[-6]
    at = datetime(2026, 11, 10, 9, tzinfo=UTC)
    live.trigger("refund", {"order_id": refunded.order_id}, at)
    live.trigger("edit", {"order_id": edited.order_id}, at + timedelta(days=1))
    live.trigger("cancel", {"order_id": cancelled.order_id}, at + timedelta(days=2))
    live.trigger("delete_order", {"order_id": deleted.order_id})
    return deleted.order_id


def test_months_as_they_were_known_are_the_totals_that_the_simulator_had_then(cast: Cast) -> None:
    store = shop_of(cast.acme)
    periods = [store.days(*month) for month in MONTHS]
    with Simulator([Setup(SPEC, restore_rate=1_000_000)]).running() as simulator:
        client, live = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=simulator.admin_url), simulator.live_shop()
        _read(store, client, NOW)
        with tenant_session(cast.acme.tenant_id) as session:
            ended = update(Store).where(cast.acme.key.owns(Store))
            session.execute(ended.values(changes_kept_since=text("clock_timestamp()")))
        noted = [true(live, period) for period in periods]
        with tenant_session(cast.acme.tenant_id) as session:
            at = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        deleted = change_the_past(live)
        store.receive(Deleted(Kind.ORDER, deleted, NOW))
        _read(store, client, NOW + timedelta(days=1))
        client.close()
        for period, then in zip(periods, noted, strict=True):
            now = true(live, period)
            assert now != then, "the month changed, or this test would prove nothing"
            since = store.ask(figures_since, period, at)
            assert since is not None
            assert ours(since.then) == then
            assert ours(since.now) == now
            rows = store.ask(late_changes, period, at)
            assert sum(row.change for row in rows) == now[3] - then[3]  # type: ignore[operator]
            assert sum(row.total_change for row in rows) == now[8] - then[8]  # type: ignore[operator]


def _read(store: Shop, client: ShopifyClient, now: datetime) -> None:
    """Read all orders, as a sync does."""
    with tenant_session(store.business.tenant_id) as session:
        ingest.write(session, store.business.key, every(pages.orders_page, client), now)
