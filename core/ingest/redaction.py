"""Blanks the personal fields of customers in stored rows; amounts, times and countries stay."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, delete, literal_column, or_, text, update
from sqlalchemy.orm import Session

from core.database import StoreKey
from core.database.models import Checkout, Customer, Order, OrderAnswer, Refund, ReturnLine
from core.database.store_lock import lock_store
from core.domain.journeys import ADDRESSES
from core.ingest.people import PERSONAL_FIELDS


def blank(session: Session, store: StoreKey, customer_ids: Collection[int], order_ids: Collection[int]) -> int:
    """Blank these customers and orders of a store, with the notes of the orders' refunds; returns how many orders.

    Late versions are redacted by `core.ingest.people`, which reads the stored redactions.
    """
    lock_store(session, store)
    customers = update(Customer).where(store.owns(Customer), Customer.customer_id.in_(customer_ids))
    session.execute(customers.values(dict.fromkeys(PERSONAL_FIELDS)))
    orders = (store.owns(Order), Order.order_id.in_(order_ids))
    blank: dict[str, Any] = {
        "email": None,
        "province": None,
        "city": None,
        "tags": [],
        "journey": _without_addresses(),
    }
    blanked = update(Order).where(*orders).values(blank).returning(Order.order_id)
    count = len(session.scalars(blanked).all())
    # The address identified a guest. Without it each of the guest's orders has a buyer of its own.
    guests = update(Order).where(*orders, Order.customer_key.startswith("e:"))
    session.execute(guests.values(customer_key=text("'o:' || order_id")))
    session.execute(update(Refund).where(store.owns(Refund), Refund.order_id.in_(order_ids)).values(note=None))
    # An answer has everything that was blanked above.
    session.execute(delete(OrderAnswer).where(store.owns(OrderAnswer), OrderAnswer.order_id.in_(order_ids)))
    returned = update(ReturnLine).where(store.owns(ReturnLine), ReturnLine.order_id.in_(order_ids))
    session.execute(returned.values(note=None))
    # The link shows its holder the address that the customer typed in.
    theirs = or_(Checkout.customer_id.in_(customer_ids), Checkout.order_id.in_(order_ids))
    session.execute(update(Checkout).where(store.owns(Checkout), theirs).values(recovery_path=None))
    return count


def _without_addresses() -> ColumnElement[Any]:
    """Return the stored journey as `core.domain.journeys.without_addresses` would."""
    paths = " ".join(f"#- '{{{visit},{name}}}'" for visit in ("first", "last") for name in ADDRESSES)
    return literal_column(f"journey {paths}")
