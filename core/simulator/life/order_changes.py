"""Edits, returns and exchanges: what is booked for itself, and paid or paid back afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from core.errors import InvalidInput
from core.simulator.life.checkout import Pick, line_for, pay, touch
from core.simulator.life.refunds import line_with, restock, take_back
from core.simulator.shop import agreements
from core.simulator.shop.ledger import Agreement, Refund, RefundLine, Return
from core.simulator.shop.model import ZERO, Line, Order
from core.simulator.shop.shop import Shop

_A_MOMENT = timedelta(seconds=16)
"""How long after an edit the money for it goes back."""


def add_line(shop: Shop, order: Order, pick: Pick, at: datetime) -> Line:
    """Edit an order: something is added at its full price, and paid."""
    line = _added(shop, order, pick, at)
    agreement = agreements.edited(shop, order, at, added=[line])
    _book_edit(order, agreement)
    _pay_difference(shop, order, agreement)
    return line


def lower_quantity(shop: Shop, order: Order, line_id: int, quantity: int, at: datetime) -> Refund:
    """Edit an order: `quantity` units of a line are taken off. The money stays with the shop until a refund; Shopify
    lists one without money for the units, which no agreement names.

    Raises:
        InvalidInput: the line has not so many units left.
    """
    return _remove(shop, order, line_id, quantity, at, ())


def swap(shop: Shop, order: Order, line_id: int, quantity: int, pick: Pick, at: datetime) -> Line:
    """Edit an order: units of a line are taken off and something else is added. The difference is paid, or, a moment
    later, paid back.

    Raises:
        InvalidInput: the line has not so many units left.
    """
    line_with(order, line_id, quantity)
    line = _added(shop, order, pick, at)
    _remove(shop, order, line_id, quantity, at, [line])
    _pay_difference(shop, order, order.agreements[-1], at + _A_MOMENT)
    return line


def take_return(shop: Shop, order: Order, units: Mapping[int, int], at: datetime) -> Return:
    """Goods come back (line id: how many) and are booked on that day; their money goes back by `refund_return`.

    Raises:
        InvalidInput: there are not so many units left.
    """
    lines = _back(shop, order, units, at)
    order.agreements.append(agreements.returned(shop, order, at, lines))
    return _note_return(shop, order, lines, at)


def refund_return(shop: Shop, order: Order, made: Return, at: datetime) -> Refund:
    """The money for a return goes back. The refund lists the goods again, its agreement does not.

    Raises:
        InvalidInput: it was refunded already.
    """
    if made.is_refunded:
        raise InvalidInput(f"Order {order.name} has no return that waits for its refund")
    taxes = ZERO if shop.spec.taxes_included else sum((line.tax for line in made.lines), ZERO)
    money = sum((line.subtotal for line in made.lines), ZERO) + taxes
    return _refund(shop, order, at, made.lines, money, made)


def exchange(shop: Shop, order: Order, line_id: int, quantity: int, pick: Pick, at: datetime) -> Return:
    """Units of a line come back in exchange for something else; the difference is paid, or paid back at once.

    Raises:
        InvalidInput: the line has not so many units left.
    """
    lines = _back(shop, order, {line_id: quantity}, at)
    line = _added(shop, order, pick, at)
    agreement = agreements.returned(shop, order, at, lines, [line])
    order.agreements.append(agreement)
    order.is_edited = True
    made = _note_return(shop, order, lines, at)
    difference = _worth(agreement)
    if difference > 0 and order.is_paid:
        pay(shop, order, "SALE", difference, at)
    _refund(shop, order, at, lines, max(ZERO, -difference), made)
    return made


def _added(shop: Shop, order: Order, pick: Pick, at: datetime) -> Line:
    line = line_for(shop, pick, order.address)
    order.lines.append(line)
    touch(shop, pick, at)
    return line


def _remove(shop: Shop, order: Order, line_id: int, quantity: int, at: datetime, added: Sequence[Line]) -> Refund:
    lines = _back(shop, order, {line_id: quantity}, at, "CANCEL")
    _book_edit(order, agreements.edited(shop, order, at, lines, added))
    made = Refund(shop.ids.next("refund"), at, None, lines)
    order.refunds.append(made)
    return made


def _back(
    shop: Shop, order: Order, units: Mapping[int, int], at: datetime, restock_type: str = "RETURN"
) -> tuple[RefundLine, ...]:
    """The units, taken from their lines and put back on the shelf."""
    if not units:
        raise InvalidInput(f"Order {order.name}: name the units that come back")
    for line_id, quantity in units.items():
        line_with(order, line_id, quantity)
    lines = tuple(take_back(shop, order, line_id, quantity, restock_type) for line_id, quantity in units.items())
    restock(shop, order, lines, at)
    return lines


def _note_return(shop: Shop, order: Order, lines: tuple[RefundLine, ...], at: datetime) -> Return:
    made = Return(shop.ids.next("return"), at, lines)
    order.returns.append(made)
    order.updated_at = max(order.updated_at, at)
    return made


def _book_edit(order: Order, agreement: Agreement) -> None:
    order.agreements.append(agreement)
    order.is_edited, order.updated_at = True, agreement.happened_at


def _pay_difference(shop: Shop, order: Order, agreement: Agreement, back_at: datetime | None = None) -> None:
    """The customer pays what was added; what was taken off goes back, if at all, at `back_at`."""
    difference = _worth(agreement)
    if difference > 0 and order.is_paid:
        pay(shop, order, "SALE", difference, agreement.happened_at)
    elif difference < 0 and order.is_paid and back_at:
        _refund(shop, order, back_at, (), -difference)


def _refund(
    shop: Shop,
    order: Order,
    at: datetime,
    lines: tuple[RefundLine, ...],
    money: Decimal,
    of: Return | None = None,
) -> Refund:
    """Money for what is booked already: it has an agreement without sales."""
    made = Refund(shop.ids.next("refund"), at, None, lines)
    if of:
        made.return_id, of.is_refunded = of.return_id, True
    if order.is_paid and money > 0:
        made.transaction = pay(shop, order, "REFUND", money, at)
    order.agreements.append(agreements.paid_back(shop, made))
    order.refunds.append(made)
    order.updated_at = max(order.updated_at, at)
    return made


def _worth(agreement: Agreement) -> Decimal:
    return sum((sale.total for sale in agreement.sales), ZERO)
