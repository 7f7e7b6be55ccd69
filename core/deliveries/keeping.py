"""Writes a verified delivery and the job that applies it as one statement: both or neither."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import LiteralString

from core import jobs
from core.db import at_once
from core.deliveries.signers import Signer
from core.shopify.webhooks import WebhookHeaders

SOON = timedelta(seconds=0.5)
"""A job that begins within this time takes what comes now along: a burst needs no others."""


class Kept(Enum):
    """What became of a delivery: kept now, or known from before, or nothing, because its signer is not (any more)
    the one that the store's row names."""

    NEW = auto()
    KNOWN = auto()
    REFUSED = auto()


def keep(signer: Signer, headers: WebhookHeaders, body: bytes, received_at: datetime) -> Kept:
    """Keep a delivery that `signer` has signed, if the rows still name that signer.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; nothing is known to be kept.
    """
    values = {
        "shop": signer.shop,
        "tenant_id": signer.tenant_id,
        "store_id": signer.store_id,
        "sealed_credentials": signer.sealed_credentials,
        "sealed_previous_secret": signer.sealed_previous_secret,
        "previous_secret_until": signer.previous_secret_until,
        "sealed_compliance": signer.sealed_compliance,
        "shopify_id": signer.shopify_id,
        "webhook_id": headers.webhook_id,
        "event_id": headers.event_id,
        "topic": headers.topic,
        "api_version": headers.api_version,
        "triggered_at": headers.triggered_at,
        "received_at": received_at,
        "body": body,
    }
    job = jobs.once_values(jobs.Task.APPLY_DELIVERIES, signer.tenant_id, signer.store_id, within=SOON)
    statement = _KEEP_OF_FORMER if signer.is_former else _KEEP
    (((is_signer, is_new, _),),) = at_once(signer.tenant_id, [(statement, values | job)])
    if not is_signer:
        return Kept.REFUSED
    return Kept.NEW if is_new else Kept.KNOWN


# In a burst, the job that waits takes them all. It may begin just before this is committed: see `applying.sweep`.
_KEEP_BY: LiteralString = f"""
    WITH signer AS (
        SELECT s.tenant_id, s.store_id
        FROM stores s JOIN {{routes}} r ON r.tenant_id = s.tenant_id AND r.store_id = s.store_id
        WHERE s.tenant_id = %(tenant_id)s AND s.store_id = %(store_id)s AND r.shop_domain = %(shop)s
          AND s.shopify_id = %(shopify_id)s
          AND s.sealed_credentials IS NOT DISTINCT FROM %(sealed_credentials)s
          AND s.sealed_compliance IS NOT DISTINCT FROM %(sealed_compliance)s
          AND s.sealed_previous_secret IS NOT DISTINCT FROM %(sealed_previous_secret)s
          AND s.previous_secret_until IS NOT DISTINCT FROM %(previous_secret_until)s
    ), kept AS (
        INSERT INTO deliveries (
            tenant_id, store_id, webhook_id, event_id, topic, api_version, triggered_at, received_at, body
        )
        SELECT tenant_id, store_id, %(webhook_id)s, %(event_id)s, %(topic)s, %(api_version)s, %(triggered_at)s,
               %(received_at)s, %(body)b
        FROM signer
        ON CONFLICT DO NOTHING
        RETURNING delivery_id
    ), queued AS ({jobs.ONCE} AND EXISTS (SELECT FROM kept))
    SELECT EXISTS (SELECT FROM signer), EXISTS (SELECT FROM kept), EXISTS (SELECT FROM queued)
"""  # noqa: S608
_KEEP: LiteralString = _KEEP_BY.replace("{routes}", "store_routes")
_KEEP_OF_FORMER: LiteralString = _KEEP_BY.replace("{routes}", "former_routes")
