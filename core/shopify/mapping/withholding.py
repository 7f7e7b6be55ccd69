"""List the fields withheld from a node: they are missing (`answers.leave_out_withheld`), not null."""

from __future__ import annotations

from core.domain import Withheld, withheld
from core.shopify.mapping.fields import Fields


def of_order(order: Fields, place: Fields | None) -> Withheld:
    """List an order's withheld groups; `place` is its shipping address, or else the billing address."""
    addresses = ("shippingAddress",) if order.has("shippingAddress") else ("shippingAddress", "billingAddress")
    return withheld(
        customer=not order.is_present("customer"),
        email=not order.is_present("email"),
        place=not _has_all(order, *addresses) or not _has_place(place),
        products=not all(_has_all(line, "product", "variant") for line in order.nodes("lineItems")),
    )


def of_customer(customer: Fields, email: Fields | None, address: Fields | None) -> Withheld:
    """List a customer's withheld groups."""
    return withheld(
        name=not _has_all(customer, "firstName", "lastName"),
        email=not _has_all(customer, "defaultEmailAddress") or not (email is None or _has_all(email, "emailAddress")),
        place=not _has_all(customer, "defaultAddress") or not _has_place(address),
    )


def of_product(product: Fields) -> Withheld:
    """List a product's withheld groups."""
    return withheld(costs=not all(_has_cost(variant) for variant in product.nodes("variants")))


def _has_cost(variant: Fields) -> bool:
    stock = variant.object_or_none("inventoryItem")
    return stock is not None and stock.is_present("unitCost")


def _has_place(place: Fields | None) -> bool:
    return place is None or _has_all(place, "countryCodeV2", "provinceCode", "city")


def _has_all(fields: Fields, *names: str) -> bool:
    return all(fields.is_present(name) for name in names)
