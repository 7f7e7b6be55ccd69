"""Orders and customers of which Shopify did not show all when they were read, and may show it now: a scope was
granted since, or an approval. They are read once more, a page at a time in the order of their ids."""

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
    """The next orders above `after` that lack something which the store's app may see now."""
    groups = []
    if store.may_read("customers") and "customer" not in store.withheld_fields:
        groups.append("customer")
    if store.may_read("products") and not {"product", "variant"} & set(store.withheld_fields):
        groups.append("products")
    return _lacking(session, store, Order.order_id, [*groups, *_personal(store)], after, limit)


def customers(session: Session, store: StoreView, after: int, limit: int) -> Sequence[int]:
    """The next customers above `after`, as `orders`."""
    groups = [] if _OF_NAME & set(store.withheld_fields) else ["name"]
    return _lacking(session, store, Customer.customer_id, [*groups, *_personal(store)], after, limit)


def _personal(store: StoreView) -> list[str]:
    """Groups that take an approval of Shopify's: shown, unless its answers have left such a field out."""
    withheld = set(store.withheld_fields)
    return [group for group, fields in (("email", _OF_EMAIL), ("place", _OF_PLACE)) if not fields & withheld]


def _lacking(
    session: Session,
    store: StoreView,
    key: InstrumentedAttribute[int],
    groups: Collection[str],
    after: int,
    limit: int,
) -> Sequence[int]:
    if not groups:
        return ()
    columns = key.class_.__table__.c
    own_rows = (store.key.owns(columns), columns.deleted_at.is_(None))
    lacks = columns.withheld.has_any(cast(array(groups), ARRAY(Text)))
    query = select(key).where(*own_rows, columns.source != Source.CSV, lacks, key > after)
    return session.scalars(query.order_by(key).limit(limit)).all()
