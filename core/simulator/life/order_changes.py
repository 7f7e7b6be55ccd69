"""Edits, returns and exchanges. The ledger holds them on their day; money is paid or refunded afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.errors import InvalidInput
from core.simulator.life.checkout import CartItem, make_line, record_payment, take_from_stock
from core.simulator.life.refunds import find_line, remove_units, restock
from core.simulator.shop import agreements
from core.simulator.shop.ledger import Agreement, Refund, RefundLine, Return
from core.simulator.shop.model import ZERO, Line, Order
from core.simulator.shop.shop import Shop

_REFUND_DELAY = timedelta(seconds=16)
"""The time between an edit and its refund."""


def add_line(shop: Shop, order: Order, item: CartItem, at: datetime) -> Line:
    """Edit an order: add an item at its full price, and charge it."""
    line = _append_line(shop, order, item, at)
    agreement = agreements.make_edit(shop, order, at, added=[line])
    _add_edit(order, agreement)
    _settle_difference(shop, order, agreement)
    return line


def lower_quantity(shop: Shop, order: Order, line_id: int, quantity: int, at: datetime) -> Refund:
    """Edit an order: remove `quantity` units of a line.

    The shop keeps their money until a refund. Shopify lists a refund without money for the units, which no agreement
    names.

    Raises:
        InvalidInput: the line has fewer units left.
    """
    return _remove_units(shop, order, line_id, quantity, at, ())


def swap(shop: Shop, order: Order, line_id: int, quantity: int, item: CartItem, at: datetime) -> Line:
    """Edit an order: remove units of a line and add an item. The difference is charged, or refunded a moment later.

    Raises:
        InvalidInput: the line has fewer units left.
    """
    find_line(order, line_id, quantity)
    line = _append_line(shop, order, item, at)
    _remove_units(shop, order, line_id, quantity, at, [line])
    _settle_difference(shop, order, order.agreements[-1], at + _REFUND_DELAY)
    return line


def take_return(shop: Shop, order: Order, units: Mapping[int, int], at: datetime) -> Return:
    """Take back goods (line id: quantity), dated on this day. `refund_return` refunds their money later.

    Raises:
        InvalidInput: there are fewer units left.
    """
    lines = _take_back(shop, order, units, at)
    order.agreements.append(agreements.make_return(shop, order, at, lines))
    return _add_return(shop, order, lines, at)


def request_return(shop: Shop, order: Order, units: Mapping[int, int], at: datetime) -> Return:
    """Enter a customer's request to return goods (line id: quantity). They come back when it is approved.

    Raises:
        InvalidInput: there are fewer units left.
    """
    for line_id, quantity in units.items():
        find_line(order, line_id, quantity)
    lines = tuple(
        RefundLine(shop.ids.next("refund_line"), line_id, quantity, ZERO, ZERO, "RETURN")
        for line_id, quantity in units.items()
    )
    requested = Return(shop.ids.next("return"), at, lines, state="REQUESTED")
    order.returns.append(requested)
    return requested


def approve_return(shop: Shop, order: Order, requested: Return, at: datetime) -> None:
    """Approve a requested return, and take the goods back on this day; its lines keep their ids."""
    taken = _take_back(shop, order, {line.line_id: line.quantity for line in requested.lines}, at)
    requested.lines = tuple(
        replace(line, refund_line_id=asked.refund_line_id) for line, asked in zip(taken, requested.lines, strict=True)
    )
    order.agreements.append(agreements.make_return(shop, order, at, requested.lines))
    requested.state, order.updated_at = "OPEN", max(order.updated_at, at)


def refund_return(shop: Shop, order: Order, open_return: Return, at: datetime) -> Refund:
    """Refund the money of a return. The refund lists the goods once more, its agreement does not.

    Raises:
        InvalidInput: the return was refunded already.
    """
    if not open_return.awaits_refund:
        raise InvalidInput(f"Order {order.name} has no return that waits for its refund")
    taxes = ZERO if shop.spec.taxes_included else sum((line.tax for line in open_return.lines), ZERO)
    money = sum((line.subtotal for line in open_return.lines), ZERO) + taxes
    return _refund_money(shop, order, at, open_return.lines, money, open_return)


def exchange(shop: Shop, order: Order, line_id: int, quantity: int, item: CartItem, at: datetime) -> Return:
    """Exchange units of a line for an item. The difference is charged or refunded at once.

    Raises:
        InvalidInput: the line has fewer units left.
    """
    lines = _take_back(shop, order, {line_id: quantity}, at)
    line = _append_line(shop, order, item, at)
    agreement = agreements.make_return(shop, order, at, lines, [line])
    order.agreements.append(agreement)
    order.is_edited = True
    new_return = _add_return(shop, order, lines, at)
    difference = _total(agreement)
    if difference > 0 and order.is_paid:
        record_payment(shop, order, "SALE", difference, at)
    _refund_money(shop, order, at, lines, max(ZERO, -difference), new_return)
    return new_return


def _append_line(shop: Shop, order: Order, item: CartItem, at: datetime) -> Line:
    line = make_line(shop, item, order.address)
    order.lines.append(line)
    take_from_stock(item, at)
    return line


def _remove_units(
    shop: Shop, order: Order, line_id: int, quantity: int, at: datetime, added: Sequence[Line]
) -> Refund:
    lines = _take_back(shop, order, {line_id: quantity}, at, "CANCEL")
    _add_edit(order, agreements.make_edit(shop, order, at, lines, added))
    refund = Refund(shop.ids.next("refund"), at, None, lines)
    order.refunds.append(refund)
    return refund


def _take_back(
    shop: Shop, order: Order, units: Mapping[int, int], at: datetime, restock_type: str = "RETURN"
) -> tuple[RefundLine, ...]:
    """Remove units from their lines and put them back on the shelf."""
    if not units:
        raise InvalidInput(f"Order {order.name}: name the units that come back")
    for line_id, quantity in units.items():
        find_line(order, line_id, quantity)
    lines = tuple(remove_units(shop, order, line_id, quantity, restock_type) for line_id, quantity in units.items())
    restock(shop, order, lines, at)
    return lines


def _add_return(shop: Shop, order: Order, lines: tuple[RefundLine, ...], at: datetime) -> Return:
    new_return = Return(shop.ids.next("return"), at, lines)
    order.returns.append(new_return)
    order.updated_at = max(order.updated_at, at)
    return new_return


def _add_edit(order: Order, agreement: Agreement) -> None:
    order.agreements.append(agreement)
    order.is_edited, order.updated_at = True, agreement.happened_at


def _settle_difference(shop: Shop, order: Order, agreement: Agreement, refund_at: datetime | None = None) -> None:
    """Charge the price of added units. Refund removed units at `refund_at`, or not at all where it is None."""
    difference = _total(agreement)
    if difference > 0 and order.is_paid:
        record_payment(shop, order, "SALE", difference, agreement.happened_at)
    elif difference < 0 and order.is_paid and refund_at:
        _refund_money(shop, order, refund_at, (), -difference)


def _refund_money(
    shop: Shop,
    order: Order,
    at: datetime,
    lines: tuple[RefundLine, ...],
    money: Decimal,
    refunded_return: Return | None = None,
) -> Refund:
    """Refund money of goods that the ledger already holds: the refund's agreement has no sales."""
    refund = Refund(shop.ids.next("refund"), at, None, lines)
    if refunded_return:
        refund.return_id, refunded_return.is_refunded = refunded_return.return_id, True
    if order.is_paid and money > 0:
        refund.transaction = record_payment(shop, order, "REFUND", money, at)
    order.agreements.append(agreements.make_payout(shop, refund))
    order.refunds.append(refund)
    order.updated_at = max(order.updated_at, at)
    return refund


def _total(agreement: Agreement) -> Decimal:
    return sum((sale.total for sale in agreement.sales), ZERO)
