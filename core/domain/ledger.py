"""Turns an order into signed, dated sale rows. Every money metric is a sum over these rows.

If Shopify's own ledger of the order (`Order.agreements`) was read, its rows are taken as they are: they are the
whole ledger of that reading. Refunds and lines of newer webhooks are added until the re-fetch (see
`core.domain.overlay`). Otherwise all rows are computed from the lines and the refunds. For an order that was never
edited both ways give the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from core.domain import (
    AdjustmentKind,
    Agreement,
    AgreementSale,
    LineItem,
    Order,
    Refund,
    RefundAdjustment,
    RefundLine,
    ShippingLine,
    Source,
    TaxLine,
    overlay,
)
from core.domain.money import rounded
from core.domain.sales import Action, LineType, SaleRow

_ZERO = Decimal(0)
_SOMETHING_KEPT = frozenset({"paid", "partially_paid", "partially_refunded"})
"""Financial statuses of a cancelled order of whose money the shop kept all or a part."""
_ACTIONS = {action.value: action for action in Action}
_LINE_TYPES = {line_type.value: line_type for line_type in LineType}
_PLACES = {line_type: place for place, line_type in enumerate(LineType)}
_ADJUSTMENT_TYPES = {AdjustmentKind.SHIPPING: LineType.SHIPPING, AdjustmentKind.DUTY: LineType.DUTY}


def sale_rows(order: Order) -> tuple[SaleRow, ...]:
    """Return the order's rows, in the order in which they happened. A test order has none."""
    if order.test:
        return ()
    if order.agreements is None:
        rows = [*_placed(order), *_refunded(order, order.refunds), *_cancellation_rows(order)]
    else:
        rows = [*_agreed(order, order.agreements), *_refunded(order, overlay.refunds(order)), *_added(order)]
    return tuple(sorted(rows, key=_place))


def _place(row: SaleRow) -> tuple[datetime, bool, int]:
    """Return the place of a row in the ledger: the same for a computed row and for its equal that Shopify lists."""
    of_line = row.line_item_id
    return row.happened_at, of_line is None, _PLACES[row.line_type] if of_line is None else of_line


def is_all_placed(order: Order) -> bool:
    """Whether an order's lines, shipping, tip, duties and fees come to its total as placed.

    If not, something else was charged. Only Shopify's own ledger lists a charge that no field of an order has.
    """
    return sum([row.net + row.tax for row in _placed(order)], _ZERO) == order.total


def _placed(order: Order) -> Iterator[SaleRow]:
    for line in order.line_items:
        yield _sold(order, line)
    yield from _shipped(order)
    # The order's sum of tips repeats the lines that are tips; a CSV has the sum only.
    if order.tip and not any(line.is_tip for line in order.line_items):
        yield _row(order, line_type=LineType.TIP, quantity=1, charged=order.tip)
    if order.duties:
        yield _row(order, line_type=LineType.DUTY, quantity=0, charged=order.duties)
    if order.fees:
        yield _row(order, line_type=LineType.FEE, quantity=0, charged=order.fees)


def _shipped(order: Order) -> Iterator[SaleRow]:
    """Return the shipping charges.

    If a refund pays back a charge that an edit removed, the customer had paid it, so it counts. The refund names its
    line, or refunds more shipping than the other lines charged.
    """
    rows = [(line, _shipping_row(order, line)) for line in order.shipping_lines]
    refunds = [a for refund in order.refunds for a in refund.adjustments if a.kind == AdjustmentKind.SHIPPING]
    refunded_ids = {adjustment.shipping_line_id for adjustment in refunds}
    charged = sum((row.net for line, row in rows if not line.is_removed), _ZERO)
    is_more = sum((_split(order, adjustment)[0] for adjustment in refunds), _ZERO) > charged
    return (row for line, row in rows if not line.is_removed or is_more or line.shipping_line_id in refunded_ids)


