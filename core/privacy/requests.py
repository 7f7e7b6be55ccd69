"""Shopify's three compliance webhooks: a person's data is exported, a person is redacted, a whole store is erased.

Each leaves a receipt without personal data, and may come, or be replayed, any number of times. Redacted people are
remembered by their numbers (see `core.ingest.people`), so that no late version of anything brings them back. What
their stored webhooks say is erased by a job of its own (`erase`), and what comes or ends later at once (`late`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.accounts import Action, Actor, authorise
from core.database import StoreKey, tenant_session
from core.database.models import Delivery, Order, PrivacyRequest, Redaction, Store
from core.domain import Kind
from core.errors import NotFound
from core.ingest import redaction
from core.privacy import erase
from core.privacy.bodies import ERASED, Person, person_in
from core.privacy.export import export
from core.privacy.late import forget
from core.shopify.webhooks import COMPLIANCE

__all__ = ["COMPLIANCE", "ERASED", "Receipt", "download", "forget", "note_kept", "receipts", "take"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was asked and what was done. `has_export` where a person's data waits to be handed over; `done_at` is None
    while a part is still to be done."""

    request_id: int
    shop_domain: str
    topic: str
    customer_id: int | None
    received_at: datetime
    done_at: datetime | None
    outcome: str
    has_export: bool


def take(session: Session, row: Delivery, now: datetime) -> bool:
    """Do what a delivery of COMPLIANCE asks for; False if its store, and with it the delivery, is gone now.

    Raises:
        UnmappableError: the body is not what Shopify sends.
    """
    lock = {"key_share": True}
    store = session.get(Store, (row.tenant_id, row.store_id), with_for_update=lock, populate_existing=True)
    if store is None:
        return False
    if row.topic == "shop/redact":
        return _erase_store(session, store, row, now)
    person = person_in(row)
    if row.topic == "customers/data_request":
        found = export(session, row.tenant_id, row.store_id, person)
        said = f"Exported: {len(found['orders'])} orders, {len(found['checkouts'])} checkouts."
        _receipt(session, store, row, now, said, person.customer_id, found)
        forget(session, row.tenant_id, row.store_id, [row])
    else:
        known, orders = _redact(session, row, person, now)
        said = f"Redacted: the customer and {orders} orders; stored webhooks are still being erased. Totals stay."
        erase.note(session, _receipt(session, store, row, None, said, person.customer_id), known, orders)
        store.revision += 1
    return True


def note_kept(session: Session, row: Delivery, now: datetime) -> None:
    """Leave the receipt of a shop/redact that Shopify did not confirm."""
    store = session.get(Store, (row.tenant_id, row.store_id))
    if store is not None:
        _receipt(session, store, row, now, "Kept: Shopify says that the app is installed on this store.")


def receipts(actor: Actor) -> tuple[Receipt, ...]:
    """The requests that the tenant's stores got, newest first.

    Raises:
        NotAllowed: only owners see them.
    """
    authorise(actor, Action.MANAGE)
    query = (
        select(PrivacyRequest)
        .where(PrivacyRequest.tenant_id == actor.tenant_id)
        .order_by(PrivacyRequest.request_id.desc())
    )
    with tenant_session(actor.tenant_id) as session:
        return tuple(_view(row) for row in session.scalars(query))


def download(actor: Actor, request_id: int) -> bytes:
    """A person's data, as indented JSON in UTF-8, for the merchant to hand over.

    Raises:
        NotAllowed: only owners may.
        NotFound: there is no such export, or its person was redacted since.
    """
    authorise(actor, Action.MANAGE)
    with tenant_session(actor.tenant_id) as session:
        row = session.get(PrivacyRequest, (actor.tenant_id, request_id))
        if row is None or row.export is None:
            raise NotFound("There is no such export; its customer may have been redacted since.")
        return json.dumps(row.export, indent=2, ensure_ascii=False).encode()


