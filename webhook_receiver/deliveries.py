"""Verify, keep, queue, answer 200: nothing else happens between Shopify's request and our answer.

Answers: 200 only when the delivery is stored (now or before); 401 when the signature is not of the store it names,
and the same for a shop that nobody connected, so that nobody can ask which shops are; 400 for missing headers, and
for a signed body that is not of the shop or topic that its headers name; 413 for one that is too large; 503 when the
database is away, which makes Shopify send it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response

from core.deliveries import Inbox, Kept
from core.errors import InvalidInput
from core.shopify.webhooks import WebhookHeaders

_ANSWERS = {
    Kept.NEW: (200, "kept\n"),
    Kept.KNOWN: (200, "known\n"),
    Kept.REFUSED: (
        401,
        "The signature is not that of a store connected here; check the app's secret on the Stores page.\n",
    ),
}


def receiver(inbox: Inbox, max_body: int) -> Callable[[dict[str, Any]], Response]:
    """What takes one delivery, of any store and any topic, as WSGI hands it over."""

    def receive(environ: dict[str, Any]) -> Response:
        length = environ.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit() and len(length) < 20):
            return _answer(400, "Content-Length is not a number.\n")
        if int(length) > max_body:
            return _answer(413, f"The body is larger than {max_body >> 20} MB.\n")
        body = environ["wsgi.input"].read(int(length))
        try:
            headers = WebhookHeaders.parse(_shopifys(environ))
            # Only when this returns is the delivery durable.
            return _answer(*_ANSWERS[inbox.take(headers, body, datetime.now(UTC))])
        except InvalidInput as error:
            return _answer(400, f"{error}\n")

    return receive


def _shopifys(environ: Mapping[str, Any]) -> dict[str, str]:
    """Shopify's headers; its newer kind of webhooks spells them without the X-."""
    return {
        name.removeprefix("HTTP_").replace("_", "-"): value for name, value in environ.items() if "SHOPIFY_" in name
    }


def _answer(status: int, text: str) -> Response:
    return Response(text, status, mimetype="text/plain")