def _shipping_row(order: Order, line: ShippingLine) -> SaleRow:
    charged = line.price - line.discount
    return _row(
        order, line_type=LineType.SHIPPING, quantity=1, charged=charged, discount=line.discount, taxes=line.taxes
    )


def _added(order: Order) -> Iterator[SaleRow]:
    """Yield the lines of an edit that is newer than the agreements, dated by the order's last change."""
    for line in overlay.added_lines(order):
        yield replace(_sold(order, line), happened_at=order.updated_at, reason="order_edit")


def _sold(order: Order, line: LineItem) -> SaleRow:
    return _row(
        order,
        line_type=_line_type(line),
        quantity=line.quantity,
        charged=line.unit_price * line.quantity - line.discount,
        discount=line.discount,
        taxes=line.taxes,
        line=line,
    )


def _row(
    order: Order,
    *,
    line_type: LineType,
    quantity: int,
    charged: Decimal,
    discount: Decimal = _ZERO,
    taxes: tuple[TaxLine, ...] = (),
    line: LineItem | None = None,
) -> SaleRow:
    """Return one line as placed; `charged` is what the customer pays for it, and contains tax if prices do."""
    tax = sum((tax.amount for tax in taxes), _ZERO)
    return SaleRow(
        happened_at=order.processed_at,
        reason="order",
        action=Action.ORDER,
        line_type=line_type,
        quantity=quantity,
        net=charged - tax if order.taxes_included else charged,
        discount=_before_tax(charged, discount, taxes, order),
        tax=tax,
        line_item_id=line.line_item_id if line else None,
        product_id=line.product_id if line else None,
        variant_id=line.variant_id if line else None,
    )


def _before_tax(charged: Decimal, discount: Decimal, taxes: tuple[TaxLine, ...], order: Order) -> Decimal:
    """Return the part of a discount that is before tax, if prices contain tax.

    Shopify's ledger has each price before tax in whole coins, so the discount is the difference of two of them: not
    the discount divided by the rate, which can be a coin away.
    """
    if not order.taxes_included or not discount:
        return discount
    divisor = 1 + sum((tax.rate for tax in taxes), _ZERO)

    def tax_in(price: Decimal) -> Decimal:
        # By the rates for both prices: a line that is exempt has its rates and no amounts.
        return sum((rounded(price * tax.rate / divisor, order.currency) for tax in taxes), _ZERO)

    return discount - (tax_in(charged + discount) - tax_in(charged))


def _refunded(order: Order, refunds: Iterable[Refund]) -> Iterator[SaleRow]:
    lines = {line.line_item_id: line for line in order.line_items}
    for refund in refunds:
        for returned in refund.lines:
            yield _returned(order, refund, returned, lines.get(returned.line_item_id))
        for adjustment in refund.adjustments:
            if adjustment.kind == AdjustmentKind.DUTY and not order.duties:
                continue  # The prices contain the duties, and so do the goods that are given back.
            yield _adjusted(order, refund, adjustment)


def _returned(order: Order, refund: Refund, returned: RefundLine, line: LineItem | None) -> SaleRow:
    """Return the row of returned goods. A refund line's amounts are those of the returned units alone."""
    net = returned.subtotal - returned.tax if order.taxes_included else returned.subtotal
    share = _ZERO
    if line and line.discount and line.quantity:
        charged = line.unit_price * line.quantity - line.discount
        discount = _before_tax(charged, line.discount, line.taxes, order)
        share = rounded(discount * returned.quantity / line.quantity, order.currency)
    return SaleRow(
        happened_at=refund.processed_at,
        reason="refund",
        action=Action.RETURN,
        line_type=_line_type(line) if line else LineType.PRODUCT,
        quantity=-returned.quantity,
        net=-net,
        discount=-share,
        tax=-returned.tax,
        line_item_id=returned.line_item_id,
        product_id=line.product_id if line else None,
        variant_id=line.variant_id if line else None,
    )


