"""Customers that Shopify made one of: remembered, and their orders and checkouts follow to the one that was kept."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database.models import Checkout, CustomerMerge, Order
from core.domain import Deleted, Kind, Merged
from core.ingest.target import Target


def write(session: Session, target: Target, records: Iterable[Merged]) -> list[Deleted]:
    """Remember the merges and move what is stored; returns the customers who are no more, as deletions to write."""
    return [
        Deleted(Kind.CUSTOMER, record.merged_id, record.merged_at)
        for record in sorted(records, key=lambda record: record.merged_at)
        if _remember(session, target, record)
    ]


def _remember(session: Session, target: Target, record: Merged) -> bool:
    """False for one that is known, or that would end where it began."""
    mine = target.owns(CustomerMerge)
    further = select(CustomerMerge.kept_id).where(*mine, CustomerMerge.merged_id == record.kept_id)
    kept_id = session.scalar(further) or record.kept_id
    if kept_id == record.merged_id:
        return False
    values = {**target.key, "merged_id": record.merged_id, "kept_id": kept_id, "merged_at": record.merged_at}
    statement = insert(CustomerMerge).values(values).on_conflict_do_nothing().returning(CustomerMerge.merged_id)
    if session.execute(statement).first() is None:
        return False
    # Whoever was merged into the one that is gone now is one with the last of them.
    earlier = update(CustomerMerge).where(*mine, CustomerMerge.kept_id == record.merged_id)
    session.execute(earlier.values(kept_id=kept_id))
    orders = update(Order).where(*target.owns(Order), Order.customer_id == record.merged_id)
    session.execute(orders.values(customer_id=kept_id, customer_key=f"c:{kept_id}"))
    checkouts = update(Checkout).where(*target.owns(Checkout), Checkout.customer_id == record.merged_id)
    session.execute(checkouts.values(customer_id=kept_id))
    return True
