"""A simulated shop's own export, imported: its figures are right, and later data from Shopify completes them."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core import imports, ingest
from core.config import DEMO_SHOP, DEMO_TOKEN
from core.database import tenant_session
from core.domain import Customer, Order, Product, Record
from core.imports import load
from core.shopify import pages
from core.shopify.client import ShopifyClient
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop import orders_csv
from core.simulator.shop.formats import OrderFigures
from core.simulator.shop.model import Order as Made
from core.simulator.shop.shop import Shop, ShopSpec
from core.simulator.shop.truth import truth
from tests.cast import NOW, Business, Cast, add_store
from tests.simulated import every

TABLES = ("products", "variants", "customers", "orders", "line_items", "shipping_lines", "refunds", "sales")


@dataclass(frozen=True, slots=True)
class SampleShop:
    """A shop, the answers of its API, and its orders as a CSV."""

    shop: Shop
    products: list[Product]
    customers: list[Customer]
    orders: list[Order]
    export: bytes


@pytest.fixture(scope="module", params=[False, True], ids=["prices without tax", "prices with tax"])
def sample(request: pytest.FixtureRequest) -> Iterator[SampleShop]:
    spec = ShopSpec(seed=5, customers=60, orders=250, taxes_included=request.param)
    with Simulator([Setup(spec, restore_rate=1_000_000)]).running() as simulator:
        client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=simulator.admin_url)
        out = io.StringIO(newline="")
        shop = simulator.live_shop().shop
        orders_csv.write(shop, out)
        page_functions = (pages.products_page, pages.customers_page, pages.orders_page)
        yield SampleShop(shop, *(every(page, client) for page in page_functions), out.getvalue().encode())
        client.close()


def receive(business: Business, *records: Record) -> None:
    with tenant_session(business.tenant_id) as session:
        ingest.write(session, business.key, records, NOW)


def bring_in(cast: Cast, business: Business, sample: SampleShop) -> None:
    upload = imports.Upload("orders_export_1.csv", len(sample.export), io.BytesIO(sample.export))
    import_id = imports.request(cast.alice.actor, business.store_id, [upload], NOW)
    load.work_on(business.key, import_id)
    assert imports.find(business.tenant_id, import_id).error is None


def tables(business: Business) -> dict[str, list[tuple[Any, ...]]]:
    """All that the store has, but for its own number."""
    found = {}
    with tenant_session(business.tenant_id) as session:
        for table in TABLES:
            query = text(f"SELECT * FROM {table} WHERE store_id = :store ORDER BY 3, 4, 5")
            result = session.execute(query, {"store": business.store_id})
            keep = [place for place, name in enumerate(result.keys()) if name != "store_id"]
            found[table] = [tuple(row[place] for place in keep) for row in result]
    return found


def figures(business: Business, question: str) -> list[tuple[Any, ...]]:
    with tenant_session(business.tenant_id) as session:
        return [tuple(row) for row in session.execute(text(question), {"store": business.store_id})]


def taken(sample: SampleShop) -> list[Made]:
    """The orders that an import takes: those of the store's currency, none of them a test."""
    return [
        order
        for order in sample.shop.orders.values()
        if not order.test and order.tender.currency == sample.shop.currency
    ]


def twin(cast: Cast) -> Business:
    return add_store(cast.alice.tenant_id, "Acme Outlet", "acme-outlet.myshopify.com", "EUR", "Europe/Berlin")


def test_after_the_orders_came_from_the_api_an_import_leaves_no_trace(cast: Cast, sample: SampleShop) -> None:
    by_api = twin(cast)
    receive(by_api, *sample.products, *sample.customers, *sample.orders)
    receive(cast.acme, *sample.products, *sample.customers)
    bring_in(cast, cast.acme, sample)
    receive(cast.acme, *sample.orders)
    assert tables(cast.acme) == tables(by_api)
    bring_in(cast, cast.acme, sample)
    assert tables(cast.acme) == tables(by_api)


def test_every_order_has_its_total_to_the_cent_and_none_is_a_test(cast: Cast, sample: SampleShop) -> None:
    """But for orders with fees or a surcharge, which no column of the file holds."""
    bring_in(cast, cast.acme, sample)
    question = "SELECT order_id, sum(net + tax) FROM sales WHERE store_id = :store AND action = 'order' GROUP BY 1"
    real = taken(sample)
    named = [order for order in real if not (order.fees or order.surcharge)]
    worth = {order.order_id: OrderFigures(sample.shop, order).total for order in named}
    imported = dict(figures(cast.acme, question))
    assert imported.keys() <= {order.order_id for order in real}
    assert {order_id: imported.get(order_id, 0) for order_id in worth} == worth


def test_the_orders_of_each_day_are_the_shops(cast: Cast, sample: SampleShop) -> None:
    bring_in(cast, cast.acme, sample)
    counted = figures(cast.acme, "SELECT business_date, count(*) FROM orders WHERE store_id = :store GROUP BY 1")
    # A file has the time of creation. The API also knows that an order which a till sent late was sold before.
    real = taken(sample)
    assert dict(counted) == Counter(sample.shop.local(order.created_at).date() for order in real)
    assert sum(count for _, count in counted) == truth(sample.shop).totals.orders


def test_units_of_each_product_and_buyers_are_the_shops(cast: Cast, sample: SampleShop) -> None:
    receive(cast.acme, *sample.products, *sample.customers)
    bring_in(cast, cast.acme, sample)
    real = truth(sample.shop)
    units = "SELECT product_id, sum(quantity)::int FROM sales WHERE store_id = :store AND action = 'order'"
    sold = dict(figures(cast.acme, f"{units} AND line_type = 'product' GROUP BY 1"))
    assert sold == {row.product_id: row.units for row in real.products() if row.units}
    buyers = figures(cast.acme, "SELECT count(DISTINCT customer_key) FROM orders WHERE store_id = :store")
    assert buyers == [(real.customers,)]


def test_returns_are_dated_or_marked_and_complete(cast: Cast, sample: SampleShop) -> None:
    bring_in(cast, cast.acme, sample)
    dated = figures(
        cast.acme, "SELECT -coalesce(sum(net + tax), 0) FROM sales WHERE store_id = :store AND action = 'return'"
    )[0][0]
    undated = sum(each.amount for each in imports.undated(cast.acme.key))
    real = taken(sample)
    unpaid = [order for order in real if order.cancelled_at and not order.is_paid]
    refunded = sum((order.refunded for order in real), Decimal(0))
    assert dated + undated == refunded + sum((OrderFigures(sample.shop, order).total for order in unpaid), Decimal(0))
    assert dated > 0
    assert undated > 0
