"""Rows of orders as COPY reads them, written down ahead of their transaction while PostgreSQL is busy with others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.database.models import LineItem, Order, Sale, ShippingLine
from core.domain import Order as OrderRecord
from core.ingest import rows
from core.ingest.copying import Draft, line_writer
from core.ingest.ranks import Reading
from core.ingest.target import Target


def drafted(target: Target, orders: Iterable[OrderRecord]) -> list[Draft]:
    """The drafts of these very records: those that the target has, the others made now and kept in it."""
    drafter = _Drafter(target)
    found = []
    for order in orders:
        draft = target.drafts.get(order.order_id)
        # Of an order that was renamed or redacted since, the record is another one.
        if draft is None or draft.record is not order:
            draft = target.drafts[order.order_id] = drafter.draft(order)
        found.append(draft)
    return found


@dataclass(frozen=True, slots=True)
class Drafts:
    """Drafts of a store's orders by id, made before it was locked: in `zone` were the days of their rows reckoned."""

    store: tuple[int, int]
    zone: ZoneInfo
    reading: Reading
    by_id: Mapping[int, Draft]

    @classmethod
    def of(
        cls, tenant_id: int, store_id: int, zone: ZoneInfo, orders: Iterable[OrderRecord], reading: Reading
    ) -> Drafts:
        """Drafts of these orders, as a store in this time zone writes them."""
        target = Target(tenant_id, store_id, zone, currency="", reading=reading)
        drafted(target, orders)
        return cls(target.key_values, zone, reading, target.drafts)

    def fit(self, target: Target) -> bool:
        """Whether the rows are what the store would write now."""
        same_store = self.store == target.key_values and self.zone.key == target.zone.key
        return same_store and self.reading == target.reading


class _Drafter:
    """Makes drafts."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._order = line_writer(Order.__table__, rows.ORDER_COLUMNS)
        self._line = line_writer(LineItem.__table__, rows.LINE_COLUMNS)
        self._shipping = line_writer(ShippingLine.__table__, rows.SHIPPING_COLUMNS)
        self._sale = line_writer(Sale.__table__, rows.SALE_COLUMNS)

    def draft(self, order: OrderRecord) -> Draft:
        target = self._target
        return Draft(
            record=order,
            order=self._order(rows.order_row(target, order)),
            lines=[self._line(row) for row in rows.line_rows(target, order)],
            shipping=[self._shipping(row) for row in rows.shipping_rows(target, order)],
            sales=[self._sale(row) for row in rows.sales_rows(target, rows.as_stored(order))],
        )
