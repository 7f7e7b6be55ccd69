"""Writes deletions: a tombstone refuses late versions, and the row is marked, so that it is in no figure.

A deleted customer's personal fields are blanked. An inferred deletion ends when Shopify's API returns the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database.ids import among
from core.database.models import Checkout, Customer, Deletion, Order, Product, UnsettledOrder
from core.domain import Checkout as CheckoutRecord
from core.domain import Customer as CustomerRecord
from core.domain import Deleted, Kind, Record, Refusal, Source
from core.domain import Order as OrderRecord
from core.domain import Product as ProductRecord
from core.ingest.target import Target
from core.ingest.versions import Refused

_INDEX_LAG = timedelta(minutes=5)
"""The lag of Shopify's lists behind its data: a record in them may have been deleted since."""


class _Deletable(NamedTuple):
    """A table whose rows can be deleted: its model and key, and the columns that a deletion blanks."""

    model: Any
    key: Any
    blanked: tuple[str, ...] = ()


_TABLES: dict[Kind, _Deletable] = {
    Kind.ORDER: _Deletable(Order, Order.order_id),
    # Only the number of a deleted customer stays, for the counts.
    Kind.CUSTOMER: _Deletable(
        Customer, Customer.customer_id, ("first_name", "last_name", "email", "province", "city")
    ),
    Kind.PRODUCT: _Deletable(Product, Product.product_id),
    Kind.CHECKOUT: _Deletable(Checkout, Checkout.checkout_id),
}
_KINDS = {
    OrderRecord: Kind.ORDER,
    CustomerRecord: Kind.CUSTOMER,
    ProductRecord: Kind.PRODUCT,
    CheckoutRecord: Kind.CHECKOUT,
}


@dataclass(frozen=True, slots=True)
class WrittenDeletions:
    """The ids that were not known to be deleted before, by kind, and the deletions that were known."""

    ids: dict[Kind, set[int]] = field(default_factory=lambda: {kind: set() for kind in Kind})
    refused: list[Refused] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many records were deleted."""
        return sum(map(len, self.ids.values()))


def write(session: Session, target: Target, records: Iterable[Deleted]) -> WrittenDeletions:
    """Store a tombstone for each deletion, and mark the rows."""
    written = WrittenDeletions()
    for record in records:
        if _store_tombstone(session, target, record):
            written.ids[record.kind].add(record.shopify_id)
            table = _TABLES[record.kind]
            row = (target.owns(table.model), table.key == record.shopify_id)
            blanks = dict.fromkeys(table.blanked)
            session.execute(update(table.model).where(*row).values(deleted_at=record.deleted_at, **blanks))
        else:
            written.refused.append(Refused(record, record.shopify_id, Refusal.DELETED_BEFORE))
        if record.kind is Kind.CUSTOMER:
            # Also of a customer who was deleted before: orders and checkouts may have come since.
            _forget_customer(session, target, record.shopify_id)
    return written


def restore(session: Session, target: Target, records: Iterable[Record], now: datetime) -> dict[Kind, set[int]]:
    """Delete the tombstones of inferred deletions of records that the API returned later, and unmark their rows.

    Returns the restored ids, by kind. The records are still to be written.
    """
    restored: dict[Kind, set[int]] = {kind: set() for kind in Kind}
    returned = {key for record in records if (key := _returned(record))}
    if not returned:
        return restored
    asked_at = target.reading.read_at - _INDEX_LAG
    inferred = (target.owns(Deletion), Deletion.is_inferred, Deletion.deleted_at < asked_at)
    ids = {shopify_id for _, shopify_id in returned}
    query = select(Deletion.kind, Deletion.shopify_id).where(*inferred, among(Deletion.shopify_id, ids))
    for row in session.execute(query).all():
        kind, shopify_id = Kind(row.kind), row.shopify_id
        if (kind, shopify_id) in returned:
            restored[kind].add(shopify_id)
            tombstone = (*inferred, Deletion.kind == kind, Deletion.shopify_id == shopify_id)
            session.execute(delete(Deletion).where(*tombstone))
            _restore_row(session, target, kind, shopify_id, now)
    return restored


def _store_tombstone(session: Session, target: Target, record: Deleted) -> bool:
    """Return False if the deletion is already stored. If it was inferred, Shopify's report confirms it."""
    values = {**target.store.parameters, "kind": record.kind, "shopify_id": record.shopify_id}
    statement = insert(Deletion).values(**values, deleted_at=record.deleted_at, is_inferred=record.is_inferred)
    if session.execute(statement.on_conflict_do_nothing().returning(Deletion.shopify_id)).first():
        return True
    if not record.is_inferred:
        tombstone = (Deletion.kind == record.kind, Deletion.shopify_id == record.shopify_id)
        confirmed = update(Deletion).where(target.owns(Deletion), Deletion.is_inferred, *tombstone)
        session.execute(confirmed.values(is_inferred=False))
    return False


def _forget_customer(session: Session, target: Target, customer_id: int) -> None:
    """Blank the customer's personal fields on orders, and detach their checkouts; the country stays, for the sums."""
    orders = (target.owns(Order), Order.customer_id == customer_id)
    session.execute(update(Order).where(*orders).values(email=None, province=None, city=None))
    checkouts = (target.owns(Checkout), Checkout.customer_id == customer_id)
    session.execute(update(Checkout).where(*checkouts).values(customer_id=None, recovery_path=None))


def _returned(record: Record) -> tuple[Kind, int] | None:
    """Return the kind and id of a record that the API returned. A late webhook does not show that it still exists."""
    kind = _KINDS.get(type(record))
    if kind is None or getattr(record, "source", None) != Source.API:
        return None
    return kind, getattr(record, _TABLES[kind].key.key)


def _restore_row(session: Session, target: Target, kind: Kind, shopify_id: int, now: datetime) -> None:
    """Unmark the row, as a webhook's version.

    It was blanked, or missed changes, while it counted as deleted. A webhook's version is below the same version of
    the API, which then replaces all of it.
    """
    table = _TABLES[kind]
    row = (target.owns(table.model), table.key == shopify_id)
    session.execute(update(table.model).where(*row).values(deleted_at=None, source=Source.WEBHOOK))
    if kind is Kind.CUSTOMER:
        _refetch_orders(session, target, shopify_id, now)


def _refetch_orders(session: Session, target: Target, customer_id: int, now: datetime) -> None:
    """Have the orders re-fetched that were blanked with this customer; they too become a webhook's version."""
    orders = (target.owns(Order), Order.customer_id == customer_id, Order.source == Source.API)
    columns = ["tenant_id", "store_id", "order_id", "reported_at", "due_at"]
    values = select(Order.tenant_id, Order.store_id, Order.order_id, literal(now), literal(now)).where(*orders)
    session.execute(insert(UnsettledOrder).from_select(columns, values).on_conflict_do_nothing())
    session.execute(update(Order).where(*orders).values(source=Source.WEBHOOK))
