"""Map abandoned checkouts, as the Admin API lists them, to records."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain import Checkout, CheckoutLine, Source, withheld
from core.shopify.mapping.fields import Fields
from core.shopify.mapping.recovery import recovery_of


def checkout(node: Mapping[str, object]) -> Checkout:
    """Map a node of an abandoned checkout, with its lines.

    Raises:
        UnmappableError: the node lacks a field that a record needs.
    """
    fields = Fields(node, "the API's checkout")
    subtotal = fields.object("subtotalPriceSet").object("shopMoney")
    recovery = recovery_of(fields.text_or_none("abandonedCheckoutUrl"))
    place = fields.object_or_none("shippingAddress") or fields.object_or_none("billingAddress")
    return Checkout(
        checkout_id=fields.gid(),
        created_at=fields.time("createdAt"),
        updated_at=fields.time("updatedAt"),
        completed_at=fields.time_or_none("completedAt"),
        customer_id=fields.gid_of("customer"),
        withheld=withheld(customer=not fields.is_present("customer")),
        country=place.text_or_none("countryCodeV2") if place else None,
        discount_codes=fields.texts("discountCodes"),
        taxes_included=fields.flag("taxesIncluded"),
        currency=subtotal.text("currencyCode"),
        subtotal=subtotal.decimal("amount"),
        discounts=fields.shop_amount("totalDiscountSet"),
        tax=fields.shop_amount("totalTaxSet") if fields.has("totalTaxSet") else None,
        total=fields.shop_amount("totalPriceSet"),
        token=recovery.token,
        recovery_path=recovery.path,
        lines=tuple(_line(line) for line in fields.nodes("lineItems")),
        source=Source.API,
    )


def _line(line: Fields) -> CheckoutLine:
    return CheckoutLine(
        checkout_line_id=line.gid(),
        title=line.text_or_none("title"),
        variant_title=line.text_or_none("variantTitle"),
        sku=line.text_or_none("sku"),
        quantity=line.integer("quantity"),
        unit_price=line.shop_amount("originalUnitPriceSet"),
        total=line.shop_amount("discountedTotalPriceSet"),
        product_id=line.gid_of("product"),
        variant_id=line.gid_of("variant"),
    )
