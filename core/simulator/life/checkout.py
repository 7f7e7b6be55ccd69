"""Turns a purchase into an order: discounts, taxes and shipping, exact to the minor unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.simulator.life.order_origins import add_origin, payment_fee
from core.simulator.shop import agreements
from core.simulator.shop.amounts import rounded, split, taxes_on
from core.simulator.shop.countries import tax_rates
from core.simulator.shop.ledger import Transaction
from core.simulator.shop.model import (
    ZERO,
    Address,
    Allocation,
    Customer,
    Discount,
    Line,
    Order,
    Product,
    Shipping,
    Tax,
    Tender,
    Variant,
)
from core.simulator.shop.shop import Shop, next_update_time


@dataclass(frozen=True, slots=True)
class CartItem:
    """Units of a variant in a cart."""

    product: Product
    variant: Variant
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Purchase:
    """Everything that determines an order. Without an `address` it was bought in the shop and taken along.

    `created_at` is when Shopify learned of the order. That is after `at` where a till was offline, and long after it
    where the order was imported. `tender` is the shop's where None. `surcharge` and its tax are of a type that the
    API does not name.
    """

    at: datetime
    cart: Sequence[CartItem]
    customer: Customer | None = None
    email: str | None = None
    address: Address | None = None
    discounts: tuple[Discount, ...] = ()
    shipping: tuple[str, Decimal] | None = None
    tip: Decimal = ZERO
    duties: Decimal = ZERO
    fees: Decimal = ZERO
    source_name: str = "web"
    test: bool = False
    is_paid: bool = True
    created_at: datetime | None = None
    tender: Tender | None = None
    surcharge: tuple[Decimal, Decimal] = (ZERO, ZERO)
    is_cash: bool = False


def place_order(shop: Shop, purchase: Purchase) -> Order:
    """Place the order of a purchase: add it to the shop and take its goods from stock."""
    created = purchase.created_at or purchase.at
    surcharge, surcharge_tax = purchase.surcharge
    order = Order(
        order_id=shop.ids.next("order"),
        number=shop.next_number,
        created_at=created,
        processed_at=purchase.at,
        updated_at=created,
        source_name=purchase.source_name,
        customer_id=purchase.customer.customer_id if purchase.customer else None,
        email=purchase.email,
        address=purchase.address,
        tender=purchase.tender or shop.tender,
        lines=_lines(shop, purchase),
        shipping=_shipping(shop, purchase),
        discounts=purchase.discounts,
        duties=purchase.duties,
        fees=purchase.fees,
        surcharge=surcharge,
        surcharge_tax=surcharge_tax,
        test=purchase.test,
        is_paid=purchase.is_paid,
    )
    add_origin(shop, order)
    order.agreements.append(agreements.make_placement(shop, order))
    shop.next_number += 1
    shop.orders[order.order_id] = order
    _finish_order(shop, order, purchase)
    return order


def make_line(shop: Shop, item: CartItem, address: Address | None, shares: Sequence[Allocation] = ()) -> Line:
    """Make the order line of a cart item, with the taxes of its destination."""
    product, variant = item.product, item.variant
    line = Line(
        line_id=shop.ids.next("line"),
        title=product.title,
        quantity=item.quantity,
        current_quantity=item.quantity,
        unit_price=variant.price,
        sku=variant.sku,
        variant_title=None if variant.title == "Default Title" else variant.title,
        vendor=product.vendor,
        product_id=product.product_id,
        variant_id=variant.variant_id,
        allocations=tuple(shares),
        is_gift_card=product.is_gift_card,
    )
    if not product.is_gift_card:
        line.taxes = _taxes(shop, line.charged, address)
        line.listed_tax = _listed_tax(shop, line.unit_price * line.quantity, address)
    return line


def make_tip_line(shop: Shop, amount: Decimal) -> Line:
    """Make the line of a tip. Shopify lists it among the lines, without product, variant and SKU."""
    return Line(shop.ids.next("line"), "Tip", 1, 1, amount, None, None, None, None, None, is_tip=True)


def record_payment(
    shop: Shop, order: Order, kind: str, amount: Decimal, at: datetime, *, pending: bool = False
) -> Transaction:
    """Record a payment of an order: kind SALE in, REFUND out. A refund may be `pending`."""
    payment = Transaction(shop.ids.next("transaction"), kind, amount, at, "PENDING" if pending else "SUCCESS")
    payment.fee = payment_fee(shop, order, amount) if kind == "SALE" else None
    order.transactions.append(payment)
    if not order.test and order.tender.currency == shop.currency:
        shop.add_spending(order.customer_id, amount if kind == "SALE" else -amount, at)
    return payment


def take_from_stock(item: CartItem, at: datetime) -> None:
    """Take goods from the shelf, or put them back where the quantity is negative. A nearly empty shelf is
    refilled."""
    if item.product.is_gift_card:
        return
    item.variant.stock -= item.quantity
    # No sale checks the stock, so without refills it would fall below zero within days.
    if item.variant.stock < 5:
        item.variant.stock += 120
    changed = next_update_time(item.product.updated_at, at)
    item.variant.counted_at = item.variant.updated_at = item.product.updated_at = changed


def _lines(shop: Shop, purchase: Purchase) -> list[Line]:
    shares = _shares(shop, purchase)
    lines = [make_line(shop, item, purchase.address, shares[i]) for i, item in enumerate(purchase.cart)]
    return [*lines, make_tip_line(shop, purchase.tip)] if purchase.tip else lines


def _shares(shop: Shop, purchase: Purchase) -> list[list[Allocation]]:
    """Return each item's shares of the discounts. Gift cards are never discounted."""
    currency = shop.spec.currency
    undiscounted = [
        ZERO if item.product.is_gift_card else item.variant.price * item.quantity for item in purchase.cart
    ]
    shares: list[list[Allocation]] = [[] for _ in purchase.cart]
    for index, discount in enumerate(purchase.discounts):
        match discount.kind:
            case "line":
                amounts = [_discount_amount(discount, amount, currency) for amount in undiscounted]
            case "order":
                amounts = split(_discount_amount(discount, sum(undiscounted, ZERO), currency), undiscounted, currency)
            case _:
                continue
        for i, amount in enumerate(amounts):
            if amount:
                shares[i].append(Allocation(index, amount))
                undiscounted[i] -= amount
    return shares


