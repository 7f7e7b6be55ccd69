"""Receives one webhook over HTTP: parses its headers, has the inbox verify and store it, and answers.

200: the delivery is stored, now or before. 401: the named store did not sign it; an unknown shop gets the same
answer, so that nobody learns which shops are connected. 400: a header is missing, or the signed body contradicts its
headers. 413: the body is too large. 503: the database does not answer, so Shopify sends the delivery again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Response

from core.config import WEBHOOK_PATH
from core.errors import InvalidInput
from core.shopify.webhooks import WebhookHeaders
from core.webhooks.receive import Inbox, Stored
from webhook_receiver.error_responses import RefusalLimit
from webhook_receiver.health import failure

MAX_BODY = 16 * 1024 * 1024
"""Bytes. Shopify documents no limit; the largest bodies seen are some hundred KB."""

_OUTCOME = "xeno.outcome"
"""The key of an environ under which `answer_all` leaves an Answer, or the exception that stands for one."""

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


class Answer(NamedTuple):
    """An HTTP status and the plain text of its body."""

    status: int
    text: str


_ANSWERS = {
    Stored.NEW: Answer(200, "stored\n"),
    Stored.DUPLICATE: Answer(200, "duplicate\n"),
    Stored.REFUSED: Answer(
        401,
        "The signature is not that of a store connected here; check the app's secret on the Stores page.\n",
    ),
}


class WebhookRoute:
    """POST WEBHOOK_PATH, as a WSGI app in front of Flask.

    Flask's routing and contexts would cost as much as all that a delivery needs. Flask serves every other request.
    """

    def __init__(self, inbox: Inbox, refusals: RefusalLimit, flask: Wsgi) -> None:
        self._inbox = inbox
        self._refusals = refusals
        self._flask = flask

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a delivery; pass any other request on."""
        if environ.get("PATH_INFO") != WEBHOOK_PATH or environ.get("REQUEST_METHOD") != "POST":
            return self._flask(environ, start_response)
        try:
            answer = self._answer(environ)
        except Exception as error:
            response = failure(error)
        else:
            if answer.status == 200:
                return _accept(answer.text.encode(), start_response)
            response = respond(answer)
        return self._refusals.limit(environ, response)(environ, start_response)

    def group(self, path: str, headers: Mapping[str, str]) -> str | None:
        """The shop that a delivery names; None for other requests. Only a signature proves that the shop sent it."""
        if path != WEBHOOK_PATH:
            return None
        return headers.get("X_SHOPIFY_SHOP_DOMAIN") or headers.get("SHOPIFY_SHOP_DOMAIN")

    def answer_all(self, environs: Sequence[Environ]) -> None:
        """Have the deliveries stored together; `__call__` then gives each its answer."""
        parsed = list[tuple[Environ, WebhookHeaders, bytes]]()
        for environ in environs:
            read = _read(environ)
            if isinstance(read, Answer):
                environ[_OUTCOME] = read
            else:
                parsed.append((environ, *read))
        sent = [(headers, body) for _, headers, body in parsed]
        for (environ, _, _), outcome in zip(parsed, self._inbox.receive_all(sent, datetime.now(UTC)), strict=True):
            environ[_OUTCOME] = outcome if isinstance(outcome, Exception) else _ANSWERS[outcome]

    def _answer(self, environ: Environ) -> Answer:
        outcome = environ.get(_OUTCOME)
        if outcome is None:
            return receive(self._inbox, environ)
        if isinstance(outcome, InvalidInput):
            return Answer(400, f"{outcome}\n")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def receive(inbox: Inbox, environ: Environ) -> Answer:
    """Have the delivery in a WSGI environ stored; the answer is 200 only after it is durable.

    Raises:
        DatabaseUnavailable, ConfigError: as `Inbox.receive`.
    """
    read = _read(environ)
    if isinstance(read, Answer):
        return read
    try:
        return _ANSWERS[inbox.receive(*read, datetime.now(UTC))]
    except InvalidInput as error:
        return Answer(400, f"{error}\n")


def _read(environ: Environ) -> tuple[WebhookHeaders, bytes] | Answer:
    """Read the headers and the body; the answer if this is no delivery."""
    length = environ.get("CONTENT_LENGTH") or "0"
    # Fewer than 20 digits, because Python converts no number of thousands: that would be a 500.
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        return Answer(400, "Content-Length is not a number.\n")
    if int(length) > MAX_BODY:
        return Answer(413, f"The body is larger than {MAX_BODY >> 20} MB.\n")
    body = environ["wsgi.input"].read(int(length))
    try:
        return WebhookHeaders.parse(_shopify_headers(environ)), body
    except InvalidInput as error:
        return Answer(400, f"{error}\n")


def respond(answer: Answer) -> Response:
    """The Flask response of an answer."""
    return Response(answer.text, answer.status, mimetype="text/plain")


def _shopify_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """Shopify's headers, without WSGI's prefix. Its newer webhooks spell them without the X-."""
    return {
        name.removeprefix("HTTP_").replace("_", "-"): value for name, value in environ.items() if "SHOPIFY_" in name
    }


def _accept(text: bytes, start_response: Any) -> Iterable[bytes]:
    """Answer 200 without a Response object, which would cost a tenth of a delivery's time."""
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))])
    return [text]
