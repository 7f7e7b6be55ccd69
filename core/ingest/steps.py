"""The steps of a write: each is one act on the records of one kind, and says why it refuses a record."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.domain import (
    Cart,
    Checkout,
    Customer,
    Deleted,
    InventoryLevel,
    Kind,
    Merged,
    Order,
    Product,
    Refund,
    Refusal,
    Unreadable,
)
from core.ingest import (
    checkouts,
    currencies,
    customers,
    deletions,
    inventory,
    orders,
    people,
    products,
    refunds,
    sales,
    unreadable,
)
from core.ingest.batch import Batch
from core.ingest.ranks import rank
from core.ingest.versions import Refused


def merge_customers(session: Session, batch: Batch) -> None:
    """Store which customers Shopify merged; the merged ones are deleted with the other deletions."""
    merges = batch.of(Merged)
    batch.merged = people.merge(session, batch.target, merges)
    merged_ids = {deleted.shopify_id for deleted in batch.merged}
    batch.refused += [Refused(m, m.merged_id, Refusal.STALE) for m in merges if m.merged_id not in merged_ids]


def mark_withheld_customers(_: Session, batch: Batch) -> None:
    """Mark the customer as withheld in webhooks of an app that may not see customers."""
    sees_customers = "read_customers" not in batch.store.missing_scopes
    batch.records = people.mark_withheld(batch.records, sees_customers)


def rename_merged_customers(session: Session, batch: Batch) -> None:
    """Put the ids of the customers who were kept in place of those who were merged into them."""
    batch.records = people.rename_merged(session, batch.target, batch.records)


def redact_people(session: Session, batch: Batch) -> None:
    """Blank the personal fields of people who were redacted.

    A record that named a redacted customer before the rename is noted, too: the body that brought it is erased.
    """
    versions = batch.records if batch.records is batch.received else (*batch.records, *batch.received)
    redacted = people.redacted(session, batch.target, versions)
    if not redacted:
        return
    batch.redacted = {
        place
        for place, records in enumerate(zip(batch.received, batch.records, strict=True))
        if any(people.is_about(redacted, record) for record in records)
    }
    batch.records = tuple(people.redact(record, redacted) for record in batch.records)


def delete_records(session: Session, batch: Batch) -> None:
    """Store tombstones of deleted records, and mark their rows."""
    batch.deleted = deletions.write(session, batch.target, [*batch.of(Deleted), *batch.merged])
    batch.refused += batch.deleted.refused


def restore_records(session: Session, batch: Batch) -> None:
    """End inferred deletions of records that the API returned later."""
    batch.restored = deletions.restore(session, batch.target, batch.records, batch.now)


def write_products(session: Session, batch: Batch) -> None:
    """Write products with their variants."""
    batch.products = products.write(session, batch.target, batch.of(Product))
    batch.refused += batch.products.refused


def write_customers(session: Session, batch: Batch) -> None:
    """Write customers."""
    batch.customers = customers.write(session, batch.target, batch.of(Customer))
    batch.refused += batch.customers.refused


def write_orders(session: Session, batch: Batch) -> None:
    """Write orders with their lines, and note their currencies."""
    batch.orders = orders.write(session, batch.target, batch.of(Order), batch.prepared)
    written = batch.orders.selected.records
    currencies.note_currencies(batch.store, written.values())
    # A stale version among them gets that reason in `write_refunds`.
    foreign = [o for o in batch.of(Order) if o.order_id in written and o.currency != batch.target.currency]
    batch.refused += [Refused(order, order.order_id, Refusal.OTHER_CURRENCY) for order in foreign]


def write_checkouts(session: Session, batch: Batch) -> None:
    """Write checkouts with their lines."""
    batch.checkouts = checkouts.write(session, batch.target, batch.of(Checkout))
    batch.refused += batch.checkouts.refused


def write_carts(session: Session, batch: Batch) -> None:
    """Write carts."""
    batch.carts, refused = checkouts.write_carts(session, batch.target, batch.of(Cart))
    batch.refused += refused


def write_inventory(session: Session, batch: Batch) -> None:
    """Write stock by location."""
    batch.levels, refused = inventory.write(session, batch.target, batch.of(InventoryLevel))
    batch.refused += refused


def write_refunds(session: Session, batch: Batch) -> None:
    """Write refunds: single ones, and those inside orders. A new refund inside a stale order is written, too."""
    written = batch.orders.selected.records
    versions = _refunds(batch)
    new = refunds.write(session, batch.target, versions, written)
    batch.refunded = {refund.order_id for refund in versions if refund.refund_id in new}
    known = [refund for refund in batch.of(Refund) if refund.refund_id not in new and refund.order_id not in written]
    batch.refused += [Refused(refund, refund.refund_id, Refusal.STALE) for refund in known]
    batch.orders.selected.mark_partly_written(batch.refunded)
    batch.refused += batch.orders.selected.refused


def rewrite_sales(session: Session, batch: Batch) -> None:
    """Recompute the ledger of every order that changed, from what is stored now."""
    changed = batch.orders.ids | batch.refunded | batch.deleted.ids[Kind.ORDER] | batch.restored[Kind.ORDER]
    sales.rewrite(session, batch.target, changed, batch.orders)
    orders.delete_payments(session, batch.target, batch.deleted.ids[Kind.ORDER])


def note_unreadable(session: Session, batch: Batch) -> None:
    """Remember the records that could not be read, and forget those that could."""
    batch.unreadable = unreadable.write(session, batch.target, batch.records, batch.now)
    batch.refused += [Refused(record, record.shopify_id, Refusal.UNREADABLE) for record in batch.of(Unreadable)]


def _refunds(batch: Batch) -> list[Refund]:
    """Return the refunds of the batch: single ones, and those inside orders, stale orders too.

    The last version of a refund wins: the one in the written order, else in the newest.
    """
    with_refunds = (order for order in batch.of(Order) if order.refunds)
    versions = sorted(with_refunds, key=lambda order: rank(order, batch.target.reading))
    written = batch.orders.selected.records.values()
    return batch.of(Refund) + [refund for order in (*versions, *written) for refund in order.refunds]
