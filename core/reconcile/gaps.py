"""Finds orders and customers with withheld fields that Shopify may show now, because a scope or an approval was
granted since. They are re-fetched, a page at a time in the order of their ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Text, cast, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.database.models import Customer, Order
from core.domain import Source
from core.stores import StoreView

_OF_PLACE = frozenset(
    {"shippingAddress", "billingAddress", "defaultAddress", "city", "provinceCode", "countryCodeV2"}
)
_OF_EMAIL = frozenset({"email", "defaultEmailAddress", "emailAddress"})
_OF_NAME = frozenset({"firstName", "lastName"})


def orders(session: Session, store: StoreView, after: int, limit: int) -> Sequence[int]:
    """The next orders above `after` that lack fields which the store's app may read now."""
    groups = []
    if store.may_read("customers") and "customer" not in store.withheld_fields:
        groups.append("customer")
    if store.may_read("products") and not {"product", "variant"} & set(store.withheld_fields):
        groups.append("products")
    return _find_partial(session, store, Order.order_id, [*groups, *_personal(store)], after, limit)


def customers(session: Session, store: StoreView, after: int, limit: int) -> Sequence[int]:
    """The next customers above `after` that lack such fields."""
    groups = [] if _OF_NAME & set(store.withheld_fields) else ["name"]
    return _find_partial(session, store, Customer.customer_id, [*groups, *_personal(store)], after, limit)


def _personal(store: StoreView) -> list[str]:
    """The groups of fields that need Shopify's approval and that its answers have not left out."""
    withheld = set(store.withheld_fields)
    return [group for group, fields in (("email", _OF_EMAIL), ("place", _OF_PLACE)) if not fields & withheld]


def _find_partial(
    session: Session,
    store: StoreView,
    id_column: InstrumentedAttribute[int],
    groups: Collection[str],
    after: int,
    limit: int,
) -> Sequence[int]:
    if not groups:
        return ()
    columns = id_column.class_.__table__.c
    own_rows = (store.key.owns(columns), columns.deleted_at.is_(None))
    lacks = columns.withheld.has_any(cast(array(groups), ARRAY(Text)))
    query = select(id_column).where(*own_rows, columns.source != Source.CSV, lacks, id_column > after)
    return session.scalars(query.order_by(id_column).limit(limit)).all()
