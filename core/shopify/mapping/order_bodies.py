"""Map webhook bodies of orders/* and refunds/create to records. Amounts are the shop money of a `*_set` if there is
one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.domain import (
    AdjustmentKind,
    LineItem,
    Order,
    Refund,
    RefundAdjustment,
    RefundLine,
    ShippingLine,
    Source,
    TaxLine,
    tips,
)
from core.domain.money import rounded
from core.shopify.mapping import discounts, plain_fields
from core.shopify.mapping.fields import Fields

_ZERO = Decimal(0)
_FULFILLMENT = {None: "unfulfilled", "partial": "partially_fulfilled"}
"""The API's words for a body's, where they differ; null means that nothing was shipped yet."""


def order(body: Fields) -> Order:
    """Map the body of orders/create, updated and cancelled, which have the same form, with its embedded refunds."""
    presentment = _presentment(body, "total_price_set")
    place = body.object_or_none("shipping_address") or body.object_or_none("billing_address")
    customer = body.object_or_none("customer")
    fulfillment = body.lower_or_none("fulfillment_status")
    tip = _money_or_none(body, "total_tip_received")
    return Order(
        order_id=body.integer("id"),
        name=_name(body),
        # `number` counts the shop's orders; `order_number` is what the API calls number: the one in the name.
        number=body.integer_or_none("order_number"),
        currency=body.text("currency"),
        created_at=body.time("created_at"),
        processed_at=body.time_or_none("processed_at") or body.time("created_at"),
        updated_at=body.time("updated_at"),
        test=body.flag("test"),
        cancelled_at=body.time_or_none("cancelled_at"),
        taxes_included=body.flag("taxes_included"),
        fulfillment_status=_FULFILLMENT.get(fulfillment, fulfillment),
        tags=body.comma_separated("tags"),
        location_id=body.integer_or_none("location_id"),
        customer_id=customer.integer_or_none("id") if customer else None,
        email=body.text_or_none("email"),
        country=place.text_or_none("country_code") if place else None,
        province=place.text_or_none("province_code") if place else None,
        city=place.text_or_none("city") if place else None,
        discount_codes=tuple(code.text("code") for code in body.each("discount_codes")),
        presentment_total=presentment.decimal("amount") if presentment else None,
        total=body.amount_or_set("total_price"),
        subtotal=_money_or_none(body, "subtotal_price"),
        discounts=_money_or_none(body, "total_discounts"),
        tax=_money_or_none(body, "total_tax"),
        shipping=_money_or_none(body, "total_shipping_price"),
        tip=tip,
        # The lines include duties that prices contain: adding them here would count them twice.
        duties=None if body.flag("duties_included") else _bag_or_none(body, "original_total_duties_set"),
        fees=_bag_or_none(body, "original_total_additional_fees_set"),
        current_total=_money_or_none(body, "current_total_price"),
        line_items=tips.marked([_line_item(line, body) for line in body.each("line_items")], tip),
        shipping_lines=tuple(_shipping_line(line, body) for line in body.each("shipping_lines")),
        refunds=tuple(refund(embedded, body) for embedded in body.each("refunds")),
        source=Source.WEBHOOK,
        **plain_fields.from_body(body),
    )


def refund(body: Fields, of_order: Fields | None = None) -> Refund:
    """Map the body of refunds/create, or one that an order's body embeds; `of_order` is that body."""
    return Refund(
        refund_id=body.integer("id"),
        order_id=body.integer("order_id"),
        processed_at=body.time_or_none("processed_at") or body.time("created_at"),
        created_at=body.time_or_none("created_at"),
        note=body.text_or_none("note"),
        refunded=_refunded(body, of_order),
        lines=tuple(_refund_line(line) for line in body.each("refund_line_items")),
        adjustments=(*_shipping_refunds(body), *_duty_refunds(body), *_discrepancies(body)),
    )


def _name(body: Fields) -> str:
    """Read the order's name; without one (an app may remove it), make the name that Shopify would give."""
    number = body.integer_or_none("order_number")
    return body.text_or_none("name") or (f"#{number}" if number is not None else str(body.integer("id")))


