"""Asks Shopify about deliveries that delete, disconnect, or do not name their shop, before they are applied.

A held delivery is unconfirmed until a job has asked. A confirmed one is applied like any other; a denied one is
ignored, with the reason. While Shopify is unavailable, or refuses the question, the delivery waits.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from requests.adapters import BaseAdapter
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core import logs, privacy
from core.database import StoreKey, jobs, tenant_session
from core.database.models import Delivery, DeliveryState, Store
from core.domain import Kind, Record, Refusal
from core.errors import CredentialsRefused, NotFound, PermanentError, ShopUnavailable, UnmappableError
from core.shopify import mapping, record_ids
from core.shopify.client import ShopifyClient
from core.stores.clients import stoppable_sleep, store_client
from core.webhooks import states
from core.webhooks.confirm_rules import DEPARTURES, Question, is_known, is_shared, question

BATCH = 250
TRIES = 4
"""Denials before a delivery is ignored: Shopify's answers may be older than its webhooks."""
AGAIN_AFTER = timedelta(hours=1)
"""The pause after Shopify refused the question."""
CLOSED_AFTER = timedelta(days=7)
"""A shop that is closed or frozen for this long after its redaction was requested counts as uninstalled: privacy law
allows thirty days."""

_UNKNOWN = "Shopify knows nothing of it in this store, so it was not applied."
_STILL_THERE = "Shopify still has it, so nothing was deleted."
_INSTALLED = "Shopify says that the app is installed, so nothing was changed."

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A delivery, and the question about it."""

    delivery_id: int
    topic: str
    received_at: datetime
    question: Question


@dataclass(frozen=True, slots=True)
class _Answers:
    """Shopify's answers: the ids of each kind that it does not have, and whether the app is installed.

    If Shopify refused the question, `is_installed` is None, and `reason` says why.
    """

    missing: Mapping[Kind, frozenset[int]]
    is_installed: bool | None
    reason: str | None = None

    def confirms(self, question: Question) -> bool | None:
        """Whether Shopify's data agree with the delivery; None if Shopify did not answer that."""
        if question.kind is None:
            return None if self.is_installed is None else not self.is_installed
        missing = self.missing.get(question.kind)
        if missing is None:
            return None
        if question.is_absent:
            return missing.issuperset(question.shopify_ids)
        return not missing.issuperset(question.shopify_ids)


def hold_or_ignore(
    session: Session, store: Store, mapped: Sequence[tuple[Delivery, Sequence[Record]]], now: datetime
) -> frozenset[int]:
    """Hold the deliveries that Shopify has to confirm, and ignore deletions of records that the store never had.

    Returns the ids of both. Confirmed deliveries pass.
    """
    held = [
        delivery.delivery_id
        for delivery, records in mapped
        if _hold_or_ignore_one(session, store, delivery, records, now)
    ]
    if held:
        jobs.enqueue_once(session, jobs.Task.CONFIRM_DELIVERIES, store.key)
    return frozenset(held)


def _hold_or_ignore_one(
    session: Session, store: Store, delivery: Delivery, records: Sequence[Record], now: datetime
) -> bool:
    """Hold or ignore the delivery, if it may not be applied now; returns whether it did."""
    asked = question(store, delivery, records) if delivery.confirmed_at is None else None
    if asked is None:
        return False
    if asked.kind is not None and is_shared(store):
        is_known_here = is_known(session, store, asked, records)
        if is_known_here and not asked.is_absent:
            return False
        if not is_known_here and asked.is_absent:
            _deny(delivery, _UNKNOWN, now)
            return True
    states.hold(delivery, now)
    return True


def queue_if_due(store: StoreKey, now: datetime) -> None:
    """Queue the job if deliveries are due and no job waits: after a crash, or for a retry."""
    with tenant_session(store.tenant_id) as session:
        if session.scalar(select(Delivery.delivery_id).where(*_due(store, now)).limit(1)):
            jobs.enqueue_once(session, jobs.Task.CONFIRM_DELIVERIES, store)


def confirm_due(store: StoreKey, transport: BaseAdapter | None = None, stop: threading.Event | None = None) -> None:
    """Ask Shopify about the store's unconfirmed deliveries that are due; release, retry or ignore each.

    Raises:
        ShopifyTransient, Stopping, DatabaseUnavailable: the job can be retried; nothing was decided.
    """
    stop = stop or threading.Event()
    while asked := _select_due(store, datetime.now(UTC)):
        try:
            answers = _ask_shopify(store, asked, transport, stop, datetime.now(UTC))
        except NotFound:
            return  # the store was erased
        with tenant_session(store.tenant_id) as session:
            _decide_all(session, store, asked, answers, datetime.now(UTC))


