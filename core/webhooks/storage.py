"""Saves verified deliveries, each with the job that applies it, by as few statements as possible.

A commit costs more than a row, so one statement stores all deliveries of a store that arrived together. If one of
them makes the statement fail, each is stored alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import LiteralString

from core.database import StoreKey, job_tables, jobs, run_at_once
from core.errors import DatabaseUnavailable
from core.shopify.body_records import record_id
from core.shopify.webhooks import WebhookHeaders
from core.webhooks.verify import Signer

SOON = timedelta(seconds=0.5)
"""A job that starts within this time applies the new deliveries too, so a burst queues no further job."""


class Stored(Enum):
    """The outcome of storing a delivery."""

    NEW = auto()
    DUPLICATE = auto()
    """The delivery was stored before."""
    REFUSED = auto()
    """Nothing was stored: wrong signature, unknown shop, or a store whose row no longer names the signer."""


@dataclass(frozen=True, slots=True)
class VerifiedDelivery:
    """A delivery whose signature was verified."""

    headers: WebhookHeaders
    body: bytes
    received_at: datetime


def save_each(signer: Signer, deliveries: Sequence[VerifiedDelivery]) -> list[Stored | Exception]:
    """Save deliveries as `save`, or each alone if one makes the statement fail; an exception stands for that one."""
    try:
        return [*save(signer, deliveries)]
    except DatabaseUnavailable as error:
        # Not retried one by one: each would wait for the timeout again.
        return [error] * len(deliveries)
    except Exception as error:
        if len(deliveries) == 1:
            return [error]
        return [outcome for delivery in deliveries for outcome in save_each(signer, [delivery])]


def save(signer: Signer, deliveries: Sequence[VerifiedDelivery]) -> list[Stored]:
    """Save deliveries and the job that applies them by one statement, if the rows still name `signer`.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; the deliveries may not be stored.
    """
    statement = _STORE_OF_FORMER if signer.is_former else _STORE
    job = jobs.once_values(jobs.Task.APPLY_DELIVERIES, StoreKey.of(signer), within=SOON)
    values = _signer_values(signer) | _delivery_values(deliveries) | job
    (((is_signer, new_ids, _),),) = run_at_once(signer.tenant_id, [(statement, values)])
    if not is_signer:
        return [Stored.REFUSED] * len(deliveries)
    return [Stored.NEW if delivery.headers.webhook_id in new_ids else Stored.DUPLICATE for delivery in deliveries]


def _signer_values(signer: Signer) -> dict[str, object]:
    return {
        "shop": signer.shop,
        "tenant_id": signer.tenant_id,
        "store_id": signer.store_id,
        "sealed_credentials": signer.sealed_credentials,
        "sealed_previous_secret": signer.sealed_previous_secret,
        "previous_secret_until": signer.previous_secret_until,
        "sealed_compliance": signer.sealed_compliance,
        "shopify_id": signer.shopify_id,
    }


def _delivery_values(deliveries: Sequence[VerifiedDelivery]) -> dict[str, object]:
    headers = [delivery.headers for delivery in deliveries]
    return {
        "webhook_ids": [header.webhook_id for header in headers],
        "event_ids": [header.event_id for header in headers],
        "topics": [header.topic for header in headers],
        "api_versions": [header.api_version for header in headers],
        "triggered": [header.triggered_at for header in headers],
        "received": [delivery.received_at for delivery in deliveries],
        "bodies": [delivery.body for delivery in deliveries],
        "records": [record_id(delivery.headers.topic, delivery.body) for delivery in deliveries],
    }


# The signer may have been verified with a row that has changed since, so this statement compares all of it again.
# A waiting job applies these deliveries too, but may start just before the commit: see `apply._queue_follow_up`.
_STORE_BY: LiteralString = f"""
    WITH signer AS (
        SELECT s.tenant_id, s.store_id
        FROM stores s JOIN {{routes}} r ON r.tenant_id = s.tenant_id AND r.store_id = s.store_id
        WHERE s.tenant_id = %(tenant_id)s AND s.store_id = %(store_id)s AND r.shop_domain = %(shop)s
          AND s.shopify_id = %(shopify_id)s
          AND s.sealed_credentials IS NOT DISTINCT FROM %(sealed_credentials)s
          AND s.sealed_compliance IS NOT DISTINCT FROM %(sealed_compliance)s
          AND s.sealed_previous_secret IS NOT DISTINCT FROM %(sealed_previous_secret)s
          AND s.previous_secret_until IS NOT DISTINCT FROM %(previous_secret_until)s
    ), stored AS (
        INSERT INTO deliveries (
            tenant_id, store_id, webhook_id, event_id, topic, api_version, triggered_at, received_at, body,
            record_id
        )
        SELECT s.tenant_id, s.store_id, a.*
        FROM signer s CROSS JOIN unnest(
            %(webhook_ids)s::text[], %(event_ids)s::text[], %(topics)s::text[], %(api_versions)s::text[],
            %(triggered)s::timestamptz[], %(received)s::timestamptz[], %(bodies)b::bytea[],
            %(records)s::bigint[]
        ) a
        ON CONFLICT DO NOTHING
        RETURNING webhook_id
    ), queued AS ({job_tables.ENQUEUE_ONCE} AND EXISTS (SELECT FROM stored))
    SELECT EXISTS (SELECT FROM signer), ARRAY(SELECT webhook_id FROM stored), EXISTS (SELECT FROM queued)
"""  # noqa: S608
_STORE: LiteralString = _STORE_BY.replace("{routes}", "store_routes")
_STORE_OF_FORMER: LiteralString = _STORE_BY.replace("{routes}", "former_routes")
