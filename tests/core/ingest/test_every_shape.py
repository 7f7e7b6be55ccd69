"""A shop in which every rare shape of an order occurs: our figures are its truth, by every path that leads in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from core import imports, ingest
from core.config import DEMO_SHOP, DEMO_TOKEN
from core.database import tenant_session
from core.domain import Order, Record
from core.domain.periods import Period
from core.imports import load
from core.metrics import Scope, health
from core.shopify import bulk, mapping
from core.shopify import pages as reading
from core.shopify.client import ShopifyClient
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop import orders_csv
from core.simulator.shop.model import Order as Made
from core.simulator.shop.shop import RARE_ORDERS, Shop, ShopSpec
from core.simulator.shop.truth import truth
from core.simulator.webhooks.order_bodies import order_body
from core.simulator.webhooks.topics import encode_body
from tests.cast import NOW, Business, Cast
from tests.figures import wrong_figures
from tests.simulated import every

SPEC = ShopSpec(seed=11, customers=120, orders=420, until=date(2026, 11, 20), rare_orders=RARE_ORDERS)
FIRST, LAST = date(2023, 1, 1), date(2026, 12, 31)


@dataclass(frozen=True, slots=True)
class Sources:
    """The shop, and its orders as each path gives them."""

    shop: Shop
    pages: list[Order]
    bulk: list[Order]
    bodies: list[Record]


@pytest.fixture(scope="module", params=[False, True], ids=["prices without tax", "prices with tax"])
def sources(request: pytest.FixtureRequest) -> Iterator[Sources]:
    setup = Setup(replace(SPEC, taxes_included=request.param), restore_rate=1_000_000)
    with Simulator([setup]).running() as simulator:
        shop = simulator.live_shop().shop
        client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=simulator.admin_url)
        bodies = [_delivered(shop, order) for order in shop.orders.values()]
        yield Sources(shop, every(reading.orders_page, client), list(_collected(client)), bodies)
        client.close()


def _collected(client: ShopifyClient) -> Iterator[Any]:
    """As a first load reads: in bulk, and by id where a bulk operation is incomplete."""
    operation = bulk.poll(client, bulk.start(client, "orders", "") or "")
    assert operation is not None
    with bulk.open_result(client, operation, "orders") as found:
        records = list(found)
    yield from (each.record for each in records if each.is_whole)
    more = [each.record.order_id for each in records if isinstance(each.record, Order) and not each.is_whole]
    for start in range(0, len(more), 25):
        yield from reading.orders_by_ids(client, more[start : start + 25])


def _delivered(shop: Shop, order: Made) -> Record:
    (record,) = mapping.from_webhook("orders/updated", encode_body(order_body(shop, order)), NOW)
    return record


def _receive(business: Business, records: Iterable[Record]) -> None:
    with tenant_session(business.tenant_id) as session:
        ingest.write(session, business.key, records, NOW)


def _wrong(business: Business, shop: Shop) -> list[str]:
    period = Period(FIRST, LAST, shop.spec.zone)
    found = truth(shop, FIRST, LAST).to_json()
    return list(wrong_figures(Scope(business.key), period, found))


def _with(shop: Shop, orders: Iterable[Made]) -> Shop:
    """The shop as if it had these orders alone."""
    some = copy(shop)
    some.orders = {order.order_id: order for order in orders}
    return some


def test_read_by_pages(cast: Cast, sources: Sources) -> None:
    _receive(cast.acme, sources.pages)
    assert _wrong(cast.acme, sources.shop) == []


def test_collected_by_a_first_load(cast: Cast, sources: Sources) -> None:
    _receive(cast.acme, sources.bulk)
    assert _wrong(cast.acme, sources.shop) == []


def test_sent_by_webhooks_and_re_fetched(cast: Cast, sources: Sources) -> None:
    _receive(cast.acme, sources.bodies)
    _receive(cast.acme, sources.pages)
    assert _wrong(cast.acme, sources.shop) == []


@pytest.mark.parametrize("path", ["pages", "bulk"])
def test_every_order_with_a_charge_of_no_known_kind_is_named(cast: Cast, sources: Sources, path: str) -> None:
    """Nothing of such an order says so but that its total is more than its lines."""
    _receive(cast.acme, getattr(sources, path))
    with tenant_session(cast.acme.tenant_id) as session:
        named = health.unknown_sales(session, Scope(cast.acme.key), 100)
    charged = {order.order_id for order in sources.shop.orders.values() if order.surcharge and not order.test}
    assert {sale.order_id for sale in named} == charged
    assert len(charged) > 1


def test_sent_by_webhooks_after_it_was_read(cast: Cast, sources: Sources) -> None:
    """A figure that was right stays right."""
    _receive(cast.acme, sources.pages)
    _receive(cast.acme, sources.bodies)
    assert _wrong(cast.acme, sources.shop) == []


def test_sent_by_webhooks_alone(cast: Cast, sources: Sources) -> None:
    """But for what no body says: when a line was added or exchanged, that goods came back before their refund, and
    the tax in what was given away."""
    plain = _with(
        sources.shop,
        [order for order in sources.shop.orders.values() if _is_complete_in_its_body(sources.shop, order)],
    )
    assert len(plain.orders) > len(sources.shop.orders) * 0.8
    _receive(cast.acme, [record for record in sources.bodies if _id(record) in plain.orders])
    assert _wrong(cast.acme, plain) == []


def test_imported_from_a_file(cast: Cast, sources: Sources) -> None:
    """But for what no file says: fees, returns and their days, edits, what was sold before it was created."""
    plain = _with(
        sources.shop, [order for order in sources.shop.orders.values() if _is_complete_in_a_file(sources.shop, order)]
    )
    assert len(plain.orders) > len(sources.shop.orders) * 0.7
    out = io.StringIO(newline="")
    orders_csv.write(plain, out)
    raw = out.getvalue().encode()
    upload = imports.Upload("orders_export_1.csv", len(raw), io.BytesIO(raw))
    import_id = imports.request(cast.alice.actor, cast.acme.store_id, [upload], NOW)
    load.work_on(cast.acme.key, import_id)
    assert imports.find(cast.acme.tenant_id, import_id).error is None
    period = Period(FIRST, LAST, plain.spec.zone)
    found = {**truth(plain, FIRST, LAST).to_json(), "by_product": [], "customers": 0}
    del found["customers"], found["returning_customers"]
    assert list(wrong_figures(Scope(cast.acme.key), period, found)) == []


def _id(record: Record) -> int:
    assert isinstance(record, Order)
    return record.order_id


def _is_complete_in_its_body(shop: Shop, order: Made) -> bool:
    added = any(sale.action == "ORDER" for sale in order.sales(("ORDER_EDIT", "RETURN")))
    given_away = shop.spec.taxes_included and any(line.discount and not line.charged for line in order.lines)
    return not order.returns and not added and not given_away


def _is_complete_in_a_file(shop: Shop, order: Made) -> bool:
    later = order.refunds or order.returns or order.is_edited or order.cancelled_at
    besides = order.fees or order.surcharge or order.processed_at != order.created_at
    return not later and not besides and order.tender.currency == shop.currency