def _redact(session: Session, row: Delivery, person: Person, now: datetime) -> tuple[Person, int]:
    """Blank what tells who the person is, and remember it: the person with every order of theirs that is known, and
    how many orders were blanked."""
    mine = _of(Order, row)
    # A guest has no number, and all the other guests have none either.
    numbers = [] if person.customer_id is None else [person.customer_id]
    whose = or_(Order.customer_id.in_(numbers), Order.order_id.in_(person.order_ids))
    order_ids = sorted({*session.scalars(select(Order.order_id).where(*mine, whose)), *person.order_ids})
    gone = [(Kind.ORDER, order_id) for order_id in order_ids] + [(Kind.CUSTOMER, number) for number in numbers]
    _remember(session, row, gone, now)

    orders = redaction.blank(session, StoreKey(row.tenant_id, row.store_id), numbers, order_ids)
    _forget_exports(session, row, PrivacyRequest.customer_id.in_(numbers))
    _forget_exports_of_guests(session, row, frozenset(order_ids))
    return Person(person.customer_id, person.email, tuple(order_ids)), orders


def _remember(session: Session, row: Delivery, gone: list[tuple[Kind, int]], now: datetime) -> None:
    key = {"tenant_id": row.tenant_id, "store_id": row.store_id, "redacted_at": now}
    values = [{**key, "kind": kind.value, "shopify_id": shopify_id} for kind, shopify_id in gone]
    if values:
        session.execute(insert(Redaction).values(values).on_conflict_do_nothing())


def _erase_store(session: Session, store: Store, row: Delivery, now: datetime) -> bool:
    """Delete all of the store but its receipts. That the app is no longer installed was confirmed before."""
    _receipt(session, store, row, now, "Erased: everything that was kept of this store.")
    _forget_exports(session, row)
    open_ones = update(PrivacyRequest).where(*_of(PrivacyRequest, row), PrivacyRequest.done_at.is_(None))
    session.execute(open_ones.values(done_at=now, outcome="Erased with everything else that was kept of this store."))
    session.flush()
    # A large store takes longer than a statement may else.
    session.execute(text("SET LOCAL statement_timeout = '2h'"))
    mine = (Store.tenant_id == row.tenant_id, Store.store_id == row.store_id)
    session.expunge_all()
    session.execute(delete(Store).where(*mine))
    return False


def _forget_exports(session: Session, row: Delivery, *whose: ColumnElement[bool]) -> None:
    session.execute(update(PrivacyRequest).where(*_of(PrivacyRequest, row), *whose).values(export=None))


def _forget_exports_of_guests(session: Session, row: Delivery, order_ids: frozenset[int]) -> None:
    """Guests have no number: their exports are known by the orders in them."""
    guests = (PrivacyRequest.customer_id.is_(None), PrivacyRequest.export.is_not(None))
    for request in session.scalars(select(PrivacyRequest).where(*_of(PrivacyRequest, row), *guests)):
        exported = (request.export or {}).get("orders", ())
        if any(each["order_id"] in order_ids for each in exported):
            request.export = None


def _receipt(
    session: Session,
    store: Store,
    row: Delivery,
    done_at: datetime | None,
    outcome: str,
    customer_id: int | None = None,
    found: dict[str, Any] | None = None,
) -> PrivacyRequest:
    """One a request: doing it again renews it."""
    done = {"done_at": done_at, "outcome": outcome, "export": found}
    statement = insert(PrivacyRequest).values(
        tenant_id=row.tenant_id,
        store_id=row.store_id,
        shop_domain=store.shop_domain,
        webhook_id=row.webhook_id,
        topic=row.topic,
        customer_id=customer_id,
        received_at=row.received_at,
        **done,
    )
    statement = statement.on_conflict_do_update(index_elements=["tenant_id", "webhook_id"], set_=done)
    kept = session.scalars(statement.returning(PrivacyRequest), execution_options={"populate_existing": True})
    return kept.one()


def _of(model: Any, row: Delivery) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return model.tenant_id == row.tenant_id, model.store_id == row.store_id


def _view(row: PrivacyRequest) -> Receipt:
    return Receipt(
        request_id=row.request_id,
        shop_domain=row.shop_domain,
        topic=row.topic,
        customer_id=row.customer_id,
        received_at=row.received_at,
        done_at=row.done_at,
        outcome=row.outcome,
        has_export=row.export is not None,
    )
