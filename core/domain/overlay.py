"""Refunds and lines of webhooks that are newer than an order's agreements, and so not booked in them.

They are laid on top of the agreements until the re-fetch: while Shopify's API is away, figures stay right and nearly
complete. A webhook's new prices and shipping charges wait for the re-fetch; they cannot be computed from its body.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from core.domain import AgreementSale, LineItem, Order, Refund, RefundLine, Source
from core.domain.money import rounded


def refunds(order: Order) -> Iterator[Refund]:
    """The refunds that the reading of the agreements did not list, without units that the agreements took back.

    Shopify books the goods of a return by a ReturnAgreement and refunds them later.
    """
    booked = _booked(order)
    ahead = _returned_ahead(order, booked)
    for refund in order.refunds:
        if refund.refund_id not in booked:
            yield replace(refund, lines=tuple(_not_returned(refund, ahead, order.currency)))


def added_lines(order: Order) -> Iterator[LineItem]:
    """The goods that a newer webhook lists and the agreements have not sold: whole lines, or more units of a line."""
    if order.source is not Source.WEBHOOK or not order.agreements:
        return
    sold: Counter[int | None] = Counter()
    for sale in _goods_sales(order, "order"):
        sold[sale.line_item_id] += sale.quantity
    for line in order.line_items:
        more = line.quantity - sold[line.line_item_id]
        if more > 0 and not (line.is_tip or line.is_gift_card):
            yield _units(line, more, order.currency)


def _booked(order: Order) -> set[int]:
    named = {agreement.refund_id for agreement in order.agreements or () if agreement.refund_id is not None}
    return named.union(order.agreed_refunds)


def _returned_ahead(order: Order, booked: set[int]) -> Counter[int | None]:
    """Units by line that the agreements took back before any refund of theirs."""
    ahead: Counter[int | None] = Counter()
    for sale in _goods_sales(order, "return"):
        ahead[sale.line_item_id] -= sale.quantity
    for refund in order.refunds:
        if refund.refund_id in booked:
            for returned in refund.lines:
                ahead[returned.line_item_id] -= returned.quantity
    return ahead


def _goods_sales(order: Order, action: str) -> Iterator[AgreementSale]:
    for agreement in order.agreements or ():
        for sale in agreement.sales:
            if sale.action == action and sale.line_type == "product":
                yield sale


def _not_returned(refund: Refund, ahead: Counter[int | None], currency: str) -> Iterator[RefundLine]:
    """The refund's lines without the units counted in `prefetch`, from which each of those is taken off."""
    for returned in refund.lines:
        known = min(max(ahead[returned.line_item_id], 0), returned.quantity)
        ahead[returned.line_item_id] -= known
        rest = returned.quantity - known
        if not known:
            yield returned
        elif rest:
            subtotal, tax = (
                rounded(amount * rest / returned.quantity, currency) for amount in (returned.subtotal, returned.tax)
            )
            yield replace(returned, quantity=rest, subtotal=subtotal, tax=tax)


def _units(line: LineItem, units: int, currency: str) -> LineItem:
    """So many units of a line, with their share of its discount and its taxes."""
    if units == line.quantity:
        return line
    discount = rounded(line.discount * units / line.quantity, currency)
    taxes = tuple(replace(tax, amount=rounded(tax.amount * units / line.quantity, currency)) for tax in line.taxes)
    return replace(line, quantity=units, discount=discount, taxes=taxes)
