"""The rows of an order: its own, its lines', its shipping lines', and those of its ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from hashlib import sha256
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy.orm import Session

from core.config import settings
from core.database import StoreKey
from core.database.models import (
    LineItem,
    Order,
    OrderAnswer,
    OrderDiscount,
    ReturnLine,
    Sale,
    ShippingLine,
    Transaction,
)
from core.domain import DOCUMENTS_VERSION, MAPPING_VERSION
from core.domain import LineItem as LineRecord
from core.domain import Order as OrderRecord
from core.domain import Refund as RefundRecord
from core.domain import ReturnLine as ReturnRecord
from core.domain import ShippingLine as ShippingRecord
from core.domain import Transaction as TransactionRecord
from core.domain.discounts import OrderDiscount as DiscountRecord
from core.domain.discounts import order_discounts
from core.domain.ledger import sale_rows
from core.domain.sales import SaleRow
from core.ingest import answers
from core.ingest.encoding import agreements_json, allocations_json, journey_json, taxes_json, withheld_json
from core.ingest.ranks import Reading
from core.ingest.rows import Layout, Rows
from core.ingest.staged import NONE_STAGED, Staged, stage
from core.ingest.target import COPY_FROM, Target

_LONGEST_ADDRESS = 320
"""Characters: no address that mail is sent to is longer (64, the @, and 255)."""


def customer_key(order: OrderRecord) -> str:
    """Return who bought: the customer, else the address, else this order alone (metrics: customer identity)."""
    if order.customer_id is not None:
        return f"c:{order.customer_id}"
    email = (order.email or "").strip().lower()
    if len(email) > _LONGEST_ADDRESS:
        # The key is in an index, whose entries have a limit. A hash identifies the address as well.
        email = sha256(email.encode("utf-8", "surrogatepass")).hexdigest()
    return f"e:{email}" if email else f"o:{order.order_id}"


def visit_source(order: OrderRecord) -> str | None:
    """Return where the last visitor before the order came from, in lower case; None where it is not known."""
    last = order.journey.last if order.journey else None
    return last.origin if last else None


def visit_campaign(order: OrderRecord) -> str | None:
    """Return the campaign of the last visit before the order."""
    last = order.journey.last if order.journey else None
    return last.utm_campaign if last else None


ORDERS = Layout(
    Order,
    OrderRecord,
    {
        "business_date": lambda place, order: place.target.day(order.processed_at),
        "customer_key": lambda _, order: customer_key(order),
        "journey": lambda _, order: journey_json(order.journey),
        "visit_source": lambda _, order: visit_source(order),
        "visit_campaign": lambda _, order: visit_campaign(order),
        "agreements": lambda _, order: agreements_json(order.agreements),
        "agreed_at": lambda _, order: None if order.agreements is None else order.updated_at,
        "deleted_at": lambda _, order: None,
        "withheld": lambda _, order: withheld_json(order.withheld),
        "read_at": lambda place, order: place.target.reading.read_at_of(order),
        "is_whole": lambda place, order: place.target.reading.is_whole(order),
        "mapping_version": lambda _, order: MAPPING_VERSION,
        "ledger_version": lambda _, order: MAPPING_VERSION,
    },
)
LINES = Layout(
    LineItem,
    LineRecord,
    {
        "order_id": lambda place, _: place.parent.order_id,
        "currency": lambda place, _: place.parent.currency,
        "position": lambda place, _: place.position,
        "allocations": lambda _, line: allocations_json(line.allocations),
        "taxes": lambda _, line: taxes_json(line.taxes),
    },
)
SHIPPING = Layout(
    ShippingLine,
    ShippingRecord,
    {
        "order_id": lambda place, _: place.parent.order_id,
        "currency": lambda place, _: place.parent.currency,
        "allocations": lambda _, line: allocations_json(line.allocations),
        "taxes": lambda _, line: taxes_json(line.taxes),
    },
)
RETURNS = Layout(
    ReturnLine,
    ReturnRecord,
    {
        "order_id": lambda place, _: place.parent.order_id,
        "business_date": lambda place, line: place.target.day(line.requested_at),
    },
)
ANSWERS = Layout(
    OrderAnswer,
    OrderRecord,
    {
        "read_at": lambda place, _: place.target.reading.read_at,
        "is_whole": lambda place, order: place.target.reading.is_whole(order),
        "documents_version": lambda *_: DOCUMENTS_VERSION,
        "dictionary": lambda *_: answers.DICTIONARY,
        "answer": lambda _, order: "\\x" + answers.packed(order.answer).hex() if order.answer else None,
    },
)
TRANSACTIONS = Layout(
    Transaction,
    TransactionRecord,
    {
        "order_id": lambda place, _: place.parent.order_id,
        "currency": lambda place, _: place.parent.currency,
        "business_date": lambda place, paid: place.target.day(paid.processed_at),
    },
)
SALES = Layout(
    Sale,
    SaleRow,
    {
        "order_id": lambda place, _: place.parent.order_id,
        "currency": lambda place, _: place.parent.currency,
        "sale_no": lambda place, _: place.position,
        "business_date": lambda place, sale: place.target.day(sale.happened_at),
    },
)
DISCOUNTS = Layout(
    OrderDiscount,
    DiscountRecord,
    {
        "order_id": lambda place, _: place.parent.order_id,
        "currency": lambda place, _: place.parent.currency,
        "discount_no": lambda place, _: place.position,
        "business_date": lambda place, discount: place.target.day(discount.placed_at),
    },
)


@dataclass(frozen=True, slots=True)
class OrderRows:
    """All rows that one record of an order makes by itself: refunds, and a ledger that is stored, are not in them."""

    record: OrderRecord
    order: bytes
    lines: list[bytes]
    shipping: list[bytes]
    returns: list[bytes]
    answers: list[bytes]
    transactions: list[bytes]
    sales: list[bytes]
    discounts: list[bytes]


def order_rows(target: Target, order: OrderRecord) -> OrderRows:
    """Return the rows of an order."""
    return OrderRows(
        record=order,
        order=ORDERS.line(target, order),
        lines=[LINES.line(target, line, order, number) for number, line in enumerate(order.line_items)],
        shipping=[SHIPPING.line(target, line, order) for line in order.shipping_lines],
        returns=[RETURNS.line(target, line, order) for line in order.return_lines],
        answers=[ANSWERS.line(target, order)] if order.answer and settings().keep_order_answers else [],
        transactions=[TRANSACTIONS.line(target, paid, order) for paid in order.transactions],
        sales=sales_lines(target, _as_stored(order)),
        discounts=discount_lines(target, order),
    )


def sales_lines(target: Target, order: OrderRecord) -> list[bytes]:
    """Return the rows of an order's ledger."""
    return [SALES.line(target, sale, order, number) for number, sale in enumerate(sale_rows(order))]


