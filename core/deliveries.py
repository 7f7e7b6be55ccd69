"""Keeps a verified webhook delivery and queues its job, in one transaction: the receiver's one write."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import jobs
from core.models import Delivery
from core.shopify.webhooks import WebhookHeaders


def keep(
    session: Session, tenant_id: int, store_id: int, headers: WebhookHeaders, body: bytes, received_at: datetime
) -> bool:
    """Keep a verified delivery and queue its job, both or neither; False if it was here before (twice is once)."""
    values = {
        "tenant_id": tenant_id,
        "store_id": store_id,
        "webhook_id": headers.webhook_id,
        "event_id": headers.event_id,
        "topic": headers.topic,
        "api_version": headers.api_version,
        "triggered_at": headers.triggered_at,
        "received_at": received_at,
        "body": body,
    }
    statement = insert(Delivery).values(values).on_conflict_do_nothing().returning(Delivery.delivery_id)
    if session.execute(statement).first() is None:
        return False
    # In a burst, the job that waits takes them all. It may begin just before this is committed: see `applying.sweep`.
    jobs.enqueue_once(session, jobs.Task.APPLY_DELIVERIES, tenant_id, store_id, sooner=True)
    return True
