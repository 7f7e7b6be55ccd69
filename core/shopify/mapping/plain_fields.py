"""The fields of an order that every source has as a text or null. A new one is a line here, and no code.

The API's names have to stand in `queries/fragments/OrderFields.graphql` and `queries/bulk_orders.graphql`, too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from core.shopify.mapping.fields import Fields


class PlainField(NamedTuple):
    """A field of `core.domain.Order`, with its names in the API and in webhook bodies."""

    name: str
    in_api: str
    in_body: str
    is_enum: bool = False
    """Whether the text is a value of an enum, which records have in lower case."""

    def read(self, fields: Fields, source_name: str) -> str | None:
        """Return the field's value, which has this name in the source."""
        return fields.lower_or_none(source_name) if self.is_enum else fields.text_or_none(source_name)


PLAIN_FIELDS = (
    PlainField("cancel_reason", "cancelReason", "cancel_reason", is_enum=True),
    PlainField("financial_status", "displayFinancialStatus", "financial_status", is_enum=True),
    PlainField("source_name", "sourceName", "source_name"),
    PlainField("checkout_token", "checkoutToken", "checkout_token"),
    PlainField("cart_token", "cartToken", "cart_token"),
    PlainField("presentment_currency", "presentmentCurrencyCode", "presentment_currency"),
)


def from_api(node: Fields) -> dict[str, Any]:
    """Return the plain fields of an order node, by their names in the record."""
    return {field.name: field.read(node, field.in_api) for field in PLAIN_FIELDS}


def from_body(body: Fields) -> dict[str, Any]:
    """Return the plain fields of a webhook's order, by their names in the record."""
    return {field.name: field.read(body, field.in_body) for field in PLAIN_FIELDS}
