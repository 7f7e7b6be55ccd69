"""An order becomes signed, dated sale rows. Pure: every money metric is a sum over what this returns.

Where Shopify's own ledger of the order (`Order.agreements`) was read, its rows are taken as they stand, and only
refunds that it does not know yet are computed. Otherwise all rows are computed from the lines and the refunds; for
an order that was never edited both ways give the same rows.

Signs: a row's `net` (before tax, after discounts) and `tax` are positive where they add to sales, negative where they
take away. `discount` (before tax) is positive where it lowered a price. Gross sales are net + discount.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from core.money import rounded
from core.records import (
    Agreement,
    AgreementSale,
    LineItem,
    Order,
    Refund,
    RefundAdjustment,
    RefundLine,
    Source,
    TaxLine,
)

_ZERO = Decimal(0)
_SOMETHING_KEPT = frozenset({"paid", "partially_paid", "partially_refunded"})
"""Financial states in which a cancelled order's money, or some of it, stayed with the shop."""


class SaleRow(Struct, frozen=True, gc=False):
    """One row of the ledger. `action` is order, update or return; `reason` order, order_edit, refund or return."""

    happened_at: datetime
    reason: str
    action: str
    line_type: str
    quantity: int
    net: Decimal
    discount: Decimal
    tax: Decimal
    line_item_id: int | None = None
    product_id: int | None = None
    variant_id: int | None = None


def sale_rows(order: Order) -> tuple[SaleRow, ...]:
    """The order's rows, in the order in which they happened. A test order has none."""
    if order.test:
        return ()
    if order.agreements is None:
        rows = [*_placed(order), *_refunded(order, order.refunds), *_called_off(order)]
    else:
        told = {agreement.refund_id for agreement in order.agreements}
        untold = [refund for refund in order.refunds if refund.refund_id not in told]
        rows = [*_agreed(order, order.agreements), *_refunded(order, untold)]
    return tuple(sorted(rows, key=lambda row: row.happened_at))


def _placed(order: Order) -> Iterator[SaleRow]:
    for line in order.line_items:
        yield _row(
            order,
            line_type=_line_type(line),
            quantity=line.quantity,
            charged=line.unit_price * line.quantity - line.discount,
            discount=line.discount,
            taxes=line.taxes,
            line=line,
        )
    for shipping in order.shipping_lines:
        if not shipping.is_removed:
            yield _row(
                order,
                line_type="shipping",
                quantity=1,
                charged=shipping.price - shipping.discount,
                discount=shipping.discount,
                taxes=shipping.taxes,
            )
    # The order's sum of tips repeats the lines that are tips; a file tells the sum only.
    if order.tip and not any(line.is_tip for line in order.line_items):
        yield _row(order, line_type="tip", quantity=1, charged=order.tip, discount=_ZERO, taxes=())


def _row(
    order: Order,
    *,
    line_type: str,
    quantity: int,
    charged: Decimal,
    discount: Decimal,
    taxes: tuple[TaxLine, ...],
    line: LineItem | None = None,
) -> SaleRow:
    """One line as it was placed; `charged` is what the customer pays for it, and contains tax where included."""
    tax = sum((tax.amount for tax in taxes), _ZERO)
    return SaleRow(
        happened_at=order.processed_at,
        reason="order",
        action="order",
        line_type=line_type,
        quantity=quantity,
        net=charged - tax if order.taxes_included else charged,
        discount=_before_tax(discount, taxes, order),
        tax=tax,
        line_item_id=line.line_item_id if line else None,
        product_id=line.product_id if line else None,
        variant_id=line.variant_id if line else None,
    )


def _before_tax(discount: Decimal, taxes: tuple[TaxLine, ...], order: Order) -> Decimal:
    """A discount without the tax in it: where prices contain tax, so do the discounts on them."""
    if not order.taxes_included or not discount:
        return discount
    return rounded(discount / (1 + sum((tax.rate for tax in taxes), _ZERO)), order.currency)


def _refunded(order: Order, refunds: Iterable[Refund]) -> Iterator[SaleRow]:
    lines = {line.line_item_id: line for line in order.line_items}
    for refund in refunds:
        for returned in refund.lines:
            yield _returned(order, refund, returned, lines.get(returned.line_item_id))
        for adjustment in refund.adjustments:
            yield _adjusted(refund, adjustment)


def _returned(order: Order, refund: Refund, returned: RefundLine, line: LineItem | None) -> SaleRow:
    """Goods that came back; unlike the amounts of a placed line, a refund line's are given for the units returned."""
    net = returned.subtotal - returned.tax if order.taxes_included else returned.subtotal
    share = _ZERO
    if line and line.discount and line.quantity:
        whole = _before_tax(line.discount, line.taxes, order)
        share = rounded(whole * returned.quantity / line.quantity, order.currency)
    return SaleRow(
        happened_at=refund.processed_at,
        reason="refund",
        action="return",
        line_type=_line_type(line) if line else "product",
        quantity=-returned.quantity,
        net=-net,
        discount=-share,
        tax=-returned.tax,
        line_item_id=returned.line_item_id,
        product_id=line.product_id if line else None,
        variant_id=line.variant_id if line else None,
    )


def _adjusted(refund: Refund, adjustment: RefundAdjustment) -> SaleRow:
    """Shipping given back takes from sales; a discrepancy is money not given back, so it adds."""
    is_shipping = adjustment.kind == "shipping"
    sign = -1 if is_shipping else 1
    return SaleRow(
        happened_at=refund.processed_at,
        reason="refund",
        action="return",
        line_type="shipping" if is_shipping else "adjustment",
        quantity=0,
        net=sign * adjustment.amount,
        discount=_ZERO,
        tax=sign * adjustment.tax,
    )


def _called_off(order: Order) -> Iterator[SaleRow]:
    """An imported order that was cancelled and of which no money was kept: all of it comes back on that day.

    A CSV tells of no refund but of the day of a cancellation; every other source tells the refund itself.
    """
    if order.source is not Source.CSV or order.cancelled_at is None or order.refunds:
        return
    if order.financial_status in _SOMETHING_KEPT:
        return
    for row in _placed(order):
        yield replace(
            row,
            happened_at=order.cancelled_at,
            reason="refund",
            action="return",
            quantity=-row.quantity,
            net=-row.net,
            discount=-row.discount,
            tax=-row.tax,
        )


def _agreed(order: Order, agreements: Iterable[Agreement]) -> Iterator[SaleRow]:
    lines = {line.line_item_id: line for line in order.line_items}
    for agreement in agreements:
        for sale in agreement.sales:
            yield _sale(agreement, sale, lines.get(sale.line_item_id or 0))


def _sale(agreement: Agreement, sale: AgreementSale, line: LineItem | None) -> SaleRow:
    return SaleRow(
        happened_at=agreement.happened_at,
        reason=agreement.reason,
        action=sale.action,
        line_type=sale.line_type,
        quantity=sale.quantity,
        net=sale.total - sale.tax,
        discount=sale.discount_before_tax,
        tax=sale.tax,
        line_item_id=sale.line_item_id,
        product_id=line.product_id if line else None,
        variant_id=line.variant_id if line else None,
    )


def _line_type(line: LineItem) -> str:
    if line.is_tip:
        return "tip"
    return "gift_card" if line.is_gift_card else "product"