def _bag_or_none(body: Fields, name: str) -> Decimal | None:
    """Read the shop money of an amount that has only a set."""
    bag = body.object_or_none(name)
    return bag.object("shop_money").decimal("amount") if bag else None


def _may_lack_duty_taxes(body: Fields) -> bool:
    """Whether the tax lines of the goods may lack taxes on duties: prices include neither taxes nor duties."""
    return not (body.flag("taxes_included") or body.flag("duties_included"))


def _line_item(line: Fields, order_body: Fields) -> LineItem:
    """Map a line; its taxes include those on its duties, if they are charged on top of prices."""
    duties = line.each("duties") if _may_lack_duty_taxes(order_body) else ()
    return LineItem(
        line_item_id=line.integer("id"),
        title=line.text_or_none("title") or line.text_or_none("name") or "",
        variant_title=line.text_or_none("variant_title"),
        sku=line.text_or_none("sku"),
        vendor=line.text_or_none("vendor"),
        quantity=line.integer("quantity"),
        current_quantity=line.integer_or_none("current_quantity"),
        unit_price=line.amount_or_set("price"),
        discount=discounts.total_in_body(line),
        allocations=discounts.shares_in_body(line, order_body),
        taxes=sum(map(_taxes, duties), _taxes(line)),
        product_id=line.integer_or_none("product_id"),
        variant_id=line.integer_or_none("variant_id"),
        is_gift_card=line.flag("gift_card"),
        is_tip=line.has("tip_payment_gateway"),
    )


def _shipping_line(line: Fields, order_body: Fields) -> ShippingLine:
    return ShippingLine(
        shipping_line_id=line.integer("id"),
        title=line.text_or_none("title") or "Shipping",
        price=line.amount_or_set("price"),
        discount=discounts.total_in_body(line),
        allocations=discounts.shares_in_body(line, order_body),
        taxes=_taxes(line),
        is_removed=line.flag("is_removed"),
    )


def _taxes(line: Fields) -> tuple[TaxLine, ...]:
    return tuple(
        TaxLine(tax.text_or_none("title") or "Tax", tax.decimal_or_none("rate") or _ZERO, tax.amount_or_set("price"))
        for tax in line.each("tax_lines")
    )


def _refund_line(line: Fields) -> RefundLine:
    return RefundLine(
        refund_line_id=line.integer("id"),
        line_item_id=line.integer("line_item_id"),
        quantity=line.integer("quantity"),
        # Beside the exact sets, `subtotal` and `total_tax` are JSON numbers.
        subtotal=line.amount_or_set("subtotal"),
        tax=line.amount_or_set("total_tax"),
        restock_type=line.lower_or_none("restock_type") or "no_restock",
    )


def _shipping_refunds(body: Fields) -> Iterator[RefundAdjustment]:
    """Map refunded shipping, positive and before tax.

    Bodies up to 2024-07 have an order adjustment of kind `shipping_refund`: negative, without its tax, which is a
    field of its own. Later ones have `refund_shipping_lines`, positive, with the API's ids, and still send the
    adjustment, too (seen in deliveries of 2026-07). Counting both would count it twice. So each line is one refund;
    the adjustment at the same position gives its tax, which the lines lack.
    """
    lines = list(body.each("refund_shipping_lines"))
    adjustments = [adjustment for adjustment in body.each("order_adjustments") if _is_shipping(adjustment)]
    if len(lines) != len(adjustments) and lines:
        adjustments = []
    for position in range(max(len(lines), len(adjustments))):
        line = lines[position] if lines else None
        adjustment = adjustments[position] if adjustments else None
        yield _shipping_refund(line, adjustment)


def _shipping_refund(line: Fields | None, adjustment: Fields | None) -> RefundAdjustment:
    if adjustment is not None:
        amount, tax = -adjustment.amount_or_set("amount"), -(_money_or_none(adjustment, "tax_amount") or _ZERO)
        return RefundAdjustment((line or adjustment).integer("id"), AdjustmentKind.SHIPPING, amount, tax)
    if line is None:
        raise ValueError("A shipping refund needs a line or an adjustment")
    return RefundAdjustment(
        line.integer("id"),
        AdjustmentKind.SHIPPING,
        line.amount_or_set("subtotal_amount"),
        _money_or_none(line, "tax_amount"),
        is_as_priced=True,
        shipping_line_id=line.integer_or_none("shipping_line_id"),
    )


