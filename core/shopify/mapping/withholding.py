"""Fields withheld from a node: they are missing (`answers.leave_out_withheld`), not null."""

from __future__ import annotations

from core.domain import Withheld, withheld
from core.shopify.mapping.fields import Fields


def of_order(order: Fields, place: Fields | None) -> Withheld:
    """The groups of an order; `place` is its shipping address, or else the billing address."""
    addresses = ("shippingAddress",) if order.has("shippingAddress") else ("shippingAddress", "billingAddress")
    return withheld(
        customer=not order.is_told("customer"),
        email=not order.is_told("email"),
        place=not _tells(order, *addresses) or not _tells_place(place),
        products=not all(_tells(line, "product", "variant") for line in order.nodes("lineItems")),
    )


def of_customer(customer: Fields, email: Fields | None, address: Fields | None) -> Withheld:
    """The groups of a customer."""
    return withheld(
        name=not _tells(customer, "firstName", "lastName"),
        email=not _tells(customer, "defaultEmailAddress") or not (email is None or _tells(email, "emailAddress")),
        place=not _tells(customer, "defaultAddress") or not _tells_place(address),
    )


def of_product(product: Fields) -> Withheld:
    """The groups of a product."""
    return withheld(costs=not all(_tells_cost(variant) for variant in product.nodes("variants")))


def _tells_cost(variant: Fields) -> bool:
    stock = variant.object_or_none("inventoryItem")
    return stock is not None and stock.is_told("unitCost")


def _tells_place(place: Fields | None) -> bool:
    return place is None or _tells(place, "countryCodeV2", "provinceCode", "city")


def _tells(fields: Fields, *names: str) -> bool:
    return all(fields.is_told(name) for name in names)
