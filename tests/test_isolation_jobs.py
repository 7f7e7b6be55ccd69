"""Jobs, deliveries and shops stay with their tenant, whatever numbers and names are given."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from core import stores
from core.database import StoreKey
from core.database.models import Customer, Order, Product, Store
from core.domain import Deleted, Kind
from core.errors import Conflict
from core.shopify.auth import AdminToken
from core.shopify.pages import ShopInfo
from core.sync import runs, steps
from core.webhooks import apply
from tests.cast import NOW, Business, Cast
from tests.factories import customer, order, product
from tests.shopify_sends import deliveries, store_delivery
from tests.stored import rows, write


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """Both businesses have an order, a customer, a product, a delivery that waits and a sync that was asked for."""
    for business in (cast.acme, cast.globex):
        write(business, order(), customer(), product())
        store_delivery(business, "orders/create", {"id": 1})
        runs.request(business.key, "button", NOW)
    return cast


def test_a_sync_for_one_tenant_with_the_numbers_of_another_does_nothing(filled: Cast) -> None:
    (foreign,) = runs.recent(filled.globex.key)
    before = rows(filled.globex, Store), rows(filled.globex, Order)

    steps.work_on(StoreKey(filled.acme.tenant_id, filled.globex.store_id), foreign.run_id)
    steps.work_on(filled.acme.key, foreign.run_id)

    assert runs.recent(filled.globex.key) == (foreign,)
    assert (rows(filled.globex, Store), rows(filled.globex, Order)) == before


def test_applying_for_one_tenant_the_deliveries_of_anothers_store_does_nothing(filled: Cast) -> None:
    assert apply.apply_pending(StoreKey(filled.acme.tenant_id, filled.globex.store_id), NOW) == 0
    assert [each.state for each in deliveries(filled.globex)] == ["pending"]


def test_a_job_carries_its_tenant_and_nothing_else_that_would_open_a_door(filled: Cast, database_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        found = [args for (args,) in owner.execute("SELECT args FROM procrastinate_jobs")]

    assert {frozenset(args) for args in found} == {frozenset({"tenant_id", "store_id", "run_id"})}
    assert all(isinstance(value, int) for args in found for value in args.values())


def test_the_same_numbers_at_two_tenants_are_two_orders_two_customers_two_products(filled: Cast) -> None:
    write(filled.acme, order(updated_at=NOW, name="changed"), customer(updated_at=NOW, last_name="changed"))
    write(filled.acme, Deleted(Kind.PRODUCT, 7, NOW))

    for model in (Order, Customer, Product):
        (row,) = rows(filled.globex, model)
        assert "changed" not in row.values()
        assert row["deleted_at"] is None


def shop(domain: str) -> ShopInfo:
    return ShopInfo(1, "Acme", domain, "EUR", "Europe/Berlin", False, datetime(2024, 1, 1, tzinfo=UTC), None, ())


def claim(business: Business, domain: str) -> None:
    stores.save(business.tenant_id, shop(domain), AdminToken("shpat_x", "shpss-x"), NOW)


def test_a_shop_that_another_business_has_connected_cannot_be_taken_over(filled: Cast) -> None:
    with pytest.raises(Conflict, match=r"connected to another business here; disconnect it there first\."):
        claim(filled.globex, filled.acme.shop_domain)

    route = stores.find_owner(filled.acme.shop_domain)
    assert route == filled.acme.key
    assert [store.shop_domain for store in stores.list_stores(filled.globex.tenant_id)] == ["globex.myshopify.com"]


def test_once_disconnected_a_shop_may_be_connected_elsewhere_and_its_past_stays_where_it_was(filled: Cast) -> None:
    stores.delete_credentials(filled.acme.key, NOW)
    claim(filled.globex, filled.acme.shop_domain)

    route = stores.find_owner(filled.acme.shop_domain)
    assert route is not None
    assert route.tenant_id == filled.globex.tenant_id
    assert len(rows(filled.acme, Order)) == 1
    taken = Business(route.tenant_id, route.store_id, "Acme", filled.acme.shop_domain)
    assert rows(taken, Order) == []
    with pytest.raises(Conflict):
        claim(filled.acme, filled.acme.shop_domain)
