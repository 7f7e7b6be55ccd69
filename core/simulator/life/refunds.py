"""Refunds and cancels an order. For edits and returns see `core.simulator.life.order_changes`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.errors import InvalidInput
from core.simulator.life.checkout import Pick, pay, touch
from core.simulator.shop import agreements
from core.simulator.shop.amounts import part_of
from core.simulator.shop.ledger import Refund, RefundLine
from core.simulator.shop.model import ZERO, Line, Order
from core.simulator.shop.shop import Shop


def refund(
    shop: Shop,
    order: Order,
    at: datetime,
    units: Mapping[int, int],
    *,
    shipping: bool = False,
    discrepancy: Decimal = ZERO,
    restock_type: str = "RETURN",
    note: str | None = None,
    pending: bool = False,
) -> Refund:
    """Give back `units` (line id: how many), the shipping if so said, and the money for them less `discrepancy`.

    An order that was never paid gives no money back. A negative discrepancy gives more than the goods' value. The
    money of a `pending` refund has not moved yet, so until `settle` all of it stands as a discrepancy.

    Raises:
        InvalidInput: there are not so many units left, or nothing at all to give back.
    """
    for line_id, quantity in units.items():
        line_with(order, line_id, quantity)  # all are there, before anything is taken back
    lines = tuple(take_back(shop, order, line_id, quantity, restock_type) for line_id, quantity in units.items())
    charge = order.shipping if shipping and order.shipping and not order.shipping.is_refunded else None
    if not lines and not discrepancy and not charge:
        raise InvalidInput(f"Order {order.name} has nothing left to refund; name units, shipping or an amount")
    tax = charge.tax if charge else ZERO
    before_tax = (charge.charged - tax if shop.spec.taxes_included else charge.charged) if charge else ZERO
    if charge:
        charge.is_refunded = True
    made = Refund(
        refund_id=shop.ids.next("refund"),
        processed_at=at,
        note=note,
        lines=lines,
        shipping=before_tax,
        shipping_tax=tax,
        shipping_row_id=shop.ids.next("adjustment") if before_tax else None,
        discrepancy=discrepancy,
        discrepancy_id=shop.ids.next("adjustment") if discrepancy else None,
    )
    return _book(shop, order, made, pending=pending)


def settle(order: Order, made: Refund, at: datetime) -> None:
    """The money of a pending refund moves. Shopify takes the discrepancy out of the refund, on the refund's day.

    Raises:
        InvalidInput: nothing is pending.
    """
    if made.transaction is None or made.transaction.status != "PENDING":
        raise InvalidInput(f"Order {order.name} has no pending refund")
    made.transaction.status = "SUCCESS"
    made.discrepancy, made.discrepancy_id = ZERO, None
    order.agreements = [
        replace(each, sales=tuple(sale for sale in each.sales if sale.line_type != "ADJUSTMENT"))
        if each.refund_id == made.refund_id
        else each
        for each in order.agreements
    ]
    order.updated_at = at


def cancel(shop: Shop, order: Order, at: datetime, reason: str = "CUSTOMER") -> Refund | None:
    """Cancel an order: all that is left of it goes back on the shelf, and its money, if any, to the customer.

    Returns None where nothing was left to give back.

    Raises:
        InvalidInput: it is cancelled already.
    """
    if order.cancelled_at:
        raise InvalidInput(f"Order {order.name} is cancelled already")
    order.cancelled_at, order.cancel_reason, order.updated_at = at, reason, at
    units = {line.line_id: line.current_quantity for line in order.lines if line.current_quantity}
    if not units:
        return None
    return refund(shop, order, at, units, shipping=True, restock_type="CANCEL", note="Order canceled")


def worth(shop: Shop, order: Order, line_id: int, quantity: int) -> Decimal:
    """What units that are left of a line are worth, with tax."""
    line, currency = order.line(line_id), shop.spec.currency
    goods = part_of(line.charged, line.gone, quantity, line.quantity, currency)
    tax = part_of(line.tax, line.gone, quantity, line.quantity, currency)
    return goods if shop.spec.taxes_included else goods + tax


def take_back(shop: Shop, order: Order, line_id: int, quantity: int, restock_type: str) -> RefundLine:
    """The refund line for units of a line, which then has fewer. Parts of a line sum exactly to the whole."""
    line = order.line(line_id)
    gone = line.gone
    line.current_quantity -= quantity
    return RefundLine(
        refund_line_id=shop.ids.next("refund_line"),
        line_id=line_id,
        quantity=quantity,
        subtotal=part_of(line.charged, gone, quantity, line.quantity, shop.spec.currency),
        tax=part_of(line.tax, gone, quantity, line.quantity, shop.spec.currency),
        restock_type=restock_type,
    )


def line_with(order: Order, line_id: int, quantity: int) -> Line:
    """The line, if it has so many units left."""
    try:
        line = order.line(line_id)
    except KeyError:
        raise InvalidInput(f"Order {order.name} has no line {line_id}") from None
    if not 0 < quantity <= line.current_quantity:
        raise InvalidInput(f"Order {order.name} has {line.current_quantity} of {line.title} left, not {quantity}")
    return line


def _book(shop: Shop, order: Order, made: Refund, *, pending: bool) -> Refund:
    """The refund becomes part of the order: its agreement, its money, its goods back on the shelf."""
    # The ledger's rows say what the goods and the shipping were worth, less what was kept: that is the money.
    agreement = agreements.refunded(shop, order, made)
    money = -sum((sale.total for sale in agreement.sales), ZERO)
    if order.is_paid and money > 0:
        made.transaction = pay(shop, order, "REFUND", money, made.processed_at, pending=pending)
        if pending:
            made.discrepancy, made.discrepancy_id = money, shop.ids.next("adjustment")
            agreement = agreements.refunded(shop, order, made)
    order.agreements.append(agreement)
    order.refunds.append(made)
    order.updated_at = max(order.updated_at, made.processed_at)
    restock(shop, order, made.lines, made.processed_at)
    return made


def restock(shop: Shop, order: Order, lines: Iterable[RefundLine], at: datetime) -> None:
    """Put back on the shelf what may be sold again."""
    for returned in lines:
        variant_id = order.line(returned.line_id).variant_id
        if returned.restock_type != "NO_RESTOCK" and variant_id:
            touch(shop, Pick(*shop.variant(variant_id), -returned.quantity), at)