def discount_lines(target: Target, order: OrderRecord) -> list[bytes]:
    """Return the rows of an order's discounts."""
    return [DISCOUNTS.line(target, discount, order, number) for number, discount in enumerate(order_discounts(order))]


_LINES_OF: Mapping[Layout[Any], Callable[[OrderRows], Sequence[bytes]]] = {
    ORDERS: lambda order: (order.order,),
    LINES: lambda order: order.lines,
    SHIPPING: lambda order: order.shipping,
    TRANSACTIONS: lambda order: order.transactions,
    SALES: lambda order: order.sales,
    DISCOUNTS: lambda order: order.discounts,
    ANSWERS: lambda order: order.answers,
    RETURNS: lambda order: order.returns,
}


def rows_in(
    layout: Layout[Any], orders: Collection[OrderRows], staged: Staged = NONE_STAGED, others: Collection[bytes] = ()
) -> Rows:
    """Return the rows of one table in these orders, and `others`. Those that are `staged` need not be sent."""
    source = None if others else staged.source(layout.table, [order.record.order_id for order in orders])
    return layout.rows([*others, *(line for order in orders for line in _LINES_OF[layout](order))], source)


def split(orders: Iterable[OrderRows], stored: Collection[int]) -> tuple[list[OrderRows], list[OrderRows]]:
    """Return the orders with stored rows, and the orders without."""
    known: list[OrderRows] = []
    new: list[OrderRows] = []
    for order in orders:
        (known if order.record.order_id in stored else new).append(order)
    return known, new


