"""The demo is seeded as a merchant would: a user registers, connects the shop, and the worker syncs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core import accounts, stores
from core.config import DEMO_SHOP, settings
from core.database import StoreKey
from core.demo import seed
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from core.sync import runs

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def simulator(clean_database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    with Simulator([ShopSpec(customers=2, orders=3)]).running() as running:
        monkeypatch.setenv("SHOPIFY_ADMIN_URL", running.admin_url)
        settings.cache_clear()
        yield running
        monkeypatch.undo()
        settings.cache_clear()


def test_the_demo_has_a_merchant_whose_store_is_connected_and_about_to_sync(simulator: Simulator) -> None:
    seed.seed(NOW)

    user_id = accounts.authenticate(seed.DEMO_USER, seed.DEMO_PASSWORD, NOW)
    (tenant,) = accounts.tenants_of(user_id)
    (store,) = stores.list_stores(tenant.tenant_id)
    assert (tenant.name, store.shop_domain, store.state) == (seed.DEMO_BUSINESS, DEMO_SHOP, "connected")
    assert [run.trigger for run in runs.recent(store.key)] == ["connect"]


def test_a_second_start_finds_everything_there(simulator: Simulator) -> None:
    for _ in range(2):
        seed.seed(NOW)

    (tenant,) = accounts.tenants_of(accounts.find_user(seed.DEMO_USER).user_id)
    (store,) = stores.list_stores(tenant.tenant_id)
    assert len(runs.recent(store.key)) == 1


def test_a_store_that_the_visitor_disconnected_stays_disconnected(simulator: Simulator) -> None:
    seed.seed(NOW)
    (tenant,) = accounts.tenants_of(accounts.find_user(seed.DEMO_USER).user_id)
    (store,) = stores.list_stores(tenant.tenant_id)
    stores.delete_credentials(StoreKey(tenant.tenant_id, store.store_id), NOW)

    seed.seed(NOW)

    assert stores.find(StoreKey(tenant.tenant_id, store.store_id)).state == "disconnected"
