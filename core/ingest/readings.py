"""Shopify's ledger and the total as placed, from readings of orders that a newer webhook outranks.

A webhook has neither. With this the stored rows do not depend on which of the two arrives first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core.database.models import Order
from core.domain import Order as OrderRecord
from core.domain import Source
from core.ingest.encoding import agreements_json
from core.ingest.target import Newer, Target, among


def keep(session: Session, target: Target, versions: Sequence[OrderRecord], newer: Newer[OrderRecord]) -> None:
    """Write the ledgers and totals of the API's versions among these that a stored webhook outranks.

    Call it once `newer` is written; the orders whose ledger changes are added to `newer.with_ledger`.
    """
    stale = [each for each in versions if each.source is Source.API and newer.records.get(each.order_id) is not each]
    if not stale:
        return
    by_webhook = select(Order.order_id).where(
        *target.owns(Order), among(Order.order_id, {each.order_id for each in stale}), Order.source == Source.WEBHOOK
    )
    outranked = set(session.scalars(by_webhook))
    for version in stale:
        if version.order_id in outranked:
            _keep(session, target, version, newer)


def keep_first_total(versions: Sequence[OrderRecord], newer: Newer[OrderRecord]) -> None:
    """Give new orders the total of the oldest webhook among these versions: an edit rewrites it in later bodies."""
    if len(versions) == len(newer.records):
        return
    for order_id, oldest in _oldest(versions).items():
        written = newer.records.get(order_id)
        if written and written.source is Source.WEBHOOK and order_id not in newer.replaced:
            newer.records[order_id] = replace(written, total=oldest.total, presentment_total=oldest.presentment_total)


def _keep(session: Session, target: Target, version: OrderRecord, newer: Newer[OrderRecord]) -> None:
    by_webhook = (
        *target.owns(Order),
        Order.order_id == version.order_id,
        Order.source == Source.WEBHOOK,
        Order.updated_at > version.updated_at,
        or_(Order.agreed_at.is_(None), Order.agreed_at < version.updated_at),
    )
    placed = {"total": version.total, "presentment_total": version.presentment_total}
    if version.agreements is None:
        session.execute(update(Order).where(*by_webhook).values(placed))
        return
    ledger = {
        "agreements": agreements_json(version.agreements),
        "agreed_refunds": list(version.agreed_refunds),
        "agreed_at": version.updated_at,
    }
    changed = update(Order).where(*by_webhook).values(placed | ledger).returning(Order.order_id)
    newer.with_ledger.update(session.scalars(changed, execution_options={"synchronize_session": False}))


def _oldest(versions: Iterable[OrderRecord]) -> dict[int, OrderRecord]:
    found: dict[int, OrderRecord] = {}
    for version in versions:
        known = found.get(version.order_id)
        if version.source is Source.WEBHOOK and (known is None or version.updated_at < known.updated_at):
            found[version.order_id] = version
    return found
