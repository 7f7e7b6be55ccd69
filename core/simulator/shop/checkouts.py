"""Carts that somebody began to check out, and left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.simulator.shop.model import ZERO, Address, Customer, Tax


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """Some of a variant, in a cart that was left."""

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
        """What the line would have cost."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class AbandonedCheckout:
    """A checkout with a customer's details that was left; `completed_at` where they came back."""

    checkout_id: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    customer: Customer
    lines: tuple[CheckoutLine, ...]
    taxes: tuple[Tax, ...]

    @property
    def goods(self) -> Decimal:
        """What its lines cost together; contains tax where the shop's prices do."""
        return sum((line.total for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """All taxes on it."""
        return sum((tax.amount for tax in self.taxes), ZERO)

    @property
    def address(self) -> Address:
        """Where it would have gone."""
        return self.customer.address
