"""Carts, abandoned checkouts, and the lines of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.simulator.shop.model import ZERO, Address, Customer, Tax


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """Units of a variant in a cart or an abandoned checkout."""

    line_id: int
    product_id: int
    variant_id: int
    title: str
    variant_title: str | None
    sku: str | None
    quantity: int
    unit_price: Decimal

    @property
    def total(self) -> Decimal:
        """The price of the line."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart of the online store. Shopify names no customer of it."""

    token: str
    created_at: datetime
    updated_at: datetime
    lines: tuple[CheckoutLine, ...]


@dataclass(frozen=True, slots=True)
class AbandonedCheckout:
    """An abandoned checkout with its customer.

    `completed_at` is set where the customer came back and bought, and `order_id` is the order where it is known.
    """

    checkout_id: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    customer: Customer
    lines: tuple[CheckoutLine, ...]
    taxes: tuple[Tax, ...]
    order_id: int | None = None

    @property
    def token(self) -> str:
        """Shopify's token of the checkout, which its order has, too."""
        return checkout_token(self.order_id or self.checkout_id)

    @property
    def cart(self) -> Cart:
        """The cart that the checkout began with."""
        return Cart(cart_token(self.checkout_id), self.created_at, self.created_at, self.lines)

    def recovery_link(self, domain: str, shop_id: int) -> str:
        """The link by which the customer continues it."""
        key = f"{self.checkout_id % 999_983:x}"
        return f"https://{domain}/{shop_id}/checkouts/ac/{self.token}/recover?key={key}&locale=en"

    @property
    def goods(self) -> Decimal:
        """The price of all lines; contains tax where the shop's prices do."""
        return sum((line.total for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """The sum of its taxes."""
        return sum((tax.amount for tax in self.taxes), ZERO)

    @property
    def address(self) -> Address:
        """The address that it would have been sent to."""
        return self.customer.address


def cart_token(number: int) -> str:
    """The token of a cart, by its own number or its checkout's."""
    return f"c{number:031x}"


def checkout_token(number: int) -> str:
    """The token of a checkout, by the id of the order that it became, else by its own."""
    return f"{number:032x}"
