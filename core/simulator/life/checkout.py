"""What somebody wants to buy becomes an order: discounts, taxes and shipping are worked out to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.simulator.shop import agreements
from core.simulator.shop.amounts import coined, split, taxes_on
from core.simulator.shop.countries import rates_for
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
from core.simulator.shop.shop import Shop, later


@dataclass(frozen=True, slots=True)
class Pick:
    """Some of a variant, in somebody's hands."""

    product: Product
    variant: Variant
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Purchase:
    """All that determines an order. No `address`: bought in the shop, and taken along.

    `created_at` is when Shopify learned of it: later than `at` where a till was offline, long after it where the
    order was imported. `tender` is the shop's where None. `surcharge` and its tax are of a type that the API does not
    name.
    """

    at: datetime
    picks: Sequence[Pick]
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


def place(shop: Shop, purchase: Purchase) -> Order:
    """The order that this purchase is; the shop has it from now on, and less in stock."""
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
    order.agreements.append(agreements.placed(shop, order))
    shop.next_number += 1
    shop.orders[order.order_id] = order
    _settle(shop, order, purchase)
    return order


def line_for(shop: Shop, pick: Pick, address: Address | None, shares: Sequence[Allocation] = ()) -> Line:
    """The line of an order for what was picked, with the taxes of the place it goes to."""
    product, variant = pick.product, pick.variant
    line = Line(
        line_id=shop.ids.next("line"),
        title=product.title,
        quantity=pick.quantity,
        current_quantity=pick.quantity,
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


def tip_line(shop: Shop, amount: Decimal) -> Line:
    """What a customer leaves for the staff: Shopify lists it among the lines, without product, variant and SKU."""
    return Line(shop.ids.next("line"), "Tip", 1, 1, amount, None, None, None, None, None, is_tip=True)


def pay(shop: Shop, order: Order, kind: str, amount: Decimal, at: datetime, *, pending: bool = False) -> Transaction:
    """Money that moves for an order: kind SALE in, REFUND out, the latter perhaps `pending`."""
    payment = Transaction(shop.ids.next("transaction"), kind, amount, at, "PENDING" if pending else "SUCCESS")
    order.transactions.append(payment)
    if not order.test and order.tender.currency == shop.currency:
        shop.spent(order.customer_id, amount if kind == "SALE" else -amount, at)
    return payment


def touch(shop: Shop, pick: Pick, at: datetime) -> None:
    """Goods leave the shelf (negative quantity: come back); an empty shelf is filled up."""
    if pick.product.is_gift_card:
        return
    pick.variant.stock -= pick.quantity
    if pick.variant.stock < 5:
        pick.variant.stock += 120
    changed = later(pick.product.updated_at, at)
    pick.variant.counted_at = pick.variant.updated_at = pick.product.updated_at = changed


def _lines(shop: Shop, purchase: Purchase) -> list[Line]:
    shares = _shares(shop, purchase)
    lines = [line_for(shop, pick, purchase.address, shares[i]) for i, pick in enumerate(purchase.picks)]
    return [*lines, tip_line(shop, purchase.tip)] if purchase.tip else lines


def _shares(shop: Shop, purchase: Purchase) -> list[list[Allocation]]:
    """Each pick's shares of the discounts. Gift cards are never discounted."""
    currency = shop.spec.currency
    left = [ZERO if p.product.is_gift_card else p.variant.price * p.quantity for p in purchase.picks]
    shares: list[list[Allocation]] = [[] for _ in purchase.picks]
    for index, discount in enumerate(purchase.discounts):
        match discount.kind:
            case "line":
                amounts = [_worth(discount, amount, currency) for amount in left]
            case "order":
                amounts = split(_worth(discount, sum(left, ZERO), currency), left, currency)
            case _:
                continue
        for i, amount in enumerate(amounts):
            if amount:
                shares[i].append(Allocation(index, amount))
                left[i] -= amount
    return shares


def _worth(discount: Discount, base: Decimal, currency: str) -> Decimal:
    return coined(base * discount.value / 100, currency) if discount.is_percent else min(discount.value, base)


def _shipping(shop: Shop, purchase: Purchase) -> Shipping | None:
    if purchase.shipping is None:
        return None
    title, price = purchase.shipping
    shipping = Shipping(shop.ids.next("shipping"), title, price)
    shipping.allocations = tuple(
        Allocation(index, _worth(discount, price, shop.spec.currency))
        for index, discount in enumerate(purchase.discounts)
        if discount.kind == "shipping" and price
    )
    shipping.taxes = _taxes(shop, shipping.charged, purchase.address)
    shipping.listed_tax = _listed_tax(shop, price, purchase.address)
    return shipping


def _listed_tax(shop: Shop, listed: Decimal, address: Address | None) -> Decimal:
    return sum((tax.amount for tax in _taxes(shop, listed, address)), ZERO)


def _taxes(shop: Shop, charged: Decimal, address: Address | None) -> tuple[Tax, ...]:
    """The taxes of the place; what costs nothing has none, not even their rates."""
    if not charged:
        return ()
    city = shop.home.cities[0]
    country = address.country_code if address else shop.home.code
    province = address.province_code if address else city.province_code
    rates = rates_for(shop.home, country, province)
    return taxes_on(charged, rates, included=shop.spec.taxes_included, currency=shop.spec.currency)


def _settle(shop: Shop, order: Order, purchase: Purchase) -> None:
    """Money comes in, goods go out, and the customer is one who has ordered."""
    if order.is_paid:
        total = sum((sale.total for sale in order.sales()), ZERO)
        order.cash_rounding = _in_cash(total) - total if purchase.is_cash else ZERO
        pay(shop, order, "SALE", total + order.cash_rounding, order.processed_at)
    for pick in purchase.picks:
        touch(shop, pick, order.created_at)
    if purchase.customer:
        shop.spent(order.customer_id, ZERO, order.created_at, orders=1)


def _in_cash(total: Decimal) -> Decimal:
    """The total in coins of five cents, as tills take it where there are no smaller ones."""
    return coined(total * 20, "JPY") / 20
