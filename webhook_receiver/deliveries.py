"""Verify, keep, queue, answer 200: nothing else happens between Shopify's request and our answer.

Answers: 200 only when the delivery is stored (now or before); 401 when the signature is not of the store it names,
and the same for a shop that nobody connected, so that nobody can ask which shops are; 400 for missing headers; 503
when the database is away, which makes Shopify send it again.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, request

from core import deliveries, logs, stores
from core.db import tenant_session
from core.errors import CredentialsRefused, InvalidInput, NotFound
from core.shopify import webhooks

log = logs.get(__name__)

_SIGNATURES = ("X-Shopify-Hmac-Sha256", "Shopify-Hmac-Sha256")
"""Shopify's newer kind of webhooks spells its headers without the X-."""
_REFUSED = "The signature is not that of a store connected here; check the app's secret on the Stores page.\n"


def receive() -> Response:
    """One delivery, of any store and any topic."""
    body = request.get_data(cache=True)
    try:
        headers = webhooks.WebhookHeaders.parse(dict(request.headers))
    except InvalidInput as error:
        return _answer(400, f"{error}\n")
    route = stores.route(headers.shop)
    if route is None:
        return _answer(401, _REFUSED)
    with logs.bound(tenant_id=route.tenant_id, store_id=route.store_id, topic=headers.topic):
        return _keep(route, headers, body)


def _keep(route: stores.Route, headers: webhooks.WebhookHeaders, body: bytes) -> Response:
    with tenant_session(route.tenant_id) as session:
        try:
            secrets = stores.webhook_secrets(session, route.tenant_id, route.store_id, datetime.now(UTC))
        except (NotFound, CredentialsRefused):
            return _answer(401, _REFUSED)
        signature = next((request.headers[name] for name in _SIGNATURES if name in request.headers), None)
        if not webhooks.verify(body, signature, secrets):
            log.warning("a delivery with a wrong signature was refused")
            return _answer(401, _REFUSED)
        new = deliveries.keep(session, route.tenant_id, route.store_id, headers, body, datetime.now(UTC))
    # Only here, after the commit, is the delivery durable.
    return _answer(200, "kept\n" if new else "known\n")


def _answer(status: int, text: str) -> Response:
    return Response(text, status, mimetype="text/plain")
