"""Asks Shopify about deliveries that delete, disconnect, or do not name their shop, before they are applied.

A held delivery is unconfirmed until a job has asked. A confirmed one is applied like any other; a denied one is set
aside with the reason. While Shopify is unavailable, or refuses the question, the delivery waits.
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
from core.database.models import Delivery, Store
from core.domain import Kind, Record
from core.errors import CredentialsRefused, NotFound, PermanentError, ShopUnavailable, UnmappableError
from core.shopify import comparing, mapping
from core.shopify.client import ShopifyClient
from core.stores.clients import store_client, waiting
from core.webhooks.confirm_rules import DEPARTURES, Question, is_known, is_shared, question

__all__ = ["UNCONFIRMED", "ask_forgotten", "hold", "work"]

UNCONFIRMED = "unconfirmed"
BATCH = 250
TRIES = 4
"""Denials before a delivery is set aside: Shopify's answers may be older than its webhooks."""
AGAIN_AFTER = timedelta(hours=1)
"""The pause after Shopify refused the question."""
CLOSED_AFTER = timedelta(days=7)
"""A shop that is closed or frozen for this long after its redaction was requested counts as uninstalled: privacy law
allows thirty days."""

_WAITS = "It waits until Shopify confirms it."
_STRANGE = "Shopify knows nothing of it in this store, so it was not applied."
_DENIED = "Shopify still has it, so nothing was deleted."
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

    Where Shopify refused the question, `is_installed` is None, and `reason` says why.
    """

    missing: Mapping[Kind, frozenset[int]]
    is_installed: bool | None
    reason: str | None = None

    def confirms(self, asked: Question) -> bool | None:
        """Whether Shopify's data agree with the delivery; None where that is not known."""
        if asked.kind is None:
            return None if self.is_installed is None else not self.is_installed
        missing = self.missing.get(asked.kind)
        if missing is None:
            return None
        if asked.is_absent:
            return missing.issuperset(asked.shopify_ids)
        return not missing.issuperset(asked.shopify_ids)


def hold(
    session: Session, store: Store, mapped: Sequence[tuple[Delivery, Sequence[Record]]], now: datetime
) -> frozenset[int]:
    """Hold the deliveries that Shopify has to confirm, and set aside deletions of records that the store never had.

    Returns the ids of both. Confirmed deliveries pass.
    """
    held = [row.delivery_id for row, records in mapped if _hold_or_set_aside(session, store, row, records, now)]
    if held:
        jobs.enqueue_once(session, jobs.Task.CONFIRM_DELIVERIES, store.key)
    return frozenset(held)


def ask_forgotten(tenant_id: int, store_id: int, now: datetime) -> None:
    """Queue the job where deliveries are due and no job waits: after a crash, or for a retry."""
    with tenant_session(tenant_id) as session:
        if session.scalar(select(Delivery.delivery_id).where(*_due(tenant_id, store_id, now)).limit(1)):
            jobs.enqueue_once(session, jobs.Task.CONFIRM_DELIVERIES, StoreKey(tenant_id, store_id))


def work(
    tenant_id: int, store_id: int, transport: BaseAdapter | None = None, stop: threading.Event | None = None
) -> None:
    """Ask Shopify about the deliveries of a store that are due.

    Raises:
        ShopifyTransient, Stopping, DatabaseUnavailable: the job can be retried; nothing was decided.
    """
    stop = stop or threading.Event()
    while asked := _take_next(tenant_id, store_id, datetime.now(UTC)):
        try:
            answers = _ask(tenant_id, store_id, asked, transport, stop)
        except NotFound:
            return  # the store was erased
        with tenant_session(tenant_id) as session:
            _settle(session, tenant_id, store_id, asked, answers, datetime.now(UTC))


def _hold_or_set_aside(
    session: Session, store: Store, row: Delivery, records: Sequence[Record], now: datetime
) -> bool:
    asked = question(store, row, records) if row.confirmed_at is None else None
    if asked is None:
        return False
    if asked.kind is not None and is_shared(store):
        known = is_known(session, store, asked, records)
        if known and not asked.is_absent:
            return False
        if not known and asked.is_absent:
            _set_aside(row, _STRANGE, now)
            return True
    row.state, row.reason, row.retry_at = UNCONFIRMED, _WAITS, now
    return True


