"""Blanks in stored rows what tells who a customer is; amounts, times and countries stay."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, text, update
from sqlalchemy.orm import Session

from core.database.models import Customer, Order, Refund


def blank(
    session: Session, tenant_id: int, store_id: int, customer_ids: Collection[int], order_ids: Collection[int]
) -> int:
    """Blank these customers and orders of a store, with the notes of the orders' refunds; how many orders there were.

    What comes late is kept out by `core.ingest.people`, which asks for what was remembered as redacted.
    """

    def of(model: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return model.tenant_id == tenant_id, model.store_id == store_id

    columns = ("first_name", "last_name", "email", "tags", "locale", "province", "city")
    customers = update(Customer).where(*of(Customer), Customer.customer_id.in_(customer_ids))
    session.execute(customers.values(dict.fromkeys(columns)))
    theirs = (*of(Order), Order.order_id.in_(order_ids))
    blanked = update(Order).where(*theirs).values(email=None, province=None, city=None).returning(Order.order_id)
    orders = len(session.scalars(blanked).all())
    # A guest was told apart by the address; from now on each of the orders is somebody's.
    guests = update(Order).where(*theirs, Order.customer_key.startswith("e:"))
    session.execute(guests.values(customer_key=text("'o:' || order_id")))
    session.execute(update(Refund).where(*of(Refund), Refund.order_id.in_(order_ids)).values(note=None))
    return orders
