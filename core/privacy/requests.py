"""Fulfils Shopify's privacy requests: a person's data is exported, a person is redacted, a whole store is erased.

Each leaves a receipt without personal data, and may arrive, or be retried, any number of times. A redacted person's
ids are stored (see `core.ingest.people`), so that no late version brings the person back. `erase` erases the person
from stored webhooks: by a job from those stored before, at once from later ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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
from core.privacy.bodies import Person, person_in
from core.privacy.export import export


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request and its outcome. `has_export` says that a person's data waits to be handed over; `done_at` is None
    while stored webhooks are still being erased."""

    request_id: int
    shop_domain: str
    topic: str
    customer_id: int | None
    received_at: datetime
    done_at: datetime | None
    outcome: str
    has_export: bool


def fulfil(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Do what a delivery of COMPLIANCE asks for; returns False if its store, and with it the delivery, is deleted.

    Raises:
        UnmappableError: the body is not what Shopify sends.
    """
    # FOR NO KEY UPDATE: the receiver's inserts, whose foreign keys share-lock this row, do not wait.
    lock = {"key_share": True}
    ids = (delivery.tenant_id, delivery.store_id)
    store = session.get(Store, ids, with_for_update=lock, populate_existing=True)
    if store is None:
        return False
    if delivery.topic == "shop/redact":
        _erase_store(session, store, delivery, now)
        return False
    person = person_in(delivery)
    if delivery.topic == "customers/data_request":
        data = export(session, store.key, person)
        outcome = f"Exported: {len(data['orders'])} orders, {len(data['checkouts'])} checkouts."
        _write_receipt(session, store, delivery, now, outcome, person.customer_id, data)
        erase.erase_redacted(session, store.key, [delivery])
    else:
        known, orders = _redact(session, store.key, person, now)
        outcome = f"Redacted: the customer and {orders} orders; stored webhooks are still being erased. Totals stay."
        receipt = _write_receipt(session, store, delivery, None, outcome, person.customer_id)
        erase.queue_erasure(session, receipt, known, orders)
        store.revision += 1
    return True


def write_denied_receipt(session: Session, delivery: Delivery, now: datetime) -> None:
    """Write the receipt of a shop/redact that Shopify did not confirm."""
    store = session.get(Store, (delivery.tenant_id, delivery.store_id))
    if store is not None:
        outcome = "Kept: Shopify says that the app is installed on this store."
        _write_receipt(session, store, delivery, now, outcome)


def receipts(actor: Actor) -> tuple[Receipt, ...]:
    """The privacy requests of the tenant's stores, newest first.

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
        NotFound: there is no such export, or the person was redacted since.
    """
    authorise(actor, Action.MANAGE)
    with tenant_session(actor.tenant_id) as session:
        row = session.get(PrivacyRequest, (actor.tenant_id, request_id))
        if row is None or row.export is None:
            raise NotFound("There is no such export; its customer may have been redacted since.")
        return json.dumps(row.export, indent=2, ensure_ascii=False).encode()


def _redact(session: Session, store: StoreKey, person: Person, now: datetime) -> tuple[Person, int]:
    """Blank a person's fields in the stored rows, and store the redaction.

    Returns the person with every order of theirs that is stored, and how many orders were blanked.
    """
    # All guests have the id None: a comparison with it would redact every guest.
    customer_ids = [] if person.customer_id is None else [person.customer_id]
    is_theirs = or_(Order.customer_id.in_(customer_ids), Order.order_id.in_(person.order_ids))
    stored_ids = session.scalars(select(Order.order_id).where(store.owns(Order), is_theirs))
    order_ids = sorted({*stored_ids, *person.order_ids})
    _store_redactions(session, store, Kind.ORDER, order_ids, now)
    _store_redactions(session, store, Kind.CUSTOMER, customer_ids, now)

    orders = redaction.blank(session, store, customer_ids, order_ids)
    _delete_exports(session, store, PrivacyRequest.customer_id.in_(customer_ids))
    _delete_exports_of_guests(session, store, frozenset(order_ids))
    return Person(person.customer_id, person.email, tuple(order_ids)), orders


def _store_redactions(session: Session, store: StoreKey, kind: Kind, ids: Sequence[int], now: datetime) -> None:
    row = {**store.parameters, "kind": kind.value, "redacted_at": now}
    values = [{**row, "shopify_id": shopify_id} for shopify_id in ids]
    if values:
        session.execute(insert(Redaction).values(values).on_conflict_do_nothing())


def _erase_store(session: Session, store: Store, delivery: Delivery, now: datetime) -> None:
    """Delete everything of the store but its receipts. Shopify confirmed before that the app is uninstalled."""
    _write_receipt(session, store, delivery, now, "Erased: everything that was kept of this store.")
    key = store.key
    _delete_exports(session, key)
    is_open = (key.owns(PrivacyRequest), PrivacyRequest.done_at.is_(None))
    closed = {"done_at": now, "outcome": "Erased with everything else that was kept of this store."}
    session.execute(update(PrivacyRequest).where(*is_open).values(closed))
    session.flush()
    # Deleting the rows of a large store takes longer than the usual timeout.
    session.execute(text("SET LOCAL statement_timeout = '2h'"))
    # The delete cascades to rows that the session holds, such as this delivery; it must not write them again.
    session.expunge_all()
    session.execute(delete(Store).where(key.owns(Store)))


def _delete_exports(session: Session, store: StoreKey, *which: ColumnElement[bool]) -> None:
    session.execute(update(PrivacyRequest).where(store.owns(PrivacyRequest), *which).values(export=None))


def _delete_exports_of_guests(session: Session, store: StoreKey, order_ids: frozenset[int]) -> None:
    """Delete the exports of guests with one of these orders; a guest has no id that the request would name."""
    is_of_guest = (PrivacyRequest.customer_id.is_(None), PrivacyRequest.export.is_not(None))
    for request in session.scalars(select(PrivacyRequest).where(store.owns(PrivacyRequest), *is_of_guest)):
        orders = (request.export or {}).get("orders", ())
        if any(order["order_id"] in order_ids for order in orders):
            request.export = None


def _write_receipt(
    session: Session,
    store: Store,
    delivery: Delivery,
    done_at: datetime | None,
    outcome: str,
    customer_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> PrivacyRequest:
    """Write the receipt of a request, or renew it: a retried request has one receipt."""
    result = {"done_at": done_at, "outcome": outcome, "export": data}
    statement = insert(PrivacyRequest).values(
        tenant_id=delivery.tenant_id,
        store_id=delivery.store_id,
        shop_domain=store.shop_domain,
        webhook_id=delivery.webhook_id,
        topic=delivery.topic,
        customer_id=customer_id,
        received_at=delivery.received_at,
        **result,
    )
    statement = statement.on_conflict_do_update(index_elements=["tenant_id", "webhook_id"], set_=result)
    rows = session.scalars(statement.returning(PrivacyRequest), execution_options={"populate_existing": True})
    return rows.one()


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