def _take_next(tenant_id: int, store_id: int, now: datetime) -> list[_Asked]:
    """Select the next deliveries to ask about, and release those that cannot be read or need no confirmation now."""
    with tenant_session(tenant_id) as session:
        store = session.get(Store, (tenant_id, store_id))
        if store is None:
            return []
        query = select(Delivery).where(*_due(tenant_id, store_id, now)).order_by(Delivery.delivery_id).limit(BATCH)
        found = []
        for row in session.scalars(query.with_for_update(skip_locked=True)):
            asked = _question_of(store, row)
            if asked is not None:
                found.append(_Asked(row.delivery_id, row.topic, row.received_at, asked))
                continue
            _release(row, now)
            _apply_soon(session, tenant_id, store_id)
        return found


def _question_of(store: Store, row: Delivery) -> Question | None:
    if row.topic in DEPARTURES:
        return question(store, row, ())
    try:
        return question(store, row, mapping.from_webhook(row.topic, row.body, row.received_at))
    except UnmappableError:
        return None


def _ask(
    tenant_id: int,
    store_id: int,
    asked: Sequence[_Asked],
    transport: BaseAdapter | None,
    stop: threading.Event,
) -> _Answers:
    missing: dict[Kind, frozenset[int]] = {}
    try:
        with store_client(StoreKey(tenant_id, store_id), transport, waiting(stop, "Confirming")) as client:
            if any(one.question.kind is None for one in asked):
                client.execute("shop")
            for kind in {one.question.kind for one in asked if one.question.kind is not None}:
                missing[kind] = _missing(client, kind, asked)
    except CredentialsRefused as error:
        return _Answers(missing, is_installed=False, reason=str(error))
    except NotFound:
        raise
    except PermanentError as error:
        waited = min(datetime.now(UTC) - one.received_at for one in asked)
        is_closed = isinstance(error, ShopUnavailable) and waited > CLOSED_AFTER
        return _Answers(missing, is_installed=False if is_closed else None, reason=str(error))
    return _Answers(missing, is_installed=True)


def _missing(client: ShopifyClient, kind: Kind, asked: Sequence[_Asked]) -> frozenset[int]:
    ids = {each for one in asked if one.question.kind is kind for each in one.question.shopify_ids}
    return frozenset(comparing.gone(client, kind, sorted(ids)))


def _settle(
    session: Session, tenant_id: int, store_id: int, asked: Sequence[_Asked], answers: _Answers, now: datetime
) -> None:
    by_id = {one.delivery_id: one for one in asked}
    unconfirmed = (*_of_store(tenant_id, store_id), Delivery.state == UNCONFIRMED)
    rows = session.scalars(
        select(Delivery).where(*unconfirmed, Delivery.delivery_id.in_(by_id)).with_for_update()
    ).all()
    for row in rows:
        _decide(session, row, by_id[row.delivery_id].question, answers, now)
    _apply_soon(session, tenant_id, store_id)


def _decide(session: Session, row: Delivery, asked: Question, answers: _Answers, now: datetime) -> None:
    confirmed = answers.confirms(asked)
    if confirmed is None:
        row.retry_at = now + AGAIN_AFTER
        row.reason = f"{_WAITS} It could not be asked: {answers.reason}"
    elif confirmed:
        _release(row, now)
    elif asked.kind is None:
        _set_aside(row, _INSTALLED, now)
        if row.topic in privacy.COMPLIANCE:
            privacy.note_kept(session, row, now)
    elif row.attempts + 1 >= TRIES:
        _set_aside(row, _DENIED if asked.is_absent else _STRANGE, now)
    else:
        row.attempts += 1
        row.retry_at = now + timedelta(minutes=2 ** (row.attempts - 1))


def _release(row: Delivery, now: datetime) -> None:
    row.state, row.reason, row.retry_at, row.confirmed_at = "pending", None, None, now


def _set_aside(row: Delivery, reason: str, now: datetime) -> None:
    row.state, row.reason, row.retry_at, row.applied_at = "ignored", reason, None, now
    row.attempts += 1
    log.warning("a delivery was not confirmed", delivery_id=row.delivery_id, topic=row.topic, reason=reason)


def _apply_soon(session: Session, tenant_id: int, store_id: int) -> None:
    jobs.enqueue_once(session, jobs.Task.APPLY_DELIVERIES, StoreKey(tenant_id, store_id))


def _due(tenant_id: int, store_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return *_of_store(tenant_id, store_id), Delivery.state == UNCONFIRMED, Delivery.retry_at <= now


def _of_store(tenant_id: int, store_id: int) -> tuple[ColumnElement[bool], ...]:
    return Delivery.tenant_id == tenant_id, Delivery.store_id == store_id
