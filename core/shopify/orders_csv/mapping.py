"""Map an order of the file to a record. A field that the file lacks stays None, or is marked; nothing is invented.

The file has no ids but the order's: the id of a line or a shipping line is its place, until Shopify itself sends the
order. Customer and variants are None here; `core.imports.load` finds them by address and SKU.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from core.domain import LineItem, Order, ShippingLine, Source, tips
from core.errors import InvalidFile
from core.shopify.orders_csv import spreadsheets
from core.shopify.orders_csv.amounts import ZERO, Goods, Settled, Sums, settle
from core.shopify.orders_csv.rows import RawOrder, Row

_AMOUNT = re.compile(r"\d{1,13}(?:\.\d{1,6})?", re.ASCII)
"""With these limits, an amount times a quantity of nine digits stays within the 28 digits that decimals keep
exact."""
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ?([+-]\d\d:?\d\d|Z|UTC)", re.ASCII)
"""Shopify writes 2024-05-02 11:04:33 +0200; other programs write the same by ISO 8601, or in UTC."""
_FIRST_YEAR, _LAST_YEAR = "1900", "2199"
"""No order was placed beyond these, and a conversion to another time zone could overflow the calendar."""
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_KEPT = frozenset({"paid", "partially_paid", "partially_refunded"})
_FULFILLMENT = {"partial": "partially_fulfilled"}


@dataclass(frozen=True, slots=True)
class Mapped:
    """An order, and whether its amounts add up in the file.

    If not, `worth` (the sum of its lines, which figures count) differs from the file's total.
    """

    order: Order
    is_even: bool
    worth: Decimal


def to_order(raw: RawOrder) -> Mapped:
    """Map the rows to an order, in its own currency.

    Raises:
        InvalidFile: a cell is not what Shopify writes there.
    """
    try:
        return _mapped(raw)
    except InvalidFile:
        changed = spreadsheets.changed_columns(raw)
        if not changed:
            raise
        raise spreadsheets.refusal(raw, changed) from None


def _mapped(raw: RawOrder) -> Mapped:
    head = raw.rows[0]
    sums = _sums(raw, head)
    lines = [row for row in raw.rows if row.title or (row.price and row.quantity)]
    tipped = _named_tips(raw, lines, sums)
    settled = _settled(raw, lines, sums, tipped)
    if not settled.is_even and not tipped:
        tipped = _find_tips(raw, lines, sums, settled)
        settled = _settled(raw, lines, sums, tipped) if tipped else settled
    goods = _without(lines, tipped)
    order = _order(raw, head, sums, settled, _sum_of(raw, tipped), _line_items(raw, goods, settled))
    return Mapped(order, settled.is_even, settled.worth)


def _named_tips(raw: RawOrder, lines: list[Row], sums: Sums) -> list[Row]:
    """List the lines that are called Tip.

    If goods are missing from the subtotal without them, list only those that the total has beyond the subtotal.
    """
    tip_lines = [row for row in lines if _is_tip(row)]
    if len(tip_lines) < 2 or _sum_of(raw, lines) - _sum_of(raw, tip_lines) >= sums.subtotal:
        return tip_lines
    return _find_tips(raw, lines, sums, _settled(raw, lines, sums, []), tip_lines) or tip_lines


def _find_tips(
    raw: RawOrder, lines: list[Row], sums: Sums, settled: Settled, candidates: list[Row] | None = None
) -> list[Row]:
    """Find the lines that make the order even if they are tips: shops in other languages use other names.

    Tips are the part of the total beyond the subtotal, so few choices need a try, even of many lines.
    """
    beyond = sums.total - settled.worth
    lines_like_tips = [row for row in lines if _is_no_goods(row)] if candidates is None else candidates
    listed = [_listed(raw, row) for row in lines_like_tips]
    amounts = {amount for amount in (beyond, beyond + sums.taxes) if amount > 0}
    placements = {tips.that_come_to(amount, listed) for amount in amounts} - {None}
    choices = [[lines_like_tips[place] for place in places] for places in placements if places]
    even_choices = [rows for rows in choices if _settled(raw, lines, sums, rows).is_even]
    return even_choices[0] if len(even_choices) == 1 else []


def _settled(raw: RawOrder, lines: list[Row], sums: Sums, tips: list[Row]) -> Settled:
    """Settle the order's amounts as if these lines were its tips."""
    return settle(sums, [_goods(raw, row) for row in _without(lines, tips)], _sum_of(raw, tips))


