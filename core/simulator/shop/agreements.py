"""Shopify's own ledger of an order. Each placing, edit, refund and return is an agreement of signed sales.

The signs are those of the Admin API. Sold goods are positive: quantity, total (after discounts, with tax), discount
(before tax) and tax. Returned goods are a RETURN row with all of them negative. An ADJUSTMENT row is the value of
returned goods less the money given back for them: positive when the customer got less. Where prices contain tax, a
row's discount is the reduction of the price before tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from core.simulator.shop.amounts import rounded
from core.simulator.shop.ledger import Agreement, Refund, RefundLine, Sale
from core.simulator.shop.model import ZERO, Line, Order, Shipping
from core.simulator.shop.shop import Shop


def make_placement(shop: Shop, order: Order) -> Agreement:
    """Make an order's first agreement. Its time is when Shopify learned of the order: of an imported order, later
    than it was processed."""
    rows = [_sold(shop, line) for line in order.lines]
    if order.shipping:
        rows.append(_shipped(shop, order.shipping))
    if order.duties:
        rows.append(_row(shop, "ORDER", "DUTY", None, order.duties))
    if order.fees:
        rows.append(_row(shop, "ORDER", "ADDITIONAL_FEE", None, order.fees))
    if order.surcharge:
        total = order.surcharge + order.surcharge_tax
        rows.append(_row(shop, "ORDER", "UNKNOWN", None, total, tax=order.surcharge_tax))
    return _agreement(shop, order.created_at, "ORDER", rows)


def make_edit(
    shop: Shop, order: Order, at: datetime, removed: Iterable[RefundLine] = (), added: Iterable[Line] = ()
) -> Agreement:
    """Make the agreement of an edit that removed units or added lines."""
    return _agreement(shop, at, "ORDER_EDIT", list(_exchanged(shop, order, removed, added)))


def make_return(
    shop: Shop, order: Order, at: datetime, returned: Iterable[RefundLine], added: Iterable[Line] = ()
) -> Agreement:
    """Make the agreement of returned goods, perhaps in exchange for new lines."""
    return _agreement(shop, at, "RETURN", list(_exchanged(shop, order, returned, added)))


def make_refund(shop: Shop, order: Order, refund: Refund) -> Agreement:
    """Make the agreement of a refund, with all that it takes from sales."""
    rows = list(_refunded(shop, order, refund))
    return _agreement(shop, refund.processed_at, "REFUND", rows, refund.refund_id)


def make_payout(shop: Shop, refund: Refund) -> Agreement:
    """Make the agreement of a refund whose goods a return or an edit has entered before: money moves, sales stay."""
    return _agreement(shop, refund.processed_at, "REFUND", [], refund.refund_id)


def _exchanged(shop: Shop, order: Order, returned: Iterable[RefundLine], added: Iterable[Line]) -> Iterator[Sale]:
    for line in returned:
        yield _returned(shop, order, line)
    for new_line in added:
        yield _sold(shop, new_line)


def _refunded(shop: Shop, order: Order, refund: Refund) -> Iterator[Sale]:
    for line in refund.lines:
        yield _returned(shop, order, line)
    if refund.shipping:
        total = refund.shipping + refund.shipping_tax
        yield _row(shop, "RETURN", "SHIPPING", None, -total, tax=-refund.shipping_tax)
    if refund.discrepancy:
        yield _row(shop, "RETURN", "ADJUSTMENT", None, refund.discrepancy)


def _sold(shop: Shop, line: Line) -> Sale:
    total = _with_tax(shop, line.charged, line.tax)
    return _row(shop, "ORDER", line.line_type, line.quantity, total, _before_tax(shop, line), line.tax, line.line_id)


def _shipped(shop: Shop, shipping: Shipping) -> Sale:
    total = _with_tax(shop, shipping.charged, shipping.tax)
    return _row(shop, "ORDER", "SHIPPING", 1, total, _before_tax(shop, shipping), shipping.tax)


def _returned(shop: Shop, order: Order, returned: RefundLine) -> Sale:
    line = order.line(returned.line_id)
    share = rounded(_before_tax(shop, line) * returned.quantity / line.quantity, order.tender.currency)
    total = _with_tax(shop, returned.subtotal, returned.tax)
    return _row(shop, "RETURN", line.line_type, -returned.quantity, -total, -share, -returned.tax, line.line_id)


def _with_tax(shop: Shop, amount: Decimal, tax: Decimal) -> Decimal:
    return amount if shop.spec.taxes_included else amount + tax


def _before_tax(shop: Shop, charge: Line | Shipping) -> Decimal:
    """The price before tax less the charge before tax. It is not the discount by the rate, which can be a minor unit
    away."""
    if not shop.spec.taxes_included:
        return charge.discount
    return charge.discount - (charge.listed_tax - charge.tax)


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