def _discount_amount(discount: Discount, base: Decimal, currency: str) -> Decimal:
    return rounded(base * discount.value / 100, currency) if discount.is_percent else min(discount.value, base)


def _shipping(shop: Shop, purchase: Purchase) -> Shipping | None:
    if purchase.shipping is None:
        return None
    title, price = purchase.shipping
    shipping = Shipping(shop.ids.next("shipping"), title, price)
    shipping.allocations = tuple(
        Allocation(index, _discount_amount(discount, price, shop.spec.currency))
        for index, discount in enumerate(purchase.discounts)
        if discount.kind == "shipping" and price
    )
    shipping.taxes = _taxes(shop, shipping.charged, purchase.address)
    shipping.listed_tax = _listed_tax(shop, price, purchase.address)
    return shipping


def _listed_tax(shop: Shop, listed: Decimal, address: Address | None) -> Decimal:
    return sum((tax.amount for tax in _taxes(shop, listed, address)), ZERO)


def _taxes(shop: Shop, charged: Decimal, address: Address | None) -> tuple[Tax, ...]:
    """Return the taxes of the destination. A line without a price has none, not even the rates."""
    if not charged:
        return ()
    city = shop.home.cities[0]
    country = address.country_code if address else shop.home.code
    province = address.province_code if address else city.province_code
    rates = tax_rates(shop.home, country, province)
    return taxes_on(charged, rates, included=shop.spec.taxes_included, currency=shop.spec.currency)


def _finish_order(shop: Shop, order: Order, purchase: Purchase) -> None:
    """Record the payment, take the goods from stock, and count the order for its customer."""
    if order.is_paid:
        total = sum((sale.total for sale in order.sales()), ZERO)
        order.cash_rounding = _rounded_to_five_cents(total) - total if purchase.is_cash else ZERO
        record_payment(shop, order, "SALE", total + order.cash_rounding, order.processed_at)
    for item in purchase.cart:
        take_from_stock(item, order.created_at)
    if purchase.customer:
        shop.add_spending(order.customer_id, ZERO, order.created_at, orders=1)


def _rounded_to_five_cents(total: Decimal) -> Decimal:
    """Round the total to five cents, as tills do in countries without smaller coins."""
    return rounded(total * 20, "JPY") / 20