def _adjusted(order: Order, refund: Refund, adjustment: RefundAdjustment) -> SaleRow:
    """Return the row of an adjustment. Refunded shipping and duties lower sales; a discrepancy adds to them."""
    line_type = _ADJUSTMENT_TYPES.get(adjustment.kind)
    sign = -1 if line_type else 1
    net, tax = _split(order, adjustment)
    return SaleRow(
        happened_at=refund.processed_at,
        reason="refund",
        action=Action.RETURN,
        line_type=line_type or LineType.ADJUSTMENT,
        quantity=0,
        net=sign * net,
        discount=_ZERO,
        tax=sign * tax,
    )


def _split(order: Order, adjustment: RefundAdjustment) -> tuple[Decimal, Decimal]:
    """Return the refunded amount before tax, and its tax."""
    tax = adjustment.tax
    if tax is None:
        tax = _own_tax(order, adjustment)
    contains_tax = adjustment.is_as_priced and order.taxes_included
    return (adjustment.amount - tax if contains_tax else adjustment.amount), tax


def _own_tax(order: Order, adjustment: RefundAdjustment) -> Decimal:
    """Return the shipping line's own tax, in proportion to the refunded part of the charge."""
    line = _shipping_line(order.shipping_lines, adjustment.shipping_line_id)
    charged = line.price - line.discount if line else _ZERO
    if line is None or not charged:
        return _ZERO
    tax = sum((tax.amount for tax in line.taxes), _ZERO)
    return rounded(tax * adjustment.amount / charged, order.currency)


def _shipping_line(lines: tuple[ShippingLine, ...], shipping_line_id: int | None) -> ShippingLine | None:
    """Return the line of this id, else the only line: the summary line of a bulk operation may have another id."""
    same_id = [line for line in lines if line.shipping_line_id == shipping_line_id]
    return next(iter(same_id or (lines if len(lines) == 1 else ())), None)


def _cancellation_rows(order: Order) -> Iterator[SaleRow]:
    """Yield the reversal of an order that was cancelled without a refund and of which no money was kept, on that day.

    A CSV has the day of a cancellation and no refunds. A webhook of an order that was never paid may have none
    either, until the ledger is read. The API's cancelled orders are read with their ledger.
    """
    if order.source is Source.API or order.cancelled_at is None or order.refunds:
        return
    if order.financial_status in _SOMETHING_KEPT:
        return
    for row in _placed(order):
        yield replace(
            row,
            happened_at=order.cancelled_at,
            reason="refund",
            action=Action.RETURN,
            quantity=-row.quantity,
            net=-row.net,
            discount=-row.discount,
            tax=-row.tax,
        )


def _agreed(order: Order, agreements: Iterable[Agreement]) -> Iterator[SaleRow]:
    lines = {line.line_item_id: line for line in order.line_items}
    for agreement in agreements:
        # An order and its sales share a day: an imported order is agreed on at its import, perhaps years later.
        at = order.processed_at if agreement.reason == "order" else agreement.happened_at
        for sale in agreement.sales:
            yield _sale(agreement, sale, at, lines)


def _sale(agreement: Agreement, sale: AgreementSale, at: datetime, lines: Mapping[int, LineItem]) -> SaleRow:
    line = lines.get(sale.line_item_id or 0)
    action = _ACTIONS.get(sale.action)
    line_type = _LINE_TYPES.get(sale.line_type, LineType.UNKNOWN)
    return SaleRow(
        happened_at=at,
        reason=agreement.reason,
        action=action or Action.UPDATE,
        line_type=line_type if action else LineType.UNKNOWN,
        quantity=sale.quantity,
        net=sale.total - sale.tax,
        discount=sale.discount_before_tax,
        tax=sale.tax,
        line_item_id=sale.line_item_id,
        product_id=line.product_id if line else None,
        variant_id=line.variant_id if line else None,
    )


def _line_type(line: LineItem) -> LineType:
    if line.is_tip:
        return LineType.TIP
    return LineType.GIFT_CARD if line.is_gift_card else LineType.PRODUCT
