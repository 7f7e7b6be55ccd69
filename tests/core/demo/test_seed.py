"""The demo is seeded as a merchant would: a user registers, connects both shops, and the worker syncs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from core import accounts, costs, stores
from core.config import DEMO_SECRET, DEMO_TOKEN, DEMO_TOKENS, settings
from core.connections import connect
from core.database import StoreKey, tenant_session
from core.database.models import Delivery
from core.demo import seed
from core.shopify.auth import AdminToken
from core.shopify.webhooks import WebhookHeaders
from core.simulator.http.demo_shops import demo_shops
from core.simulator.http.simulator import Simulator
from core.stores import StoreView
from core.sync import runs
from core.webhooks.receive import Inbox
from core.webhooks.storage import Stored
from tests.core.simulator.conftest import receiver
from tests.core.simulator.receivers import Receiver

__all__ = ["receiver"]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


FIELDSTONE, TIDEWATER = DEMO_TOKENS


@pytest.fixture
def simulator(clean_database: None, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    setups = [replace(setup, spec=replace(setup.spec, customers=2, orders=3)) for setup in demo_shops(NOW)]
    with Simulator(setups, clock=lambda: NOW).running() as running:
        monkeypatch.setenv("SHOPIFY_ADMIN_URL", running.admin_url)
        monkeypatch.setenv("PUBLIC_WEBHOOK_URL", receiver.url)
        settings.cache_clear()
        yield running
        monkeypatch.undo()
        settings.cache_clear()


def demo_stores() -> tuple[StoreView, ...]:
    (tenant,) = accounts.tenants_of(accounts.find_user(seed.DEMO_USER).user_id)
    return stores.list_stores(tenant.tenant_id)


def test_the_demo_has_a_merchant_whose_two_stores_are_connected_and_about_to_sync(simulator: Simulator) -> None:
    seed.seed(NOW)

    user_id = accounts.authenticate(seed.DEMO_USER, seed.DEMO_PASSWORD, NOW)
    (tenant,) = accounts.tenants_of(user_id)
    assert tenant.name == seed.DEMO_BUSINESS
    first, second = stores.list_stores(tenant.tenant_id)
    assert (first.shop_domain, first.currency, first.time_zone.key) == (FIELDSTONE, "EUR", "Europe/Berlin")
    assert (second.shop_domain, second.currency, second.time_zone.key) == (TIDEWATER, "USD", "America/Los_Angeles")
    for store in (first, second):
        assert store.state == "connected"
        assert [run.trigger for run in runs.recent(store.key)] == ["connect"]


def test_a_second_start_finds_everything_there(simulator: Simulator) -> None:
    for _ in range(2):
        seed.seed(NOW)

    assert [len(runs.recent(store.key)) for store in demo_stores()] == [1, 1]
    assert [len(costs.costs(store.key)) for store in demo_stores()] == [len(seed.COSTS)] * 2


def test_a_demo_of_one_store_gains_the_second_and_keeps_the_first_as_it_is(simulator: Simulator) -> None:
    accounts.register("Demo Merchant", seed.DEMO_USER, seed.DEMO_PASSWORD, seed.DEMO_BUSINESS, NOW)
    user = accounts.find_user(seed.DEMO_USER)
    (tenant,) = accounts.tenants_of(user.user_id)
    connect.connect(
        accounts.Actor(user.user_id, tenant.tenant_id), FIELDSTONE, AdminToken(DEMO_TOKEN, DEMO_SECRET), NOW
    )
    (before,) = demo_stores()

    seed.seed(NOW + timedelta(days=1))

    first, second = demo_stores()
    assert first == before
    assert len(runs.recent(first.key)) == 1
    assert (second.shop_domain, second.state) == (TIDEWATER, "connected")


@pytest.mark.parametrize("domain", [FIELDSTONE, TIDEWATER])
def test_a_store_that_the_visitor_disconnected_stays_disconnected(simulator: Simulator, domain: str) -> None:
    seed.seed(NOW)
    (store,) = [store for store in demo_stores() if store.shop_domain == domain]
    stores.delete_credentials(store.key, NOW)

    seed.seed(NOW)

    states = {store.shop_domain: store.state for store in demo_stores()}
    assert states == {FIELDSTONE: "connected", TIDEWATER: "connected"} | {domain: "disconnected"}


def test_a_shop_that_a_visitor_connected_to_another_business_stays_there(simulator: Simulator) -> None:
    accounts.register("Visitor", "visitor@example.com", "a good password", "Visitor's", NOW)
    visitor = accounts.find_user("visitor@example.com")
    (tenant,) = accounts.tenants_of(visitor.user_id)
    actor = accounts.Actor(visitor.user_id, tenant.tenant_id)
    connect.connect(actor, TIDEWATER, AdminToken(DEMO_TOKENS[TIDEWATER], DEMO_SECRET), NOW)

    seed.seed(NOW)

    assert [store.shop_domain for store in demo_stores()] == [FIELDSTONE]
    assert [store.shop_domain for store in stores.list_stores(tenant.tenant_id)] == [TIDEWATER]


def test_a_webhook_of_one_store_never_lands_in_the_other(simulator: Simulator, receiver: Receiver) -> None:
    seed.seed(NOW)
    simulator.sell(FIELDSTONE)
    for _ in range(2):
        simulator.sell(TIDEWATER)
    assert simulator.sender.wait_until_sent()

    inbox = Inbox()
    for delivery in receiver.received:
        assert inbox.receive(WebhookHeaders.parse(delivery.headers), delivery.raw, NOW) is Stored.NEW

    first, second = demo_stores()
    assert [count_orders(store.key) for store in (first, second)] == [1, 2]


def count_orders(store: StoreKey) -> int:
    """Count the deliveries of new orders in the store's inbox."""
    with tenant_session(store.tenant_id) as session:
        query = select(func.count()).where(store.owns(Delivery), Delivery.topic == "orders/create")
        return session.scalar(query) or 0
