"""Answers as they arrive from a busy Shopify over a bad network: refused, late, truncated, or never."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from werkzeug.wrappers import Response
from werkzeug.wsgi import FileWrapper

from core.simulator.http.faults import FaultInjector

_TOO_MANY = '{"errors":"Exceeded the calls per second for this client. Reduce request rates to resume service."}'


def answer_with_faults(answer: Callable[[], Response], faults: FaultInjector) -> Response:
    """Return the answer, or the fault in its place.

    Raises:
        ConnectionAbortedError: no answer comes; the server closes the connection.
    """
    settings = faults.settings
    if faults.roll("api_too_many"):
        seconds = {"Retry-After": f"{settings.retry_after_seconds:g}"}
        return Response(_TOO_MANY, 429, seconds, content_type="application/json; charset=utf-8")
    if faults.roll("api_errors"):
        return _error_page(faults.choose("api_errors", (500, 502, 503)))
    if faults.roll("api_timeouts"):
        time.sleep(settings.api_timeout_seconds)
        raise ConnectionAbortedError("an answer that never comes")
    response = answer()
    if faults.roll("api_slow"):
        time.sleep(settings.api_slow_seconds)
    return _truncate(response) if faults.roll("api_cuts") else response


def _error_page(status: int) -> Response:
    """Make an error page in HTML, as Shopify and its load balancers do."""
    return Response(
        f"<!doctype html><title>{status}</title><h1>Something went wrong</h1>", status, mimetype="text/html"
    )


def _truncate(response: Response) -> Response:
    """Truncate a response: it declares its full length and ends half way."""
    length = response.content_length or response.calculate_content_length() or 0
    content = response.response
    if isinstance(content, FileWrapper):
        response.call_on_close(content.close)
    response.response = _first_bytes(response.iter_encoded(), length // 2)
    response.direct_passthrough = False
    response.content_length = length
    return response


def _first_bytes(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:size]
        size -= len(chunk)
        if size <= 0:
            return
