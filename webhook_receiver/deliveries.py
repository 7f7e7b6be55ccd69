"""Verify, keep, queue, answer 200: nothing else happens between Shopify's request and our answer.

Answers: 200 only when the delivery is stored (now or before); 401 when the signature is not of the store it names,
and the same for a shop that nobody connected, so that nobody can ask which shops are; 400 for missing headers, and
for a signed body that is not of the shop or topic that its headers name; 413 for one that is too large; 503 when the
database is away, which makes Shopify send it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from core.errors import InvalidInput
from core.shopify.webhooks import WebhookHeaders
from core.webhooks.inbox import Inbox
from core.webhooks.inserts import Kept


class Answer(NamedTuple):
    """An HTTP status and the plain text of its body."""

    status: int
    text: str


_ANSWERS = {
    Kept.NEW: Answer(200, "kept\n"),
    Kept.KNOWN: Answer(200, "known\n"),
    Kept.REFUSED: Answer(
        401,
        "The signature is not that of a store connected here; check the app's secret on the Stores page.\n",
    ),
}


def receiver(inbox: Inbox, max_body: int) -> Callable[[dict[str, Any]], Answer]:
    """A function that takes one delivery, of any store and topic, from its WSGI environ."""

    def receive(environ: dict[str, Any]) -> Answer:
        length = environ.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit() and len(length) < 20):
            return Answer(400, "Content-Length is not a number.\n")
        if int(length) > max_body:
            return Answer(413, f"The body is larger than {max_body >> 20} MB.\n")
        body = environ["wsgi.input"].read(int(length))
        try:
            headers = WebhookHeaders.parse(_shopifys(environ))
            # Only when this returns is the delivery durable.
            return _ANSWERS[inbox.take(headers, body, datetime.now(UTC))]
        except InvalidInput as error:
            return Answer(400, f"{error}\n")

    return receive


def _shopifys(environ: Mapping[str, Any]) -> dict[str, str]:
    """Shopify's headers; its newer kind of webhooks spells them without the X-."""
    return {
        name.removeprefix("HTTP_").replace("_", "-"): value for name, value in environ.items() if "SHOPIFY_" in name
    }