def _without(lines: list[Row], left_out: list[Row]) -> list[Row]:
    excluded = frozenset(left_out)
    return [row for row in lines if row not in excluded] if excluded else lines


def _sum_of(raw: RawOrder, rows: list[Row]) -> Decimal:
    return sum((_listed(raw, row) for row in rows), ZERO)


def _order(
    raw: RawOrder, head: Row, sums: Sums, settled: Settled, tip: Decimal, line_items: tuple[LineItem, ...]
) -> Order:
    created = _time(raw, head, "created_at")
    cancelled = _time_or_none(raw, head, "cancelled_at")
    changes = [_time_or_none(raw, head, name) for name in ("paid_at", "fulfilled_at", "cancelled_at")]
    status = head.financial_status.strip().lower() or None
    return Order(
        order_id=_order_id(raw, head),
        name=head.name,
        currency=sums.currency,
        created_at=created,
        processed_at=created,
        updated_at=max([created, *(change for change in changes if change)]),
        cancelled_at=cancelled,
        taxes_included=settled.taxes_included,
        financial_status=status,
        fulfillment_status=_fulfillment(head),
        source_name=head.source or None,
        tags=tuple(tag for tag in (part.strip() for part in head.tags.split(",")) if tag),
        location_name=head.location.strip() or None,
        email=head.email.strip() or None,
        country=head.shipping_country or head.billing_country or None,
        province=(head.shipping_province if head.shipping_country else head.billing_province) or None,
        city=(head.shipping_city if head.shipping_country else head.billing_city) or None,
        discount_codes=tuple(code for code in (part.strip() for part in head.discount_code.split(",")) if code),
        total=sums.total,
        subtotal=sums.subtotal,
        discounts=sum(settled.discounts, settled.shipping_discount),
        tax=sums.taxes,
        shipping=settled.shipping_price - settled.shipping_discount,
        tip=tip,
        duties=sums.duties or None,
        refunds_undated=_undated(raw, head, cancelled, status),
        line_items=line_items,
        shipping_lines=_shipping(head, settled),
        source=Source.CSV,
    )


def _undated(raw: RawOrder, head: Row, cancelled: datetime | None, status: str | None) -> Decimal | None:
    """Return the refunds whose days the file does not name.

    A cancelled order of which no money was kept was refunded on the day of the cancellation: the ledger has that
    refund.
    """
    refunded = _amount_or_zero(raw, head, "refunded")
    if not refunded or (cancelled is not None and status not in _KEPT):
        return None
    return refunded


def _fulfillment(head: Row) -> str | None:
    status = head.fulfillment_status.strip().lower()
    return _FULFILLMENT.get(status, status) or None


def _sums(raw: RawOrder, head: Row) -> Sums:
    return Sums(
        currency=_currency(raw, head),
        subtotal=_amount(raw, head, "subtotal"),
        shipping=_amount(raw, head, "shipping"),
        taxes=_amount(raw, head, "taxes"),
        total=_amount(raw, head, "total"),
        duties=_amount_or_zero(raw, head, "duties"),
        discounts=_amount_or_zero(raw, head, "discount"),
        named_taxes=tuple(
            (getattr(head, name) or "Tax", _amount_or_zero(raw, head, f"{name}_value"))
            for name in ("tax_1", "tax_2", "tax_3", "tax_4", "tax_5")
            if getattr(head, f"{name}_value")
        ),
    )


def _is_tip(row: Row) -> bool:
    return _is_no_goods(row) and tips.is_like_tip(LineItem(0, row.title, 1, ZERO))


