"""Writes orders with their lines and shipping lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlalchemy import ColumnElement, and_, delete, not_, or_
from sqlalchemy.orm import Session

from core.database.ids import among
from core.database.models import LineItem, Order, OrderAnswer, ShippingLine, Transaction
from core.domain import MAPPING_VERSION, Kind, Source
from core.domain import Order as OrderRecord
from core.ingest import agreements, change_sources, withheld
from core.ingest.changed import replace_changed
from core.ingest.order_rows import (
    ANSWERS,
    LINES,
    ORDERS,
    RETURNS,
    SHIPPING,
    TRANSACTIONS,
    OrderRows,
    PreparedOrders,
    customer_key,
    rows_in,
    split,
)
from core.ingest.rows import Rows
from core.ingest.staged import NONE_STAGED, Staged
from core.ingest.target import Target
from core.ingest.upsert import incoming_column, upsert, write_new
from core.ingest.versions import Selected, select_newer

_BY_WEBHOOK = incoming_column("source") == Source.WEBHOOK
# A CSV's total may include edits, and so may the total that an older mapping read.
_AS_PLACED = and_(_BY_WEBHOOK, Order.source != Source.CSV, Order.mapping_version >= MAPPING_VERSION)
_WITHOUT_LEDGER = or_(_BY_WEBHOOK, not_(incoming_column("is_whole")))
_KEEP_STORED = {
    # A webhook has no ledger, nor has an order that is yet to be read whole: the stored ledger stays, and newer
    # refunds and lines are laid on top of it.
    "agreements": _WITHOUT_LEDGER,
    "agreed_refunds": _WITHOUT_LEDGER,
    "agreed_at": _WITHOUT_LEDGER,
    # An edit rewrites the total in a webhook's body, and no field of the body has the total as placed.
    "total": _AS_PLACED,
    "presentment_total": _AS_PLACED,
}

_FROM_SOME_ONLY = ("location_id", "location_name", "journey", "visit_source", "visit_campaign")
"""Fields that some sources lack, and Shopify itself until it has computed them: the stored values stay."""
_FEES = ("fee", "fee_tax", "fee_currency")

_PAYMENT_CHANGED = or_(
    *(
        incoming_column(name).is_distinct_from(getattr(Transaction, name))
        for name in ("status", "amount", "processed_at", "gateway", "currency", "fee", "fee_tax", "fee_currency")
    )
)

_WITHHELD = withheld.Groups(
    Order.order_id,
    {"customer": ("customer_id",), "email": ("email",), "place": ("country", "province", "city")},
    withheld.Parts("products", "line_items", "line_item_id", LineItem.order_id, ("product_id", "variant_id")),
    derived=lambda order: {"customer_key": customer_key(order)},
)


@dataclass(frozen=True, slots=True)
class WrittenOrders:
    """The orders that were written, and their rows by id.

    `selected.with_ledger` also has the ids of orders that were not written but got the ledger of an older reading.
    """

    selected: Selected[OrderRecord] = field(default_factory=Selected)
    rows: Mapping[int, OrderRows] = field(default_factory=dict)
    staged: Staged = NONE_STAGED

    @property
    def ids(self) -> set[int]:
        """The ids of the orders of which anything was written."""
        return self.selected.records.keys() | self.selected.with_ledger


def write(
    session: Session, target: Target, records: Iterable[OrderRecord], prepared: PreparedOrders
) -> WrittenOrders:
    """Write the versions that are newer than what is stored."""
    versions = list(records)
    selected = select_newer(session, target, versions, Kind.ORDER, Order.order_id)
    left_out = selected.left_out(versions)
    versions = withheld.complete_records(session, target, _WITHHELD, versions, selected)
    agreements.keep_first_total(versions, selected)
    orders = [selected.records[order_id] for order_id in sorted(selected.records)]
    change_sources.count_changes(session, target, orders)
    rows = prepared.rows_of(target, orders)
    staged = prepared.staged_of(rows)
    _write_rows(session, target, rows.values(), selected.replaced, staged)
    agreements.keep_ledgers(session, target, versions, selected)
    selected.with_ledger |= withheld.complete_rows(session, target, _WITHHELD, left_out)
    selected.mark_partly_written(selected.with_ledger)
    return WrittenOrders(selected, rows, staged)


def delete_payments(session: Session, target: Target, order_ids: Collection[int]) -> None:
    """Delete the payments of deleted orders, and Shopify's answers about them: they are in no figure, and come back
    with the order."""
    for model in (Transaction, OrderAnswer) if order_ids else ():
        rows = delete(model).where(target.owns(model), among(model.order_id, order_ids))
        session.execute(rows.execution_options(synchronize_session=False))


def _write_rows(
    session: Session, target: Target, orders: Collection[OrderRows], replaced: Collection[int], staged: Staged
) -> None:
    _write_own(session, target, rows_in(ORDERS, orders, staged), replaced, _FROM_SOME_ONLY, _KEEP_STORED)
    known, new = split(orders, replaced)
    for layout, parent in ((LINES, LineItem.order_id), (SHIPPING, ShippingLine.order_id)):
        replace_changed(session, target, parent, replaced, rows_in(layout, known, staged))
        write_new(session, target, rows_in(layout, new, staged))
    # A webhook lists no payments, and Shopify deletes none: so the stored ones stay.
    payments = rows_in(TRANSACTIONS, orders, staged)
    _write_own(session, target, payments, replaced, _FEES, only_where=_PAYMENT_CHANGED)
    _write_own(session, target, rows_in(ANSWERS, orders, staged), replaced)
    _write_own(session, target, rows_in(RETURNS, orders, staged), replaced)


def _write_own(
    session: Session,
    target: Target,
    rows: Rows,
    replaced: Collection[int],
    keep_if_none: Collection[str] = (),
    keep_where: Mapping[str, ColumnElement[bool]] = MappingProxyType({}),
    only_where: ColumnElement[bool] | None = None,
) -> None:
    """Insert rows whose key has the order's id; replace stored ones as `upsert` does, if any order is stored.

    An upsert looks each row up first, and calls the triggers on changed rows even if it changes none.
    """
    if replaced:
        upsert(session, target, rows, keep_if_none, keep_where, only_where)
    else:
        write_new(session, target, rows)
