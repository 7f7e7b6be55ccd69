"""Discounts by code are stored with the orders: by every path, and as the shop itself counts them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from core.config import DEMO_SHOP, DEMO_TOKEN
from core.database import tenant_session
from core.database.models import OrderDiscount, Store
from core.domain import Allocation, Deleted, DiscountKind, Kind, Record
from core.ingest import business_dates
from core.shopify import mapping, pages
from core.shopify.client import ShopifyClient
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import RARE_ORDERS, ShopSpec
from core.simulator.shop.shop import Shop as SimulatedShop
from core.simulator.webhooks import order_bodies, topics
from tests.cast import NOW, Business, Cast
from tests.factories import ORDER_ID, PLACED, REFUNDED, line, order, refund
from tests.stored import rows, write

CODE = Allocation(DiscountKind.CODE, "SUMMER", Decimal("4.00"))
DISCOUNTED = line(discount=Decimal("4.00"), allocations=(CODE,))


def stored(business: Business) -> list[tuple[str, str, str]]:
    return [(row["kind"], row["label"], str(row["off_goods"])) for row in rows(business, OrderDiscount)]


def test_a_discount_leaves_with_its_order_and_comes_back_with_it(cast: Cast) -> None:
    write(cast.acme, order(line_items=(DISCOUNTED,)))
    assert stored(cast.acme) == [("code", "SUMMER", "4.00")]
    write(cast.acme, Deleted(Kind.ORDER, ORDER_ID, REFUNDED, is_inferred=True))
    assert stored(cast.acme) == []
    write(cast.acme, order(line_items=(DISCOUNTED,), updated_at=REFUNDED))
    assert stored(cast.acme) == [("code", "SUMMER", "4.00")]


def test_a_refund_of_its_own_keeps_the_discounts_of_the_stored_order(cast: Cast) -> None:
    write(cast.acme, order(line_items=(DISCOUNTED,)))
    write(cast.acme, refund())
    assert stored(cast.acme) == [("code", "SUMMER", "4.00")]


def test_the_day_of_a_discount_follows_the_time_zone(cast: Cast) -> None:
    late = PLACED.replace(hour=23, minute=40)
    write(cast.acme, order(line_items=(DISCOUNTED,), processed_at=late))
    with tenant_session(cast.acme.tenant_id) as session:
        before = session.scalar(select(OrderDiscount.business_date))
        session.execute(update(Store).where(cast.acme.key.owns(Store)).values(time_zone="America/New_York"))
    business_dates.recompute(cast.acme.key, threading.Event())
    with tenant_session(cast.acme.tenant_id) as session:
        after = session.scalar(select(OrderDiscount.business_date))
    assert (before, after) == (
        late.astimezone(ZoneInfo("Europe/Berlin")).date(),
        late.astimezone(ZoneInfo("America/New_York")).date(),
    )


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    spec = ShopSpec(seed=9, customers=30, orders=120, until=date(2026, 11, 20), days=90, rare_orders=RARE_ORDERS)
    with Simulator([Setup(spec, restore_rate=1_000_000)]).running() as simulator:
        yield simulator


@pytest.mark.parametrize("path", ["api", "webhook"])
def test_every_code_took_what_the_shop_says(cast: Cast, simulator: Simulator, path: str) -> None:
    shop = simulator.live_shop().shop
    write(cast.acme, *(by_api(simulator, shop) if path == "api" else by_webhook(shop)))

    ours: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows(cast.acme, OrderDiscount):
        ours[row["label"]] += row["off_goods"] + row["off_shipping"]
    theirs: dict[str, Decimal] = defaultdict(Decimal)
    for made in shop.orders.values():
        charges = [*made.lines, *([made.shipping] if made.shipping else [])]
        for share in (share for charge in charges for share in charge.allocations if not made.test):
            discount = made.discounts[share.index]
            theirs[discount.code or discount.title] += share.amount
    assert ours == theirs
    assert len(theirs) > 1


def by_api(simulator: Simulator, shop: SimulatedShop) -> list[Record]:
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=simulator.admin_url)
    try:
        return list(pages.orders_by_ids(client, shop.orders))
    finally:
        client.close()


def by_webhook(shop: SimulatedShop) -> list[Record]:
    sent = [topics.encode_body(order_bodies.order_body(shop, made)) for made in shop.orders.values()]
    return [record for body in sent for record in mapping.from_webhook("orders/updated", body, NOW)]
