"""The facts of an order after its placing: ledger rows, refunds, returns and transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

ZERO = Decimal(0)
RETURN_REASONS = ("SIZE_TOO_SMALL", "UNWANTED", "DEFECTIVE", "SIZE_TOO_LARGE", "NOT_AS_DESCRIBED")


@dataclass(frozen=True, slots=True)
class Sale:
    """One signed row of Shopify's own ledger; see `core.simulator.shop.agreements` for the signs."""

    sale_id: int
    action: str
    line_type: str
    quantity: int | None
    total: Decimal
    discount: Decimal
    tax: Decimal
    line_id: int | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """One dated change of an order in the ledger. `reason` is ORDER, ORDER_EDIT, REFUND or RETURN."""

    agreement_id: int
    happened_at: datetime
    reason: str
    sales: tuple[Sale, ...]
    refund_id: int | None = None


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Returned units of a line. `subtotal` contains tax where the shop's prices do."""

    refund_line_id: int
    line_id: int
    quantity: int
    subtotal: Decimal
    tax: Decimal
    restock_type: str


@dataclass(slots=True)
class Transaction:
    """A payment. `kind` is SALE or REFUND. While `status` is PENDING, no money has moved; SUCCESS means it has.

    `fee` is what the payment provider kept, and `fee_tax` the tax on it; None where Shopify does not know them.
    """

    transaction_id: int
    kind: str
    amount: Decimal
    processed_at: datetime
    status: str = "SUCCESS"
    fee: Decimal | None = None
    fee_tax: Decimal = ZERO

    @property
    def moved(self) -> Decimal:
        """The money that has moved."""
        return self.amount if self.status == "SUCCESS" else ZERO


@dataclass(slots=True)
class Refund:
    """Goods, shipping or money given back. After a return it is the money for goods that came back earlier.

    `shipping` and `shipping_tax` are positive, the former before tax. `discrepancy` is the value of the goods less
    the money given back for them. It is positive when the shop withheld a part or the money is pending; negative for
    a gesture of goodwill, or for goods that came back earlier.
    """

    refund_id: int
    processed_at: datetime
    note: str | None
    lines: tuple[RefundLine, ...]
    shipping: Decimal = ZERO
    shipping_tax: Decimal = ZERO
    shipping_row_id: int | None = None
    discrepancy: Decimal = ZERO
    discrepancy_id: int | None = None
    transaction: Transaction | None = None
    return_id: int | None = None

    @property
    def paid(self) -> Decimal:
        """The money refunded so far."""
        return self.transaction.moved if self.transaction else ZERO


@dataclass(slots=True)
class Return:
    """Goods that came back before a refund. Shopify enters them in its ledger on that day; a refund may follow.

    `state` is Shopify's ReturnStatus while no money was refunded; goods come back with the approval of a request.
    """

    return_id: int
    created_at: datetime
    lines: tuple[RefundLine, ...]
    is_refunded: bool = False
    state: str = "OPEN"
    new_reason: str | None = None

    @property
    def status(self) -> str:
        """Shopify's ReturnStatus; the refund closes a return."""
        return "CLOSED" if self.is_refunded else self.state

    @property
    def awaits_refund(self) -> bool:
        """Whether goods came back whose money was not refunded."""
        return not self.is_refunded and self.state in ("OPEN", "CLOSED")

    @property
    def reason(self) -> str:
        """Why the goods came back: a value of Shopify's ReturnReason."""
        return self.new_reason or RETURN_REASONS[self.return_id % len(RETURN_REASONS)]
