"""Writes verified deliveries of one store and the job that applies them as one statement: all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import LiteralString

from core.database import at_once, jobs
from core.shopify.webhooks import WebhookHeaders
from core.webhooks.signers import Signer

SOON = timedelta(seconds=0.5)
"""A job that begins within this time takes what comes now along: a burst needs no others."""


class Kept(Enum):
    """What became of a delivery: kept now, or known from before, or nothing, because its signer is not (any more)
    the one that the store's row names."""

    NEW = auto()
    KNOWN = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery whose signature was verified."""

    headers: WebhookHeaders
    body: bytes
    received_at: datetime


def keep(signer: Signer, headers: WebhookHeaders, body: bytes, received_at: datetime) -> Kept:
    """Keep one delivery; see `keep_all`."""
    return keep_all(signer, [Arrival(headers, body, received_at)])[0]


def keep_all(signer: Signer, arrivals: Sequence[Arrival]) -> list[Kept]:
    """Keep deliveries that `signer` has signed, if the rows still name that signer; what became of each.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; nothing is known to be kept.
    """
    statement = _KEEP_OF_FORMER if signer.is_former else _KEEP
    job = jobs.once_values(jobs.Task.APPLY_DELIVERIES, signer.tenant_id, signer.store_id, within=SOON)
    values = _of_signer(signer) | _of_arrivals(arrivals) | job
    (((is_signer, new, _),),) = at_once(signer.tenant_id, [(statement, values)])
    if not is_signer:
        return [Kept.REFUSED] * len(arrivals)
    return [Kept.NEW if each.headers.webhook_id in new else Kept.KNOWN for each in arrivals]


def _of_signer(signer: Signer) -> dict[str, object]:
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


def _of_arrivals(arrivals: Sequence[Arrival]) -> dict[str, object]:
    said = [each.headers for each in arrivals]
    return {
        "webhook_ids": [each.webhook_id for each in said],
        "event_ids": [each.event_id for each in said],
        "topics": [each.topic for each in said],
        "api_versions": [each.api_version for each in said],
        "triggered": [each.triggered_at for each in said],
        "received": [each.received_at for each in arrivals],
        "bodies": [each.body for each in arrivals],
    }


# In a burst, the job that waits takes them all. It may begin just before this is committed: see `apply.sweep`.
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
        SELECT s.tenant_id, s.store_id, a.*
        FROM signer s CROSS JOIN unnest(
            %(webhook_ids)s::text[], %(event_ids)s::text[], %(topics)s::text[], %(api_versions)s::text[],
            %(triggered)s::timestamptz[], %(received)s::timestamptz[], %(bodies)b::bytea[]
        ) a
        ON CONFLICT DO NOTHING
        RETURNING webhook_id
    ), queued AS ({jobs.ONCE} AND EXISTS (SELECT FROM kept))
    SELECT EXISTS (SELECT FROM signer), ARRAY(SELECT webhook_id FROM kept), EXISTS (SELECT FROM queued)
"""  # noqa: S608
_KEEP: LiteralString = _KEEP_BY.replace("{routes}", "store_routes")
_KEEP_OF_FORMER: LiteralString = _KEEP_BY.replace("{routes}", "former_routes")
