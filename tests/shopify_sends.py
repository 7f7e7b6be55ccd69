"""Deliveries like Shopify's: a body, its headers, and the signature over the raw bytes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from core.config import WEBHOOK_PATH
from core.database import tenant_session
from core.database.models import Delivery, DeliveryState, Store
from core.sealing.seal import sealer
from core.shopify.auth import AdminToken
from core.shopify.body_records import record_id
from core.shopify.webhooks import COMPLIANCE, sign
from core.webhooks.confirm_rules import DEPARTURES
from tests.cast import NOW, Business

ACME_SECRET = "shpss_0000000000000000000000000000acme"
GLOBEX_SECRET = "shpss_00000000000000000000000000globex"

_numbers = count(1)


def give_secret(business: Business, secret: str, token: str = "shpat_00000000000000000000000000000000") -> None:
    """Store credentials for the cast's store, which has none."""
    sealed = sealer().seal(business.tenant_id, AdminToken(token, secret).to_json())
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Store).where(business.key.owns(Store)).values(sealed_credentials=sealed))


def body(content: Any) -> bytes:
    """Encode JSON like Shopify: with escaped slashes."""
    return json.dumps(content).replace("/", "\\/").encode()


def headers(shop: str, topic: str, raw: bytes, secret: str, **changes: str | None) -> dict[str, str]:
    """Make the headers of one delivery. A change to None leaves a header out."""
    fields = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": sign(raw, secret),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": f"b54557e4-bdd9-4b37-8a5f-{next(_numbers):012}",
        "X-Shopify-Event-Id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
        "X-Shopify-Triggered-At": "2026-11-20T11:59:58.123456789Z",
        "Content-Type": "application/json",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def post(client: FlaskClient, raw: bytes, fields: dict[str, str]) -> TestResponse:
    return client.post(WEBHOOK_PATH, data=raw, headers=fields)


def send(app: Flask, business: Business, topic: str, content: Any, secret: str = ACME_SECRET) -> TestResponse:
    """Send one signed delivery. `content` is JSON or the raw bytes. A privacy request names its shop."""
    if topic in COMPLIANCE and isinstance(content, dict):
        content = content | shop_named(business)
    raw = content if isinstance(content, bytes) else body(content)
    return post(app.test_client(), raw, headers(business.shop_domain, topic, raw, secret))


def shop_named(business: Business) -> dict[str, Any]:
    """Return the fields by which a privacy request names the business's shop."""
    tenant_filter = (Store.tenant_id == business.tenant_id, Store.shop_domain == business.shop_domain)
    with tenant_session(business.tenant_id) as session:
        number = session.scalar(select(Store.shopify_id).where(*tenant_filter))
    return {"shop_id": number or 1, "shop_domain": business.shop_domain}


def deliveries(business: Business) -> list[Delivery]:
    """Return the store's deliveries, in the order of arrival."""
    query = select(Delivery).where(business.key.owns(Delivery))
    with tenant_session(business.tenant_id) as session:
        return list(session.scalars(query.order_by(Delivery.delivery_id)))


def confirm(business: Business) -> None:
    """Confirm the unconfirmed deliveries, except that the app was uninstalled. They still have to be applied."""
    confirmation = update(Delivery).where(
        Delivery.state == DeliveryState.UNCONFIRMED, Delivery.topic.not_in(DEPARTURES)
    )
    with tenant_session(business.tenant_id) as session:
        session.execute(
            confirmation.values(state=DeliveryState.PENDING, reason=None, retry_at=None, confirmed_at=NOW)
        )


def store_delivery(
    business: Business,
    topic: str,
    content: Any,
    triggered_at: datetime | None = None,
    confirmed_at: datetime | None = None,
) -> int:
    """Store a verified delivery, confirmed by Shopify if `confirmed_at` is given; returns its id."""
    raw = content if isinstance(content, bytes) else body(content)
    row = Delivery(
        tenant_id=business.tenant_id,
        store_id=business.store_id,
        webhook_id=f"stored-{next(_numbers)}",
        topic=topic,
        triggered_at=triggered_at,
        received_at=NOW.astimezone(UTC),
        body=raw,
        record_id=record_id(topic, raw),
        confirmed_at=confirmed_at,
    )
    with tenant_session(business.tenant_id) as session:
        session.add(row)
        session.flush()
        return row.delivery_id
