"""What Shopify deleted: remembered, marked, and taken out of the numbers (an order) or of sight (a person)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.ingest.target import Target
from core.models import Checkout, Customer, Deletion, Order, Product
from core.records import Deleted, Kind

_TABLES = {
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
        values = {**target.key, "kind": record.kind, "shopify_id": record.shopify_id, "deleted_at": record.deleted_at}
        statement = insert(Deletion).values(values).on_conflict_do_nothing().returning(Deletion.shopify_id)
        if session.execute(statement).first():
            new[record.kind].add(record.shopify_id)
            model, key, blank = _TABLES[record.kind]
            mine = (*target.owns(model), key == record.shopify_id)
            session.execute(update(model).where(*mine).values(deleted_at=record.deleted_at, **blank))
            if record.kind is Kind.CUSTOMER:
                _forget(session, target, record.shopify_id)
    return new


def _forget(session: Session, target: Target, customer_id: int) -> None:
    """The person's traces on their orders; the country stays, for the sums. What they left is nobody's any more."""
    theirs = (*target.owns(Order), Order.customer_id == customer_id)
    session.execute(update(Order).where(*theirs).values(email=None, province=None, city=None))
    left = (*target.owns(Checkout), Checkout.customer_id == customer_id)
    session.execute(update(Checkout).where(*left).values(customer_id=None))
