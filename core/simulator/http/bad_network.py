"""Answers as they arrive from a busy Shopify over a bad network: refused, late, cut, or never."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from werkzeug.wrappers import Response
from werkzeug.wsgi import FileWrapper

from core.simulator.http.faults import FaultInjector

_TOO_MANY = '{"errors":"Exceeded the calls per second for this client. Reduce request rates to resume service."}'


def carried(answer: Callable[[], Response], faults: FaultInjector) -> Response:
    """The answer, or what comes in its place.

    Raises:
        ConnectionAbortedError: nothing comes; the server closes the connection.
    """
    now = faults.settings
    if faults.strikes("api_too_many"):
        seconds = {"Retry-After": f"{now.retry_after_seconds:g}"}
        return Response(_TOO_MANY, 429, seconds, content_type="application/json; charset=utf-8")
    if faults.strikes("api_errors"):
        return _broken(faults.chosen("api_errors", (500, 502, 503)))
    if faults.strikes("api_timeouts"):
        time.sleep(now.api_timeout_seconds)
        raise ConnectionAbortedError("an answer that never comes")
    response = answer()
    if faults.strikes("api_slow"):
        time.sleep(now.api_slow_seconds)
    return _cut(response) if faults.strikes("api_cuts") else response


def _broken(status: int) -> Response:
    """An error page, which Shopify and what stands before it write in HTML."""
    return Response(
        f"<!doctype html><title>{status}</title><h1>Something went wrong</h1>", status, mimetype="text/html"
    )


def _cut(response: Response) -> Response:
    """It says how long it is, and ends half way."""
    length = response.content_length or response.calculate_content_length() or 0
    whole = response.response
    if isinstance(whole, FileWrapper):
        response.call_on_close(whole.close)
    response.response = _beginning(response.iter_encoded(), length // 2)
    response.direct_passthrough = False
    response.content_length = length
    return response


def _beginning(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:size]
        size -= len(chunk)
        if size <= 0:
            return
