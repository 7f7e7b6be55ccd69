"""Shopify's formats of amounts, times and ids, and the figures of an order that GraphQL and webhooks share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from core.simulator.shop.amounts import decimals, rounded
from core.simulator.shop.ledger import Sale
from core.simulator.shop.model import ZERO, Line, Order, Tender
from core.simulator.shop.shop import Shop


def gid(kind: str, number: int) -> str:
    """Make a global id, such as gid://shopify/Order/1."""
    return f"gid://shopify/{kind}/{number}"


def api_time(at: datetime) -> str:
    """Format a time for GraphQL: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def body_time(shop: Shop, at: datetime) -> str:
    """Format a time for webhook bodies: with the shop's offset."""
    return shop.local(at).isoformat(timespec="seconds")


def api_amount(amount: Decimal) -> str:
    """Format an amount for GraphQL: no trailing zeros, but at least one decimal (414.95, 20.0)."""
    units, _, cents = f"{amount:f}".partition(".")
    return f"{units}.{cents.rstrip('0') or '0'}"


def body_amount(currency: str, amount: Decimal) -> str:
    """Format an amount for webhook bodies: with all decimals of the currency (20.00)."""
    return f"{rounded(amount, currency):.{decimals(currency)}f}"


def presentment_amount(tender: Tender, amount: Decimal) -> Decimal:
    """Convert an amount of the shop's currency to the currency that the customer paid in."""
    return amount if tender.presentment == tender.currency else rounded(amount * tender.rate, tender.presentment)


class OrderFigures:
    """The totals that Shopify keeps on an order, as of now.

    Figures of the placed order do not change when units are removed or refunded. They do include lines that an edit
    or an exchange added, the total too. Only the original total stays as first placed.
    """

    def __init__(self, shop: Shop, order: Order) -> None:
        self._shop, self._order = shop, order
        self.taxes_included = shop.spec.taxes_included
        self.subtotal = sum((line.charged for line in order.goods), ZERO)
        self.list_price = sum((line.unit_price * line.quantity for line in order.lines), ZERO)
        charges = [*order.lines, *([order.shipping] if order.shipping else [])]
        self.discounts = sum((charge.discount for charge in charges), ZERO)
        self.tax = sum((charge.tax for charge in charges), ZERO) + order.surcharge_tax
        self.shipping = order.shipping.charged if order.shipping else ZERO
        self.tip = order.tip
        self.total = self._sum(sale for sale in order.sales() if sale.action == "ORDER")
        self.original_total = self._sum(order.sales(("ORDER",)))
        remaining = [sale for sale in order.sales() if sale.line_type != "ADJUSTMENT"]
        self.current_total = self._sum(remaining)
        self.current_tax = sum((sale.tax for sale in remaining), ZERO)
        goods = [sale for sale in remaining if sale.line_type in ("PRODUCT", "GIFT_CARD")]
        self.current_subtotal = self._sum(goods) - (
            ZERO if self.taxes_included else sum((sale.tax for sale in goods), ZERO)
        )
        current_discounts = sum((line.discount * line.current_quantity / line.quantity for line in order.lines), ZERO)
        self.current_discounts = rounded(current_discounts, order.tender.currency)
        self.current_shipping = ZERO if order.shipping and order.shipping.is_refunded else self.shipping
        received = sum((money.amount for money in order.transactions if money.kind == "SALE"), ZERO)
        self.received = received - order.cash_rounding
        self.refunded = order.refunded
        self.refunded_shipping = sum((refund.shipping for refund in order.refunds), ZERO)
        self.discrepancy = sum((refund.discrepancy for refund in order.refunds), ZERO)

    @property
    def outstanding(self) -> Decimal:
        """The customer's debt; zero once the order is cancelled."""
        return ZERO if self._order.cancelled_at or self._order.is_paid else self.current_total

    @property
    def financial_status(self) -> str:
        """Shopify's status of the payment."""
        order = self._order
        if not order.is_paid:
            return "VOIDED" if order.cancelled_at else "PENDING"
        if not self.refunded:
            return "PAID"
        return "REFUNDED" if self.refunded >= self.received else "PARTIALLY_REFUNDED"

    @staticmethod
    def _sum(sales: Iterable[Sale]) -> Decimal:
        return sum((sale.total for sale in sales), ZERO)


def own_discount(order: Order, line: Line) -> Decimal:
    """Return the discounts on the line itself, without its shares of discounts on the whole order."""
    own = (share.amount for share in line.allocations if order.discounts[share.index].kind == "line")
    return sum(own, ZERO)


def sale_kind(sale: Sale) -> str:
    """Return the GraphQL type of a sale."""
    return _SALE_KINDS.get(sale.line_type, "AdjustmentSale")


_SALE_KINDS = {
    "PRODUCT": "ProductSale",
    "SHIPPING": "ShippingLineSale",
    "TIP": "TipSale",
    "GIFT_CARD": "GiftCardSale",
    "DUTY": "DutySale",
    "ADDITIONAL_FEE": "AdditionalFeeSale",
    "UNKNOWN": "UnknownSale",
}
