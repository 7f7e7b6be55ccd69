"""Verify, keep, queue, answer 200: nothing else happens between Shopify's request and our answer.

Answers: 200 only when the delivery is stored (now or before); 401 when the signature is not of the store it names,
and the same for a shop that nobody connected, so that nobody can ask which shops are; 400 for missing headers; 503
when the database is away, which makes Shopify send it again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Response, request

from core.deliveries import Inbox, Kept
from core.errors import InvalidInput
from core.shopify.webhooks import WebhookHeaders

_SIGNATURES = ("X-Shopify-Hmac-Sha256", "Shopify-Hmac-Sha256")
"""Shopify's newer kind of webhooks spells its headers without the X-."""
_ANSWERS = {
    Kept.NEW: (200, "kept\n"),
    Kept.KNOWN: (200, "known\n"),
    Kept.REFUSED: (
        401,
        "The signature is not that of a store connected here; check the app's secret on the Stores page.\n",
    ),
}


def receiver(inbox: Inbox) -> Callable[[], Response]:
    """The view that takes one delivery, of any store and any topic."""

    def receive() -> Response:
        body = request.get_data(cache=True)
        try:
            headers = WebhookHeaders.parse(dict(request.headers))
        except InvalidInput as error:
            return _answer(400, f"{error}\n")
        signature = next((request.headers[name] for name in _SIGNATURES if name in request.headers), None)
        # Only when this returns is the delivery durable.
        return _answer(*_ANSWERS[inbox.take(headers, signature, body, datetime.now(UTC))])

    return receive


def _answer(status: int, text: str) -> Response:
    return Response(text, status, mimetype="text/plain")
