"""Map webhook bodies of checkouts/create, checkouts/update, carts/create and carts/update to records."""

from __future__ import annotations

import re
from decimal import Decimal

from core.domain import Cart, Checkout, CheckoutLine, Source
from core.errors import NotKeyed
from core.shopify.mapping.fields import Fields
from core.shopify.mapping.recovery import recovery_of

_NAME = re.compile(r"\A#(\d{1,18})\Z")
_ZERO = Decimal(0)


def checkout(body: Fields) -> Checkout:
    """Map the body of checkouts/create and checkouts/update, which have the same form.

    Its amounts have no sets, and are in the currency that it names, the shop's.

    Raises:
        NotKeyed: the body has no id of the checkout.
    """
    place = body.object_or_none("shipping_address") or body.object_or_none("billing_address")
    customer = body.object_or_none("customer")
    return Checkout(
        checkout_id=_checkout_id(body),
        created_at=body.time("created_at"),
        updated_at=body.time("updated_at"),
        completed_at=body.time_or_none("completed_at"),
        customer_id=customer.integer_or_none("id") if customer else None,
        country=place.text_or_none("country_code") if place else None,
        discount_codes=tuple(code.text("code") for code in body.each("discount_codes")),
        taxes_included=body.flag("taxes_included"),
        currency=body.text("currency"),
        subtotal=body.decimal("subtotal_price"),
        discounts=body.decimal_or_none("total_discounts") or _ZERO,
        tax=body.decimal_or_none("total_tax"),
        total=body.decimal("total_price"),
        token=body.text_or_none("token"),
        cart_token=body.text_or_none("cart_token"),
        recovery_path=recovery_of(body.text_or_none("abandoned_checkout_url")).path,
        lines=tuple(_line(line, position) for position, line in enumerate(body.each("line_items"), start=1)),
        source=Source.WEBHOOK,
    )


def cart(body: Fields) -> Cart:
    """Map the body of carts/create or carts/update. A cart's id is its token, a text."""
    lines = list(body.each("line_items"))
    bags = [bag.object("shop_money") for line in lines if (bag := line.object_or_none("line_price_set"))]
    in_shop_money = bool(bags) and len(bags) == len(lines)
    return Cart(
        cart_token=body.text("token"),
        created_at=body.time("created_at"),
        updated_at=body.time("updated_at"),
        units=sum(line.integer("quantity") for line in lines),
        total=sum((bag.decimal("amount") for bag in bags), _ZERO)
        if in_shop_money
        else sum((line.decimal("line_price") for line in lines), _ZERO),
        currency=bags[0].text("currency_code") if in_shop_money else None,
        source=Source.WEBHOOK,
    )


def _checkout_id(body: Fields) -> int:
    """Read a checkout's id.

    Bodies since 2026-04 have no `id`, but a name such as #981820079255243537. That is the number by which the API and
    checkouts/delete know the checkout: so it is in Shopify's own samples, though no document says so.
    """
    if body.has("id"):
        return body.integer("id")
    name = _NAME.match(body.text_or_none("name") or "")
    if name is None:
        raise NotKeyed("The body does not say the checkout's number; the next sync reads the checkout.")
    return int(name[1])


def _line(line: Fields, position: int) -> CheckoutLine:
    price, quantity = line.decimal("price"), line.integer("quantity")
    discount = sum((allocation.decimal("amount") for allocation in line.each("discount_allocations")), _ZERO)
    return CheckoutLine(
        checkout_line_id=position,
        title=line.text_or_none("title"),
        variant_title=line.text_or_none("variant_title"),
        sku=line.text_or_none("sku"),
        quantity=quantity,
        unit_price=price,
        total=price * quantity - discount,
        product_id=line.integer_or_none("product_id"),
        variant_id=line.integer_or_none("variant_id"),
    )
