"""Records for tests: a small order of one shirt and its related records. Arguments change single fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.domain import (
    Agreement,
    AgreementSale,
    Cart,
    Checkout,
    CheckoutLine,
    Customer,
    InventoryLevel,
    LineItem,
    Order,
    Product,
    Refund,
    RefundAdjustment,
    RefundLine,
    ShippingLine,
    TaxLine,
    Variant,
)

PLACED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
"""When the order of these tests was placed."""
REFUNDED = PLACED + timedelta(days=9)

ORDER_ID = 5_000_000_000_000_000_001
"""Beyond 2**53, as Shopify's ids may be: a float would lose its last digits."""


def order(**changes: Any) -> Order:
    """Make an order of two shirts at 20.00 with 19 % tax on top, and 5.00 of shipping."""
    fields: dict[str, Any] = {
        "order_id": ORDER_ID,
        "name": "#1001",
        "currency": "EUR",
        "created_at": PLACED,
        "processed_at": PLACED,
        "updated_at": PLACED,
        "total": Decimal("52.60"),
        "line_items": (line(),),
        "shipping_lines": (shipping(),),
    }
    return Order(**fields | changes)


def line(
    line_item_id: int = 11, price: str = "20.00", quantity: int = 2, tax: str = "7.60", **changes: Any
) -> LineItem:
    fields: dict[str, Any] = {"title": "Shirt", "product_id": 7, "variant_id": 71, "taxes": taxes(tax)}
    return LineItem(line_item_id=line_item_id, unit_price=Decimal(price), quantity=quantity, **fields | changes)


def taxes(amount: str, rate: str = "0.19") -> tuple[TaxLine, ...]:
    """Make one tax line, or none where the amount is zero."""
    return (TaxLine("VAT", Decimal(rate), Decimal(amount)),) if Decimal(amount) else ()


def shipping(shipping_line_id: int = 21, price: str = "5.00", **changes: Any) -> ShippingLine:
    return ShippingLine(shipping_line_id=shipping_line_id, title="Parcel", price=Decimal(price), **changes)


def refund(refund_id: int = 31, order_id: int = ORDER_ID, at: datetime = REFUNDED, **changes: Any) -> Refund:
    """Make a refund of one shirt."""
    fields: dict[str, Any] = {"refunded": Decimal("23.80"), "lines": (refund_line(),)}
    return Refund(refund_id=refund_id, order_id=order_id, processed_at=at, **fields | changes)


def refund_line(
    refund_line_id: int = 41,
    line_item_id: int = 11,
    quantity: int = 1,
    subtotal: str = "20.00",
    tax: str = "3.80",
    restock: str = "return",
) -> RefundLine:
    return RefundLine(refund_line_id, line_item_id, quantity, Decimal(subtotal), Decimal(tax), restock)


def adjustment(kind: str, amount: str, tax: str = "0", adjustment_id: int = 51) -> RefundAdjustment:
    return RefundAdjustment(adjustment_id, kind, Decimal(amount), Decimal(tax))


def agreement(
    *sales: AgreementSale,
    agreement_id: int = 61,
    at: datetime = PLACED,
    reason: str = "order",
    refund_id: int | None = None,
) -> Agreement:
    return Agreement(agreement_id, at, reason, sales, refund_id)


def sale(
    line_type: str = "product",
    action: str = "order",
    quantity: int = 1,
    total: str = "23.80",
    discount: str = "0",
    tax: str = "3.80",
    **changes: Any,
) -> AgreementSale:
    fields: dict[str, Any] = {"sale_id": 71, "line_item_id": 11 if line_type == "product" else None}
    return AgreementSale(
        action=action,
        line_type=line_type,
        quantity=quantity,
        total=Decimal(total),
        discount_before_tax=Decimal(discount),
        tax=Decimal(tax),
        **fields | changes,
    )


def customer(customer_id: int = 81, **changes: Any) -> Customer:
    fields: dict[str, Any] = {
        "updated_at": PLACED,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.com",
    }
    return Customer(customer_id=customer_id, **fields | changes)


def product(product_id: int = 7, **changes: Any) -> Product:
    fields: dict[str, Any] = {"title": "Shirt", "updated_at": PLACED, "variants": (variant(),)}
    return Product(product_id=product_id, **fields | changes)


def variant(variant_id: int = 71, price: str = "20.00", **changes: Any) -> Variant:
    return Variant(variant_id=variant_id, title="M", price=Decimal(price), **changes)


def checkout(checkout_id: int = 91, **changes: Any) -> Checkout:
    """Make an abandoned checkout of two shirts at a discount."""
    lines = (CheckoutLine(1, 2, Decimal("20.00"), Decimal("35.00"), "Shirt", "M", "S-1", 7, 71),)
    fields: dict[str, Any] = {
        "created_at": PLACED,
        "updated_at": PLACED,
        "currency": "EUR",
        "subtotal": Decimal("35.00"),
        "total": Decimal("41.65"),
        "lines": lines,
    }
    return Checkout(checkout_id=checkout_id, **fields | changes)


def cart(cart_token: str = "c1", **changes: Any) -> Cart:
    """Make a cart of three mugs."""
    fields: dict[str, Any] = {"created_at": PLACED, "updated_at": PLACED, "units": 3, "total": Decimal("30.00")}
    return Cart(cart_token=cart_token, **fields | {"currency": "EUR"} | changes)


def level(inventory_item_id: int = 9071, location_id: int = 1, **changes: Any) -> InventoryLevel:
    """Make a level of twelve shirts in the warehouse, two of them sold and not yet sent."""
    fields: dict[str, Any] = {"updated_at": PLACED, "available": 10, "on_hand": 12, "location_name": "Warehouse"}
    return InventoryLevel(inventory_item_id, location_id, **fields | changes)