def _select_due(store: StoreKey, now: datetime) -> list[_Asked]:
    """Select the next deliveries to ask about, and release those that cannot be read or need no confirmation now."""
    with tenant_session(store.tenant_id) as session:
        row = session.get(Store, (store.tenant_id, store.store_id))
        if row is None:
            return []
        query = select(Delivery).where(*_due(store, now)).order_by(Delivery.delivery_id).limit(BATCH)
        due = []
        for delivery in session.scalars(query.with_for_update(skip_locked=True)):
            asked = _question_about(row, delivery)
            if asked is not None:
                due.append(_Asked(delivery.delivery_id, delivery.topic, delivery.received_at, asked))
                continue
            states.release(delivery, now)
            jobs.enqueue_once(session, jobs.Task.APPLY_DELIVERIES, store)
        return due


def _question_about(store: Store, delivery: Delivery) -> Question | None:
    if delivery.topic in DEPARTURES:
        return question(store, delivery, ())
    try:
        records = mapping.from_webhook(delivery.topic, delivery.body, delivery.received_at)
    except UnmappableError:
        return None
    return question(store, delivery, records)


def _ask_shopify(
    store: StoreKey,
    asked: Sequence[_Asked],
    transport: BaseAdapter | None,
    stop: threading.Event,
    now: datetime,
) -> _Answers:
    missing: dict[Kind, frozenset[int]] = {}
    questions = [item.question for item in asked]
    try:
        with store_client(store, transport, stoppable_sleep(stop, "Confirming")) as client:
            # Any answer proves that the token works, and so that the app is installed.
            if any(about.kind is None for about in questions):
                client.execute("shop")
            for kind in {about.kind for about in questions if about.kind is not None}:
                missing[kind] = _missing_ids(client, kind, questions)
    except CredentialsRefused as error:
        return _Answers(missing, is_installed=False, reason=str(error))
    except NotFound:
        # Not Shopify's refusal: our store was erased.
        raise
    except PermanentError as error:
        waited = min(now - item.received_at for item in asked)
        is_closed = isinstance(error, ShopUnavailable) and waited > CLOSED_AFTER
        return _Answers(missing, is_installed=False if is_closed else None, reason=str(error))
    return _Answers(missing, is_installed=True)


def _missing_ids(client: ShopifyClient, kind: Kind, questions: Sequence[Question]) -> frozenset[int]:
    ids = {shopify_id for about in questions if about.kind is kind for shopify_id in about.shopify_ids}
    return frozenset(record_ids.missing_ids(client, kind, sorted(ids)))


def _decide_all(session: Session, store: StoreKey, asked: Sequence[_Asked], answers: _Answers, now: datetime) -> None:
    questions = {item.delivery_id: item.question for item in asked}
    # Another job may have decided some of them while Shopify was asked.
    unconfirmed = (store.owns(Delivery), Delivery.state == DeliveryState.UNCONFIRMED)
    query = select(Delivery).where(*unconfirmed, Delivery.delivery_id.in_(questions)).with_for_update()
    for delivery in session.scalars(query).all():
        _decide(session, delivery, questions[delivery.delivery_id], answers, now)
    jobs.enqueue_once(session, jobs.Task.APPLY_DELIVERIES, store)


def _decide(session: Session, delivery: Delivery, asked: Question, answers: _Answers, now: datetime) -> None:
    is_confirmed = answers.confirms(asked)
    if is_confirmed is None:
        delivery.retry_at = now + AGAIN_AFTER
        delivery.reason = f"{states.WAITS_FOR_SHOPIFY} It could not be asked: {answers.reason}"
    elif is_confirmed:
        states.release(delivery, now)
    elif asked.kind is None:
        _deny(delivery, _INSTALLED, now)
        if delivery.topic in privacy.COMPLIANCE:
            privacy.write_denied_receipt(session, delivery, now)
    elif delivery.attempts + 1 >= TRIES:
        _deny(delivery, _STILL_THERE if asked.is_absent else _UNKNOWN, now)
    else:
        delivery.attempts += 1
        delivery.retry_at = now + timedelta(minutes=2 ** (delivery.attempts - 1))


def _deny(delivery: Delivery, reason: str, now: datetime) -> None:
    states.ignore(delivery, Refusal.DENIED, reason, now)
    ids = {"delivery_id": delivery.delivery_id, "topic": delivery.topic}
    log.warning("a delivery was not confirmed", reason=reason, **ids)


def _due(store: StoreKey, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return store.owns(Delivery), Delivery.state == DeliveryState.UNCONFIRMED, Delivery.retry_at <= now
