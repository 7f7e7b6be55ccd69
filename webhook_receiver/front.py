"""Answers deliveries before Flask is asked: its routing and contexts cost as much as all that a delivery needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Response

from core.config import WEBHOOK_PATH
from webhook_receiver.deliveries import Answer
from webhook_receiver.health import failed
from webhook_receiver.strangers import Strangers

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
Receive = Callable[[Environ], Answer]


def before(app: Wsgi, receive: Receive, strangers: Strangers) -> Wsgi:
    """The WSGI app that has deliveries received, limits the refused ones, and leaves all else to `app`."""

    def answer(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != WEBHOOK_PATH or environ.get("REQUEST_METHOD") != "POST":
            return app(environ, start_response)
        try:
            received = receive(environ)
        except Exception as error:
            response = failed(error)
        else:
            if received.status == 200:
                return _accept(received.text.encode(), start_response)
            response = respond(received)
        return strangers.limit(environ, response)(environ, start_response)

    return answer


def respond(received: Answer) -> Response:
    return Response(received.text, received.status, mimetype="text/plain")


def _accept(text: bytes, start_response: Any) -> Iterable[bytes]:
    """Answer 200 without a Response object, which would cost a tenth of a delivery's time."""
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))])
    return [text]
