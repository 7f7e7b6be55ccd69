"""Faults of other programs that do this job, each by its name, from the delivery or the sync to the figures.

Those of one room alone are tested beside it: addresses that lead elsewhere in shopify/test_shops.py, secrets that
leave in shopify/test_auth.py, privacy requests in privacy, two tenants' equal ids in webhook_receiver/.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from sqlalchemy import func, select

from core import database
from core.config import settings
from core.database import tenant_session
from core.database.models import Order, Sale, Store
from core.domain.periods import Period
from core.metrics import Scope
from core.metrics.customers.listing import Buyer, buyers
from core.metrics.sales.overview import Headline, report
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from core.simulator.webhooks.order_bodies import order_body
from core.webhooks import apply
from tests.cast import NOW, Business, Cast
from tests.core.conftest import ACME_TOKEN
from tests.core.shopify.fakes import reply
from tests.core.sync.syncing import ask, work
from tests.core.transports import Wire
from tests.core.webhooks.test_apply import sample
from tests.shopify_sends import ACME_SECRET, deliveries, give_secret, store_delivery
from tests.stored import ledger, row, rows

PLACED = "2026-11-02T10:00:00+01:00"
LATER = "2026-11-09T10:00:00+01:00"
DAY = date(2026, 11, 2)
ZONE = ZoneInfo("Europe/Berlin")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), ZONE)


def sold(number: int, **changes: Any) -> dict[str, Any]:
    """Shopify's sample order, as if placed this month and in the store's currency, and not cancelled."""
    body = {
        "created_at": PLACED,
        "processed_at": PLACED,
        "updated_at": PLACED,
        "cancelled_at": None,
        "currency": "EUR",
    }
    return sample("orders__create", id=number, test=False, cancel_reason=None, **body | changes)


def guest(number: int, email: str | None) -> dict[str, Any]:
    return sold(number, customer=None, email=email, contact_email=email)


def send(business: Business, topic: str, *bodies: Any) -> None:
    """Store each delivery, then apply all of them."""
    for body in bodies:
        store_delivery(business, topic, body, confirmed_at=NOW)
    apply.apply_pending(business.key, NOW)
    assert {delivery.state for delivery in deliveries(business)} == {"applied"}


def buyers_of(business: Business) -> dict[str, Buyer]:
    with tenant_session(business.tenant_id) as session:
        spenders = buyers(session, Scope(business.key), NOVEMBER)
    return {buyer.customer_key: buyer for buyer in spenders}


def figures(business: Business, period: Period = NOVEMBER) -> Headline:
    with tenant_session(business.tenant_id) as session:
        return report(session, Scope(business.key), period, period.grain).whole


def test_a_start_wipes_nothing(cast: Cast) -> None:
    """What every start of an installation does to its database."""
    send(cast.acme, "orders/create", sold(1))
    before = ledger(cast.acme), rows(cast.acme, Store), len(deliveries(cast.acme))

    for _ in range(2):
        database.migrate()

    assert (ledger(cast.acme), rows(cast.acme, Store), len(deliveries(cast.acme))) == before


def test_a_duplicate_never_doubles_a_customers_spend(cast: Cast) -> None:
    send(cast.acme, "orders/create", sold(1))
    once = buyers_of(cast.acme)

    send(cast.acme, "orders/create", sold(1), sold(1))
    send(cast.acme, "orders/updated", sold(1))

    (buyer,) = once.values()
    assert (buyer.orders, buyer.orders_to_date) == (1, 1)
    assert buyer.net_sales_to_date > 0
    assert buyers_of(cast.acme) == once


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
def test_a_stale_update_never_overwrites_a_newer_one(cast: Cast, together: bool) -> None:
    newer, older = sold(1, updated_at=LATER, financial_status="paid"), sold(1, financial_status="pending")
    batches = [(newer, older)] if together else [(newer,), (older,)]
    for batch in batches:
        send(cast.acme, "orders/updated", *batch)

    assert row(cast.acme, Order)["financial_status"] == "paid"


def test_guest_orders_belong_to_no_customer_and_a_second_guest_is_written_like_the_first(cast: Cast) -> None:
    send(cast.acme, "orders/create", sold(1), guest(2, None), guest(3, None), guest(4, "a@example.com"))
    send(cast.acme, "orders/create", guest(5, "b@example.com"), guest(6, "A@Example.com"))

    spenders = {key: buyer.orders for key, buyer in buyers_of(cast.acme).items()}
    customer_id = sold(1)["customer"]["id"]
    assert spenders == {f"c:{customer_id}": 1, "o:2": 1, "o:3": 1, "e:a@example.com": 2, "e:b@example.com": 1}
    assert [order_row["customer_id"] for order_row in rows(cast.acme, Order)] == [customer_id, *[None] * 5]


def test_a_store_that_sends_the_order_and_customer_ids_of_anothers_changes_nothing_there(cast: Cast) -> None:
    send(cast.acme, "orders/create", sold(1))
    before = ledger(cast.acme), buyers_of(cast.acme)

    in_dollars = {"currency": "USD"}
    changed = sold(1, updated_at=LATER, financial_status="voided", **in_dollars)
    send(cast.globex, "orders/updated", changed, sold(2, **in_dollars))
    send(cast.globex, "orders/delete", {"id": 1})

    assert (ledger(cast.acme), buyers_of(cast.acme)) == before
    assert [buyer.orders for buyer in buyers_of(cast.globex).values()] == [1]


def test_an_order_counts_on_the_day_it_was_placed_and_not_when_it_arrives(cast: Cast) -> None:
    send(cast.acme, "orders/create", sold(1, updated_at=LATER))

    assert NOW.date() != DAY
    assert row(cast.acme, Order)["business_date"] == DAY
    assert {sale["business_date"] for sale in rows(cast.acme, Sale)} == {DAY}
    assert figures(cast.acme, Period(DAY, DAY, ZONE)).orders == 1


def test_a_refund_reduces_sales_when_its_webhook_arrives(cast: Cast) -> None:
    send(cast.acme, "orders/create", sold(820982911946154508))
    before = figures(cast.acme)
    refund = sample("refunds__create", created_at=LATER, processed_at=LATER)
    send(cast.acme, "refunds/create", refund)

    after = figures(cast.acme)
    assert after.returns > 0 == before.returns
    assert after.net_sales == before.net_sales - after.returns
    assert after.total_sales < before.total_sales


def test_a_cancellation_that_pays_back_reduces_sales_to_nothing(cast: Cast, simulator: Simulator) -> None:
    """As Shopify sends it: the order with its refund inside."""
    order = cancelled(simulator)
    send(cast.acme, "orders/cancelled", order)

    assert row(cast.acme, Order)["cancelled_at"] is not None
    assert rows(cast.acme, Sale) != []
    total = sum((sale["net"] + sale["tax"] for sale in rows(cast.acme, Sale)), Decimal(0))
    assert total == 0


def cancelled(simulator: Simulator) -> dict[str, Any]:
    order_id = simulator.sell()
    simulator.cancel(order_id)
    shop = simulator.live_shop().shop
    return dict(order_body(shop, shop.orders[order_id]))


def one_429(at: int) -> Wire:
    """The n-th request is answered with a 429; the rest goes through."""

    def refuse(number: int) -> requests.Response | None:
        if number != at:
            return None
        refusal = reply("", 429, {"Retry-After": "1"})
        refusal.raw = io.BytesIO()  # a result file is read as it comes
        return refusal

    return Wire(refuse)


@pytest.mark.parametrize("at", [1, 3, 8])
def test_one_429_does_not_end_a_backfill(connected: Cast, shopify: Simulator, at: int) -> None:
    wire, run_id = one_429(at), ask(connected.acme)
    for _ in range(3):
        run = work(connected.acme, run_id, wire)

    assert (run.state, run.error) == ("succeeded", None)
    assert len(rows(connected.acme, Order)) == len(shopify.live_shop().shop.orders)


@pytest.fixture
def large(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Business]:
    """Acme's store, of a shop with 2,500 orders; its first load is behind it, so that they come in pages of 50."""
    spec = ShopSpec(domain=cast.acme.shop_domain, customers=9, orders=2500, until=date(2026, 11, 20), days=200)
    setup = Setup(spec, token=ACME_TOKEN, secret=ACME_SECRET, bucket_size=20_000, restore_rate=1_000_000)
    with Simulator([setup]).running() as running:
        monkeypatch.setenv("SHOPIFY_ADMIN_URL", running.admin_url)
        settings.cache_clear()
        give_secret(cast.acme, ACME_SECRET, token=ACME_TOKEN)
        with tenant_session(cast.acme.tenant_id) as session:
            store = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
            assert store is not None
            store.complete_until = datetime(2020, 1, 1, tzinfo=UTC)
        yield cast.acme
    monkeypatch.undo()
    settings.cache_clear()


def orders_in(business: Business) -> int:
    with tenant_session(business.tenant_id) as session:
        return session.scalar(select(func.count()).select_from(Order).where(business.key.owns(Order))) or 0


def test_a_run_of_2500_orders_is_not_called_succeeded_with_50_of_them(large: Business) -> None:
    run_id, on_the_way = ask(large), []
    for _ in range(6):
        assert work(large, run_id, slice_length=timedelta(0)).active
        on_the_way.append(orders_in(large))
    run = work(large, run_id, slice_length=timedelta(minutes=5))

    assert {50, 100} <= set(on_the_way)
    assert (run.state, run.error, orders_in(large)) == ("succeeded", None, 2500)