@dataclass(frozen=True, slots=True)
class PreparedOrders:
    """Rows of orders by id, made ahead of their transaction, while PostgreSQL writes the batch before theirs."""

    rows: Mapping[int, OrderRows]
    store: StoreKey | None = None
    zone: ZoneInfo | None = None
    reading: Reading | None = None
    staged: Staged = NONE_STAGED

    @classmethod
    def of(cls, store: StoreKey, zone: ZoneInfo, orders: Iterable[OrderRecord], reading: Reading) -> PreparedOrders:
        """Prepare these orders for a store whose days begin by the clock of `zone`."""
        target = Target(store, zone, currency="", reading=reading)
        return cls({order.order_id: order_rows(target, order) for order in orders}, store, zone, reading)

    def stage(self, session: Session, least: int = COPY_FROM) -> PreparedOrders:
        """Send the rows ahead, in the transaction that is to write them; see `core.ingest.staged`."""
        orders = [self.rows[order_id] for order_id in sorted(self.rows)]
        tables = (rows_in(layout, orders) for layout in _LINES_OF)
        return changed(self, staged=stage(session, self.rows, tables, least))

    def staged_of(self, rows: Mapping[int, OrderRows]) -> Staged:
        """Return the staged rows, if they are these rows of orders: not if one of them was made again since."""
        is_same = all(self.rows.get(order_id) is order_rows for order_id, order_rows in rows.items())
        return self.staged if is_same else NONE_STAGED

    def rows_of(self, target: Target, orders: Iterable[OrderRecord]) -> dict[int, OrderRows]:
        """Return the rows of these records: the prepared ones, where they are still right, and new ones of the rest.

        The store's clock may have changed since. A record that is not the prepared one was completed, redacted, or
        given another customer since.
        """
        same_zone = self.zone is not None and self.zone.key == target.zone.key
        fits = same_zone and (self.store, self.reading) == (target.store, target.reading)
        prepared = self.rows if fits else {}
        rows = {}
        for order in orders:
            known = prepared.get(order.order_id)
            is_right = known is not None and known.record is order
            rows[order.order_id] = known if known and is_right else order_rows(target, order)
        return rows


NONE_PREPARED = PreparedOrders(MappingProxyType({}))


def _as_stored(order: OrderRecord) -> OrderRecord:
    """Return the record with its parts in the order in which they are read back: the numbers of sales follow it."""
    lines = [line.line_item_id for line in order.line_items]
    shipping = [line.shipping_line_id for line in order.shipping_lines]
    if not order.refunds and _ascend(lines) and _ascend(shipping):
        return order
    return replace(
        order,
        line_items=tuple(sorted(order.line_items, key=lambda line: line.line_item_id)),
        shipping_lines=tuple(sorted(order.shipping_lines, key=lambda line: line.shipping_line_id)),
        refunds=tuple(sorted(map(_refund_as_stored, order.refunds), key=lambda refund: refund.refund_id)),
    )


def _refund_as_stored(refund: RefundRecord) -> RefundRecord:
    return replace(refund, lines=tuple(sorted(refund.lines, key=lambda line: line.refund_line_id)))


def _ascend(ids: Sequence[int]) -> bool:
    return all(former < later for former, later in pairwise(ids))
