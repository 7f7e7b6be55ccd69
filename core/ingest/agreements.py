"""Keeps Shopify's ledger, the original total and the journey of an order when a newer webhook replaces the order.

A webhook carries none of them, so they stay from the API's version. The stored rows then do not depend on which of
the two arrives first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core.database.ids import among
from core.database.models import Order
from core.domain import Order as OrderRecord
from core.domain import Source
from core.ingest.encoding import agreements_json, journey_json
from core.ingest.order_rows import visit_campaign, visit_source
from core.ingest.target import Target
from core.ingest.versions import Selected


def keep_ledgers(
    session: Session, target: Target, versions: Sequence[OrderRecord], selected: Selected[OrderRecord]
) -> None:
    """Write the ledgers and totals of the API's versions among these that a stored webhook outranks.

    Call it once `selected` is written; the orders whose ledger changes are added to `selected.with_ledger`.
    """
    stale = [
        version
        for version in versions
        if version.source is Source.API and selected.records.get(version.order_id) is not version
    ]
    if not stale:
        return
    selected.with_ledger |= _keep_journeys(session, target, stale)
    order_ids = {version.order_id for version in stale}
    by_webhook = (target.owns(Order), among(Order.order_id, order_ids), Order.source == Source.WEBHOOK)
    outranked = set(session.scalars(select(Order.order_id).where(*by_webhook)))
    for version in stale:
        if version.order_id in outranked:
            _keep_ledger(session, target, version, selected)


def keep_first_total(versions: Sequence[OrderRecord], selected: Selected[OrderRecord]) -> None:
    """Give new orders the total of the oldest webhook among these versions: an edit rewrites it in later bodies."""
    if len(versions) == len(selected.records):
        return
    for order_id, oldest in _oldest_webhooks(versions).items():
        written = selected.records.get(order_id)
        if written and written.source is Source.WEBHOOK and order_id not in selected.replaced:
            placed = {"total": oldest.total, "presentment_total": oldest.presentment_total}
            selected.records[order_id] = replace(written, **placed)


def _keep_journeys(session: Session, target: Target, stale: Iterable[OrderRecord]) -> set[int]:
    """Write the journeys of versions that are not written themselves to rows that have none; returns their ids.

    Shopify computes a journey some time after the order, without a new version of it.
    """
    journeys = {version.order_id: version for version in stale if version.journey is not None}
    if not journeys:
        return set()
    lacking = (
        target.owns(Order),
        among(Order.order_id, journeys),
        Order.journey.is_(None),
        Order.deleted_at.is_(None),
    )
    order_ids = set(session.scalars(select(Order.order_id).where(*lacking)))
    for order_id in order_ids:
        version = journeys[order_id]
        journey = {
            "journey": journey_json(version.journey),
            "visit_source": visit_source(version),
            "visit_campaign": visit_campaign(version),
        }
        order = update(Order).where(target.owns(Order), Order.order_id == order_id).values(journey)
        session.execute(order, execution_options={"synchronize_session": False})
    return order_ids


def _keep_ledger(session: Session, target: Target, version: OrderRecord, selected: Selected[OrderRecord]) -> None:
    is_outranked = (
        target.owns(Order),
        Order.order_id == version.order_id,
        Order.source == Source.WEBHOOK,
        Order.updated_at > version.updated_at,
        or_(Order.agreed_at.is_(None), Order.agreed_at < version.updated_at),
    )
    placed = {"total": version.total, "presentment_total": version.presentment_total}
    if version.agreements is None:
        session.execute(update(Order).where(*is_outranked).values(placed))
        return
    ledger = {
        "agreements": agreements_json(version.agreements),
        "agreed_refunds": list(version.agreed_refunds),
        "agreed_at": version.updated_at,
    }
    changed = update(Order).where(*is_outranked).values(placed | ledger).returning(Order.order_id)
    selected.with_ledger.update(session.scalars(changed, execution_options={"synchronize_session": False}))


def _oldest_webhooks(versions: Iterable[OrderRecord]) -> dict[int, OrderRecord]:
    oldest: dict[int, OrderRecord] = {}
    for version in versions:
        known = oldest.get(version.order_id)
        if version.source is Source.WEBHOOK and (known is None or version.updated_at < known.updated_at):
            oldest[version.order_id] = version
    return oldest
