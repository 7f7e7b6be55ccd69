"""What happens to an order later: goods come back, it is cancelled, somebody changes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from core.demo import sales
from core.demo.amounts import part_of
from core.demo.checkout import Pick, line_for, pay, touch
from core.demo.model import ZERO, Line, Order, Refund, RefundLine
from core.demo.shop import Shop
from core.errors import InvalidInput


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
) -> Refund:
    """Give back `units` (line id: how many), the shipping if so said, and the money for them less `discrepancy`.

    An order that was never paid gives no money back. A negative discrepancy gives more than the goods' value.

    Raises:
        InvalidInput: there are not so many units left, or nothing at all to give back.
    """
    for line_id, quantity in units.items():
        _line_with(order, line_id, quantity)  # all are there, before anything is taken back
    lines = tuple(_take_back(shop, order, line_id, quantity, restock_type) for line_id, quantity in units.items())
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
    return _book(shop, order, made)


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


def add_line(shop: Shop, order: Order, pick: Pick, at: datetime) -> Line:
    """Edit an order: something is added at its full price, and paid."""
    line = line_for(shop, pick, order.address)
    order.lines.append(line)
    touch(shop, pick, at)
    agreement = sales.added(shop, line, at)
    order.agreements.append(agreement)
    order.is_edited, order.updated_at = True, at
    if order.is_paid:
        pay(shop, order, "SALE", sum((sale.total for sale in agreement.sales), ZERO), at)
    return line


def lower_quantity(shop: Shop, order: Order, line_id: int, quantity: int, at: datetime) -> None:
    """Edit an order: `quantity` units of a line are taken off. The money stays with the shop until a refund.

    Raises:
        InvalidInput: the line has not so many units left.
    """
    line = _line_with(order, line_id, quantity)
    order.agreements.append(sales.lowered(shop, line, quantity, at))
    line.current_quantity -= quantity
    product, variant = shop.variant(line.variant_id)
    touch(shop, Pick(product, variant, -quantity), at)
    order.is_edited, order.updated_at = True, at


def _take_back(shop: Shop, order: Order, line_id: int, quantity: int, restock_type: str) -> RefundLine:
    """The refund line for units of a line, which then has fewer. Parts of a line sum exactly to the whole."""
    line = order.line(line_id)
    gone = line.quantity - line.current_quantity
    line.current_quantity -= quantity
    return RefundLine(
        refund_line_id=shop.ids.next("refund_line"),
        line_id=line_id,
        quantity=quantity,
        subtotal=part_of(line.charged, gone, quantity, line.quantity, shop.spec.currency),
        tax=part_of(line.tax, gone, quantity, line.quantity, shop.spec.currency),
        restock_type=restock_type,
    )


def _line_with(order: Order, line_id: int, quantity: int) -> Line:
    """The line, if it has so many units left."""
    try:
        line = order.line(line_id)
    except KeyError:
        raise InvalidInput(f"Order {order.name} has no line {line_id}") from None
    if not 0 < quantity <= line.current_quantity:
        raise InvalidInput(f"Order {order.name} has {line.current_quantity} of {line.title} left, not {quantity}")
    return line


def _book(shop: Shop, order: Order, made: Refund) -> Refund:
    """The refund becomes part of the order: its agreement, its money, its goods back on the shelf."""
    agreement = sales.refunded(shop, order, made)
    order.agreements.append(agreement)
    # The ledger's rows say what the goods and the shipping were worth, less what was kept: that is the money.
    money = -sum((sale.total for sale in agreement.sales), ZERO)
    if order.is_paid and money > 0:
        made.transaction = pay(shop, order, "REFUND", money, made.processed_at)
    order.refunds.append(made)
    order.updated_at = max(order.updated_at, made.processed_at)
    for returned in made.lines:
        if returned.restock_type != "NO_RESTOCK":
            product, variant = shop.variant(order.line(returned.line_id).variant_id)
            touch(shop, Pick(product, variant, -returned.quantity), made.processed_at)
    return made
