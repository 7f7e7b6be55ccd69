"""What Shopify deleted: remembered, marked, and taken out of the numbers (an order) or of sight (a person).

What we only inferred comes back when Shopify's API tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database.models import Checkout, Customer, Deletion, Order, Product, UnsettledOrder
from core.domain import Checkout as CheckoutRecord
from core.domain import Customer as CustomerRecord
from core.domain import Deleted, Kind, Record, Source
from core.domain import Order as OrderRecord
from core.domain import Product as ProductRecord
from core.ingest.target import Target, among

_INDEX_LAG = timedelta(minutes=5)
"""The lag of Shopify's lists behind its data: a record in them may have been deleted since."""

_TABLES: dict[Kind, tuple[Any, Any, dict[str, None]]] = {
    Kind.ORDER: (Order, Order.order_id, {}),
    # A customer deleted in Shopify is a person who should be gone: only the number stays, for the counts.
    Kind.CUSTOMER: (
        Customer,
        Customer.customer_id,
        dict.fromkeys(("first_name", "last_name", "email", "province", "city")),
    ),
    Kind.PRODUCT: (Product, Product.product_id, {}),
    Kind.CHECKOUT: (Checkout, Checkout.checkout_id, {}),
}


def write(session: Session, target: Target, records: Iterable[Deleted]) -> dict[Kind, set[int]]:
    """Remember the deletions, mark the rows; returns the ids not known to be deleted before, by kind."""
    new: dict[Kind, set[int]] = {kind: set() for kind in Kind}
    for record in records:
        if _remember(session, target, record):
            new[record.kind].add(record.shopify_id)
            model, key, blank = _TABLES[record.kind]
            mine = (*target.owns(model), key == record.shopify_id)
            session.execute(update(model).where(*mine).values(deleted_at=record.deleted_at, **blank))
        if record.kind is Kind.CUSTOMER:
            # Of one who is known to be gone, too: orders and checkouts may have come since.
            _forget(session, target, record.shopify_id)
    return new


def lift(session: Session, target: Target, records: Iterable[Record], now: datetime) -> dict[Kind, set[int]]:
    """Forget inferred deletions of records that the API returned later; returns their ids, by kind. The records are
    still to be written."""
    lifted: dict[Kind, set[int]] = {kind: set() for kind in Kind}
    told = {named for record in records if (named := _told(record))}
    if not told:
        return lifted
    asked_at = target.reading.read_at - _INDEX_LAG
    inferred = (*target.owns(Deletion), Deletion.is_inferred, Deletion.deleted_at < asked_at)
    ids = {shopify_id for _, shopify_id in told}
    query = select(Deletion.kind, Deletion.shopify_id).where(*inferred, among(Deletion.shopify_id, ids))
    for row in session.execute(query).all():
        kind, shopify_id = Kind(row.kind), row.shopify_id
        if (kind, shopify_id) in told:
            lifted[kind].add(shopify_id)
            session.execute(
                delete(Deletion).where(*inferred, Deletion.kind == kind, Deletion.shopify_id == shopify_id)
            )
            _bring_back(session, target, kind, shopify_id, now)
    return lifted


def _remember(session: Session, target: Target, record: Deleted) -> bool:
    """False where it is known; what was inferred is told from now on, if it is told."""
    values = {**target.key, "kind": record.kind, "shopify_id": record.shopify_id}
    statement = insert(Deletion).values(**values, deleted_at=record.deleted_at, is_inferred=record.is_inferred)
    if session.execute(statement.on_conflict_do_nothing().returning(Deletion.shopify_id)).first():
        return True
    if not record.is_inferred:
        known = update(Deletion).where(*target.owns(Deletion), Deletion.is_inferred)
        session.execute(
            known.where(Deletion.kind == record.kind, Deletion.shopify_id == record.shopify_id).values(
                is_inferred=False
            )
        )
    return False


def _forget(session: Session, target: Target, customer_id: int) -> None:
    """The person's traces on their orders; the country stays, for the sums. What they left is nobody's any more."""
    theirs = (*target.owns(Order), Order.customer_id == customer_id)
    session.execute(update(Order).where(*theirs).values(email=None, province=None, city=None))
    left = (*target.owns(Checkout), Checkout.customer_id == customer_id)
    session.execute(update(Checkout).where(*left).values(customer_id=None))


_KINDS = {
    OrderRecord: Kind.ORDER,
    CustomerRecord: Kind.CUSTOMER,
    ProductRecord: Kind.PRODUCT,
    CheckoutRecord: Kind.CHECKOUT,
}


def _told(record: Record) -> tuple[Kind, int] | None:
    """What the API tells of in a record. A late webhook does not show that there is still such a thing."""
    kind = _KINDS.get(type(record))
    if kind is None or getattr(record, "source", None) != Source.API:
        return None
    return kind, getattr(record, _TABLES[kind][1].key)


def _bring_back(session: Session, target: Target, kind: Kind, shopify_id: int, now: datetime) -> None:
    """Unmark the row. It was blanked, or not kept up, while it counted as deleted: as if a webhook had told it, it is
    below the same version of the API, which then replaces it whole."""
    model, key, _ = _TABLES[kind]
    mine = (*target.owns(model), key == shopify_id)
    session.execute(update(model).where(*mine).values(deleted_at=None, source=Source.WEBHOOK))
    if kind is Kind.CUSTOMER:
        _remember_traces(session, target, shopify_id, now)


def _remember_traces(session: Session, target: Target, customer_id: int, now: datetime) -> None:
    """Have the orders that were blanked for this customer's sake read back; as in `_bring_back`."""
    theirs = (*target.owns(Order), Order.customer_id == customer_id, Order.source == Source.API)
    columns = ["tenant_id", "store_id", "order_id", "told_at", "due_at"]
    values = select(Order.tenant_id, Order.store_id, Order.order_id, literal(now), literal(now)).where(*theirs)
    session.execute(insert(UnsettledOrder).from_select(columns, values).on_conflict_do_nothing())
    session.execute(update(Order).where(*theirs).values(source=Source.WEBHOOK))
