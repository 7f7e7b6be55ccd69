"""Refunds and cancels orders. For edits and returns see `core.simulator.life.order_changes`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.errors import InvalidInput
from core.simulator.life.checkout import CartItem, record_payment, take_from_stock
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
    """Refund `units` (line id: quantity), the shipping if asked, and their money less `discrepancy`.

    An unpaid order gives no money back. A negative discrepancy gives more than the value of the goods. The money of a
    `pending` refund has not moved yet: until `settle`, all of it stands as a discrepancy.

    Raises:
        InvalidInput: there are not so many units left, or nothing at all to give back.
    """
    for line_id, quantity in units.items():
        find_line(order, line_id, quantity)  # check all of them before changing any
    lines = tuple(remove_units(shop, order, line_id, quantity, restock_type) for line_id, quantity in units.items())
    charge = order.shipping if shipping and order.shipping and not order.shipping.is_refunded else None
    if not lines and not discrepancy and not charge:
        raise InvalidInput(f"Order {order.name} has nothing left to refund; name units, shipping or an amount")
    tax = charge.tax if charge else ZERO
    before_tax = (charge.charged - tax if shop.spec.taxes_included else charge.charged) if charge else ZERO
    if charge:
        charge.is_refunded = True
    refunded = Refund(
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
    return _add_refund(shop, order, refunded, pending=pending)


def settle(order: Order, pending_refund: Refund, at: datetime) -> None:
    """Pay the money of a pending refund. Shopify then removes the discrepancy from the refund, on the refund's day.

    Raises:
        InvalidInput: nothing is pending.
    """
    if pending_refund.transaction is None or pending_refund.transaction.status != "PENDING":
        raise InvalidInput(f"Order {order.name} has no pending refund")
    pending_refund.transaction.status = "SUCCESS"
    pending_refund.discrepancy, pending_refund.discrepancy_id = ZERO, None
    order.agreements = [
        replace(agreement, sales=tuple(sale for sale in agreement.sales if sale.line_type != "ADJUSTMENT"))
        if agreement.refund_id == pending_refund.refund_id
        else agreement
        for agreement in order.agreements
    ]
    order.updated_at = at


def cancel(shop: Shop, order: Order, at: datetime, reason: str = "CUSTOMER") -> Refund | None:
    """Cancel an order: restock and refund the rest of it.

    Returns None where nothing was left to give back.

    Raises:
        InvalidInput: the order is cancelled already.
    """
    if order.cancelled_at:
        raise InvalidInput(f"Order {order.name} is cancelled already")
    order.cancelled_at, order.cancel_reason, order.updated_at = at, reason, at
    units = {line.line_id: line.current_quantity for line in order.lines if line.current_quantity}
    if not units:
        return None
    return refund(shop, order, at, units, shipping=True, restock_type="CANCEL", note="Order canceled")


def units_value(shop: Shop, order: Order, line_id: int, quantity: int) -> Decimal:
    """Return the value of units that are left of a line, with tax."""
    line, currency = order.line(line_id), shop.spec.currency
    goods = part_of(line.charged, line.removed_quantity, quantity, line.quantity, currency)
    tax = part_of(line.tax, line.removed_quantity, quantity, line.quantity, currency)
    return goods if shop.spec.taxes_included else goods + tax


def remove_units(shop: Shop, order: Order, line_id: int, quantity: int, restock_type: str) -> RefundLine:
    """Remove units from a line and return their refund line. Parts of a line sum exactly to the whole."""
    line = order.line(line_id)
    removed_before = line.removed_quantity
    line.current_quantity -= quantity
    return RefundLine(
        refund_line_id=shop.ids.next("refund_line"),
        line_id=line_id,
        quantity=quantity,
        subtotal=part_of(line.charged, removed_before, quantity, line.quantity, shop.spec.currency),
        tax=part_of(line.tax, removed_before, quantity, line.quantity, shop.spec.currency),
        restock_type=restock_type,
    )


def find_line(order: Order, line_id: int, quantity: int) -> Line:
    """Find a line that has at least `quantity` units left.

    Raises:
        InvalidInput: there is no such line, or it has fewer units.
    """
    try:
        line = order.line(line_id)
    except KeyError:
        raise InvalidInput(f"Order {order.name} has no line {line_id}") from None
    if not 0 < quantity <= line.current_quantity:
        raise InvalidInput(f"Order {order.name} has {line.current_quantity} of {line.title} left, not {quantity}")
    return line


def _add_refund(shop: Shop, order: Order, refund: Refund, *, pending: bool) -> Refund:
    """Add a refund to its order: agreement, payment, and goods back on the shelf."""
    # The money is what the ledger's rows take from sales: goods and shipping, less the discrepancy.
    agreement = agreements.make_refund(shop, order, refund)
    money = -sum((sale.total for sale in agreement.sales), ZERO)
    if order.is_paid and money > 0:
        refund.transaction = record_payment(shop, order, "REFUND", money, refund.processed_at, pending=pending)
        if pending:
            refund.discrepancy, refund.discrepancy_id = money, shop.ids.next("adjustment")
            agreement = agreements.make_refund(shop, order, refund)
    order.agreements.append(agreement)
    order.refunds.append(refund)
    order.updated_at = max(order.updated_at, refund.processed_at)
    restock(shop, order, refund.lines, refund.processed_at)
    return refund


def restock(shop: Shop, order: Order, lines: Iterable[RefundLine], at: datetime) -> None:
    """Put returned goods back on the shelf, unless their line says NO_RESTOCK."""
    for returned in lines:
        variant_id = order.line(returned.line_id).variant_id
        if returned.restock_type != "NO_RESTOCK" and variant_id:
            take_from_stock(CartItem(*shop.variant(variant_id), -returned.quantity), at)