def _duty_refunds(body: Fields) -> Iterator[RefundAdjustment]:
    """Map refunded import duties."""
    amount = _money_or_none(body, "total_duties") or sum(
        (duty.amount_or_set("amount") for duty in body.each("duties")), _ZERO
    )
    if amount:
        yield RefundAdjustment(body.integer("id"), AdjustmentKind.DUTY, amount, _ZERO)


def _discrepancies(body: Fields) -> Iterator[RefundAdjustment]:
    """Map discrepancies, with Shopify's sign.

    In deliveries, a discrepancy is positive if returned goods were refunded below their value. It is negative if
    money was refunded without a return (a damage).
    """
    for adjustment in body.each("order_adjustments"):
        # Rounding of cash is in no sales figure.
        if not _is_shipping(adjustment) and "rounding" not in _kind(adjustment):
            tax = _money_or_none(adjustment, "tax_amount") or _ZERO
            yield RefundAdjustment(
                adjustment.integer("id"), AdjustmentKind.DISCREPANCY, adjustment.amount_or_set("amount"), tax
            )


def _is_shipping(adjustment: Fields) -> bool:
    return _kind(adjustment).startswith("shipping")


def _kind(adjustment: Fields) -> str:
    # `kind` is deprecated since 2024-10; the reason of a shipping refund is always "Shipping refund".
    return adjustment.lower_or_none("kind") or adjustment.lower_or_none("reason") or ""


def _refunded(body: Fields, of_order: Fields | None) -> Decimal:
    """Sum the refund transactions that succeeded, not pending ones, in the shop's currency."""
    transactions = [
        transaction
        for transaction in body.each("transactions")
        if transaction.lower_or_none("kind") == "refund" and transaction.lower_or_none("status") == "success"
    ]
    return sum((_in_shop_currency(transaction, body, of_order) for transaction in transactions), _ZERO)


def _in_shop_currency(transaction: Fields, refund: Fields, of_order: Fields | None) -> Decimal:
    """Convert a transaction's amount to the shop's currency.

    It is in the currency that the customer paid in, and has no set of its own. If that is not the shop's currency,
    the rate comes from both sides of the refund's own sets. A refund of money alone has no such sets; the rate then
    comes from the order's totals.
    """
    if transaction.has("amount_set"):
        return transaction.amount_or_set("amount")
    amount = transaction.decimal("amount")
    sides = list(_both_sides(refund)) or (list(_sides(of_order, "total_price_set")) if of_order else [])
    if not sides or transaction.text_or_none("currency") != sides[0][1].text_or_none("currency_code"):
        return amount
    shop, presentment = (sum((side[i].decimal("amount") for side in sides), _ZERO) for i in (0, 1))
    if not presentment:
        return amount
    return rounded(amount * shop / presentment, sides[0][0].text("currency_code"))


def _both_sides(refund: Fields) -> Iterator[tuple[Fields, Fields]]:
    """List the shop's and the customer's side of each amount in a refund that was paid in another currency."""
    amounts = [(line, "subtotal_set") for line in refund.each("refund_line_items")]
    amounts += [(line, "subtotal_amount_set") for line in refund.each("refund_shipping_lines")]
    amounts += [(adjustment, "amount_set") for adjustment in refund.each("order_adjustments")]
    for fields, name in amounts:
        yield from _sides(fields, name)


def _sides(fields: Fields, name: str) -> Iterator[tuple[Fields, Fields]]:
    """Yield the shop's and the customer's side of an amount, if their currencies differ."""
    bag = fields.object_or_none(name)
    presentment = bag.object_or_none("presentment_money") if bag else None
    if bag and presentment:
        shop = bag.object("shop_money")
        if shop.text("currency_code") != presentment.text("currency_code"):
            yield shop, presentment


def _money_or_none(fields: Fields, name: str) -> Decimal | None:
    return fields.amount_or_set(name) if fields.has(f"{name}_set") or fields.has(name) else None


def _presentment(fields: Fields, name: str) -> Fields | None:
    bag = fields.object_or_none(name)
    return bag.object_or_none("presentment_money") if bag else None
