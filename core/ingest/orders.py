"""Orders with their lines and shipping lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import and_, not_, or_
from sqlalchemy.orm import Session

from core.database.models import LineItem, Order, ShippingLine
from core.domain import MAPPING_VERSION, Kind, Source
from core.domain import Order as OrderRecord
from core.ingest import arrivals, readings, rows, sight
from core.ingest.copying import Lines, Rows
from core.ingest.drafts import drafted
from core.ingest.target import Newer, Target, incoming_column, newest, not_stale, replace_children, upsert

_BY_WEBHOOK = incoming_column("source") == Source.WEBHOOK
# A CSV's total may include edits, and so may the total that an older mapping read.
_AS_PLACED = and_(_BY_WEBHOOK, Order.source != Source.CSV, Order.mapping_version >= MAPPING_VERSION)
_WITHOUT_LEDGER = or_(_BY_WEBHOOK, not_(incoming_column("is_whole")))
_KEPT = {
    # A webhook has no ledger, nor has an order that is yet to be read whole: the stored ledger stays, and newer
    # refunds and lines are laid on top of it.
    "agreements": _WITHOUT_LEDGER,
    "agreed_refunds": _WITHOUT_LEDGER,
    "agreed_at": _WITHOUT_LEDGER,
    # An edit rewrites the total in a webhook's body, and no field of the body has the total as placed.
    "total": _AS_PLACED,
    "presentment_total": _AS_PLACED,
}

_SEEN = sight.Kept(
    Order.order_id,
    {"customer": ("customer_id",), "email": ("email",), "place": ("country", "province", "city")},
    sight.Children("products", "line_items", "line_item_id", LineItem.order_id, ("product_id", "variant_id")),
    derived=lambda order: {"customer_key": rows.customer_key(order)},
)


def write(session: Session, target: Target, records: Iterable[OrderRecord]) -> Newer[OrderRecord]:
    """Write the versions that are newer than what is stored; returns those written.

    `with_ledger` also names orders that were not written but got the ledger of an older reading.
    """
    versions = list(records)
    found = newest(target, versions, lambda order: order.order_id)
    newer = not_stale(session, target, found, Kind.ORDER, Order.order_id)
    versions, left_out = sight.keep(session, target, _SEEN, versions, newer)
    readings.keep_first_total(versions, newer)
    orders = [newer.records[order_id] for order_id in sorted(newer.records)]
    arrivals.note(session, target, orders)
    if len(orders) < target.copy_from:
        _write_rows(session, target, orders, newer.replaced)
    else:
        _write_lines(session, target, orders, newer.replaced)
    readings.keep(session, target, versions, newer)
    newer.with_ledger.update(sight.fill(session, target, _SEEN, left_out))
    return newer


def _write_rows(session: Session, target: Target, orders: Sequence[OrderRecord], replaced: Collection[int]) -> None:
    lines = [row for order in orders for row in rows.line_rows(target, order)]
    shipping = [row for order in orders for row in rows.shipping_rows(target, order)]
    order_rows = Rows(rows.ORDER_COLUMNS, [rows.order_row(target, order) for order in orders])
    upsert(session, target, Order, order_rows, keep_where=_KEPT)
    replace_children(session, target, LineItem.order_id, replaced, Rows(rows.LINE_COLUMNS, lines))
    replace_children(session, target, ShippingLine.order_id, replaced, Rows(rows.SHIPPING_COLUMNS, shipping))


def _write_lines(session: Session, target: Target, orders: Sequence[OrderRecord], replaced: Collection[int]) -> None:
    drafts = drafted(target, orders)
    lines = [line for draft in drafts for line in draft.lines]
    shipping = [line for draft in drafts for line in draft.shipping]
    upsert(session, target, Order, Lines(rows.ORDER_COLUMNS, [draft.order for draft in drafts]), keep_where=_KEPT)
    replace_children(session, target, LineItem.order_id, replaced, Lines(rows.LINE_COLUMNS, lines))
    replace_children(session, target, ShippingLine.order_id, replaced, Lines(rows.SHIPPING_COLUMNS, shipping))