def _is_no_goods(row: Row) -> bool:
    """Whether the line may be a tip: goods have a SKU, are shipped or are taxed."""
    return not (row.sku or _is(row.requires_shipping) or _is(row.taxable) or _is_gift_card(row))


def _is(cell: str) -> bool:
    """Whether the cell is true; spreadsheet programs write TRUE."""
    return cell.lower() == "true"


def _goods(raw: RawOrder, row: Row) -> Goods:
    own = _amount_or_zero(raw, row, "line_discount")
    return Goods(_listed(raw, row), own, is_taxable=row.taxable.lower() != "false", is_gift_card=_is_gift_card(row))


def _listed(raw: RawOrder, row: Row) -> Decimal:
    return _amount(raw, row, "price") * _quantity(raw, row)


def _line_items(raw: RawOrder, rows: list[Row], settled: Settled) -> tuple[LineItem, ...]:
    return tuple(
        LineItem(
            line_item_id=place,
            title=row.title,
            quantity=_quantity(raw, row),
            unit_price=_amount(raw, row, "price"),
            discount=discount,
            taxes=taxes,
            sku=row.sku or None,
            vendor=row.vendor or None,
            is_gift_card=_is_gift_card(row),
        )
        for place, (row, discount, taxes) in enumerate(zip(rows, settled.discounts, settled.taxes, strict=True), 1)
    )


def _is_gift_card(row: Row) -> bool:
    """Whether the line is a gift card. No column says so, but Shopify's gift cards have this name, no tax and no
    shipping."""
    is_goods = _is(row.requires_shipping) or _is(row.taxable)
    return not is_goods and row.title.casefold().startswith("gift card")


def _shipping(head: Row, settled: Settled) -> tuple[ShippingLine, ...]:
    if not (settled.shipping_price or head.shipping_method):
        return ()
    title = head.shipping_method or "Shipping"
    return (ShippingLine(1, title, settled.shipping_price, settled.shipping_discount, settled.shipping_taxes),)


def _currency(raw: RawOrder, head: Row) -> str:
    if _CURRENCY.fullmatch(head.currency):
        return head.currency
    raise raw.fault(head, "currency", "is not the code of a currency such as USD")


def _order_id(raw: RawOrder, head: Row) -> int:
    if head.order_id.isascii() and head.order_id.isdigit() and int(head.order_id[:20]) < 1 << 63:
        return int(head.order_id)
    raise raw.fault(head, "order_id", "is not the number of an order")


def _quantity(raw: RawOrder, row: Row) -> int:
    if row.quantity.isascii() and row.quantity.isdigit() and len(row.quantity) <= 9:
        return int(row.quantity)
    raise raw.fault(row, "quantity", "is not a whole number")


def _amount(raw: RawOrder, row: Row, field: str) -> Decimal:
    text: str = getattr(row, field)
    if _AMOUNT.fullmatch(text):
        return Decimal(text)
    raise raw.fault(row, field, "is not an amount such as 12.50")


def _amount_or_zero(raw: RawOrder, row: Row, field: str) -> Decimal:
    return _amount(raw, row, field) if getattr(row, field) else ZERO


def _time(raw: RawOrder, row: Row, field: str) -> datetime:
    """Read an instant; Shopify writes 2024-05-02 11:04:33 +0200, with the shop's offset."""
    text: str = getattr(row, field)
    try:
        match = _TIME.fullmatch(text)
        if match and _FIRST_YEAR <= text[:4] <= _LAST_YEAR:
            day, time, offset = match.groups()
            return datetime.fromisoformat(f"{day}T{time}{offset.replace('UTC', 'Z')}").astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # the 31st of February
    raise _not_a_time(raw, row, field)


def _time_or_none(raw: RawOrder, row: Row, field: str) -> datetime | None:
    return _time(raw, row, field) if getattr(row, field) else None


def _not_a_time(raw: RawOrder, row: Row, field: str) -> InvalidFile:
    return raw.fault(row, field, "is not a time such as 2024-05-02 11:04:33 +0200")
