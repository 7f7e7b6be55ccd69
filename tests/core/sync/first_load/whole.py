"""Is everything of the shop here, to the cent?"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import func, select

from core.database import tenant_session
from core.database.models import (
    Customer,
    InventoryLevel,
    LineItem,
    Location,
    Order,
    OrderToRead,
    Product,
    Refund,
    RefundLine,
    Sale,
    ShippingLine,
    Variant,
)
from tests.core.sync.first_load.conftest import SPEC, World

COMMERCE = (Order, LineItem, ShippingLine, Refund, RefundLine, Sale, Customer, Product, Variant)

STOCK = (InventoryLevel, Location)

LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)


def total_sales(world: World) -> Decimal:
    with tenant_session(world.acme.tenant_id) as session:
        counted = (Sale.line_type.not_in(["gift_card", "tip", "unknown"]), Sale.currency == SPEC.currency)
        return session.scalar(select(func.sum(Sale.net + Sale.tax)).where(*counted)) or Decimal(0)


def is_whole(world: World) -> bool:
    """Whether all orders are here with all that became of them, to the cent, and nothing is left to do."""
    shop = world.shopify.live_shop().shop
    assert {row["order_id"] for row in world.rows(Order)} == set(shop.orders)
    assert {row["customer_id"] for row in world.rows(Customer)} == set(shop.customers)
    assert {row["product_id"] for row in world.rows(Product)} == set(shop.products)
    assert len(world.rows(Refund)) == sum(len(order.refunds) for order in shop.orders.values())
    assert len(world.rows(LineItem)) == sum(len(order.lines) for order in shop.orders.values())
    assert total_sales(world) == world.shopify.truth().totals.total_sales > 0
    assert world.rows(OrderToRead) == []
    return True
