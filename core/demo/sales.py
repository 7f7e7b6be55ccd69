"""Shopify's own ledger of an order: each placing, edit and refund is an agreement, made of signed sales.

Signs are those of the Admin API. What is sold is positive: quantity, total (after discounts, with tax), discount
(before tax) and tax. What comes back is a RETURN row with all of them negative. An ADJUSTMENT row is the difference
between the value of returned goods and the money given back for them: positive when less was given.
Where prices contain tax, the discount of a row is what the discount is without the tax in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from core.demo.amounts import coined, part_of
from core.demo.model import ZERO, Agreement, Line, Order, Refund, RefundLine, Sale, Shipping
from core.demo.shop import Shop


def placed(shop: Shop, order: Order) -> Agreement:
    """The agreement that an order begins with."""
    rows = [_sold(shop, line) for line in order.lines]
    if order.shipping:
        rows.append(_shipped(shop, order.shipping))
    if order.tip:
        rows.append(_row(shop, "ORDER", "TIP", 1, order.tip))
    if order.duties:
        rows.append(_row(shop, "ORDER", "DUTY", None, order.duties))
    if order.fees:
        rows.append(_row(shop, "ORDER", "ADDITIONAL_FEE", None, order.fees))
    return _agreement(shop, order.processed_at, "ORDER", rows)


def added(shop: Shop, line: Line, at: datetime) -> Agreement:
    """A line was added to an order."""
    return _agreement(shop, at, "ORDER_EDIT", [_sold(shop, line)])


def lowered(shop: Shop, line: Line, quantity: int, at: datetime) -> Agreement:
    """Units were taken off a line, of which `line.quantity - line.current_quantity` were gone before."""
    currency, gone = shop.spec.currency, line.quantity - line.current_quantity
    goods = part_of(line.charged, gone, quantity, line.quantity, currency)
    tax = part_of(line.tax, gone, quantity, line.quantity, currency)
    return _agreement(shop, at, "ORDER_EDIT", [_back(shop, line, quantity, goods, tax)])


def refunded(shop: Shop, order: Order, refund: Refund) -> Agreement:
    """What a refund takes from sales."""
    rows = list(_refunded(shop, order, refund))
    return _agreement(shop, refund.processed_at, "REFUND", rows, refund.refund_id)


def _refunded(shop: Shop, order: Order, refund: Refund) -> Iterator[Sale]:
    for returned in refund.lines:
        yield _returned(shop, order.line(returned.line_id), returned)
    if refund.shipping:
        total = refund.shipping + refund.shipping_tax
        yield _row(shop, "RETURN", "SHIPPING", None, -total, tax=-refund.shipping_tax)
    if refund.discrepancy:
        yield _row(shop, "RETURN", "ADJUSTMENT", None, refund.discrepancy)


def _sold(shop: Shop, line: Line) -> Sale:
    kind = "GIFT_CARD" if line.is_gift_card else "PRODUCT"
    total = _with_tax(shop, line.charged, line.tax)
    discount = _before_tax(shop, line)
    return _row(shop, "ORDER", kind, line.quantity, total, discount, line.tax, line.line_id)


def _shipped(shop: Shop, shipping: Shipping) -> Sale:
    total = _with_tax(shop, shipping.charged, shipping.tax)
    return _row(shop, "ORDER", "SHIPPING", 1, total, _before_tax(shop, shipping), shipping.tax)


def _returned(shop: Shop, line: Line, returned: RefundLine) -> Sale:
    return _back(shop, line, returned.quantity, returned.subtotal, returned.tax)


def _back(shop: Shop, line: Line, quantity: int, goods: Decimal, tax: Decimal) -> Sale:
    kind = "GIFT_CARD" if line.is_gift_card else "PRODUCT"
    share = coined(_before_tax(shop, line) * quantity / line.quantity, shop.spec.currency)
    return _row(shop, "RETURN", kind, -quantity, -_with_tax(shop, goods, tax), -share, -tax, line.line_id)


def _with_tax(shop: Shop, amount: Decimal, tax: Decimal) -> Decimal:
    return amount if shop.spec.taxes_included else amount + tax


def _before_tax(shop: Shop, charge: Line | Shipping) -> Decimal:
    discount = charge.discount
    if not shop.spec.taxes_included or not discount:
        return discount
    return coined(discount / (1 + sum((tax.rate for tax in charge.taxes), ZERO)), shop.spec.currency)


def _row(
    shop: Shop,
    action: str,
    line_type: str,
    quantity: int | None,
    total: Decimal,
    discount: Decimal = ZERO,
    tax: Decimal = ZERO,
    line_id: int | None = None,
) -> Sale:
    return Sale(shop.ids.next("sale"), action, line_type, quantity, total, discount, tax, line_id)


def _agreement(shop: Shop, at: datetime, reason: str, rows: list[Sale], refund_id: int | None = None) -> Agreement:
    return Agreement(shop.ids.next("agreement"), at, reason, tuple(rows), refund_id)
