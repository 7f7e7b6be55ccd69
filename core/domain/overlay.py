"""Computes the refunds and lines of webhooks that are newer than an order's agreements, and not booked in them.

The ledger adds them to the agreements until the re-fetch: while Shopify's API is unavailable, figures stay right and
nearly complete. A webhook's new prices and shipping charges wait for the re-fetch: its body is not enough for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from core.domain import AgreementSale, LineItem, Order, Refund, RefundLine, Source
from core.domain.money import rounded


def refunds(order: Order) -> Iterator[Refund]:
    """Yield the refunds that the reading of the agreements did not list, without units that the agreements returned.

    Shopify books the goods of a return by a ReturnAgreement and refunds them later.
    """
    booked = _booked(order)
    ahead = _returned_ahead(order, booked)
    for refund in order.refunds:
        if refund.refund_id not in booked:
            yield replace(refund, lines=tuple(_not_returned(refund, ahead, order.currency)))


def added_lines(order: Order) -> Iterator[LineItem]:
    """Yield the goods that a newer webhook lists and the agreements have not sold: lines, or more units of a line."""
    if order.source is not Source.WEBHOOK or not order.agreements:
        return
    sold: Counter[int | None] = Counter()
    for sale in _goods_sales(order, "order"):
        sold[sale.line_item_id] += sale.quantity
    for line in order.line_items:
        unsold = line.quantity - sold[line.line_item_id]
        if unsold > 0 and not (line.is_tip or line.is_gift_card):
            yield _units(line, unsold, order.currency)


def _booked(order: Order) -> set[int]:
    """Return the ids of the refunds that the agreements contain."""
    refund_ids = {agreement.refund_id for agreement in order.agreements or () if agreement.refund_id is not None}
    return refund_ids.union(order.agreed_refunds)


def _returned_ahead(order: Order, booked: set[int]) -> Counter[int | None]:
    """Return the units by line that the agreements returned before a refund of theirs did."""
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
    """Yield the refund's lines without the units in `ahead`; each unit that is left out is taken off `ahead`."""
    for returned in refund.lines:
        returned_before = min(max(ahead[returned.line_item_id], 0), returned.quantity)
        ahead[returned.line_item_id] -= returned_before
        units = returned.quantity - returned_before
        if not returned_before:
            yield returned
        elif units:
            subtotal, tax = (
                rounded(amount * units / returned.quantity, currency) for amount in (returned.subtotal, returned.tax)
            )
            yield replace(returned, quantity=units, subtotal=subtotal, tax=tax)


def _units(line: LineItem, units: int, currency: str) -> LineItem:
    """Return so many units of a line, with their share of its discount and its taxes."""
    if units == line.quantity:
        return line
    discount = rounded(line.discount * units / line.quantity, currency)
    taxes = tuple(replace(tax, amount=rounded(tax.amount * units / line.quantity, currency)) for tax in line.taxes)
    return replace(line, quantity=units, discount=discount, taxes=taxes)
