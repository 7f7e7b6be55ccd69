"""Error responses of our routes: a status and one plain sentence."""

from __future__ import annotations

import math

from starlette.responses import PlainTextResponse, Response

from core.errors import InvalidInput, NotAllowed, NotFound, RateLimited, TransientError, XenoError

_STATUSES: tuple[tuple[type[XenoError], int], ...] = (
    (InvalidInput, 400),
    (NotAllowed, 403),
    (NotFound, 404),
    (RateLimited, 429),
    (TransientError, 503),
)


def respond(error: XenoError) -> Response:
    """The response to an error: its sentence, and its Retry-After in whole seconds.

    Raises the error itself if it has no status: it is a fault of Xeno.
    """
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
    if status is None:
        raise error
    wait = error.retry_after if isinstance(error, TransientError) else None
    return refuse(str(error), status, {"Retry-After": str(math.ceil(wait))} if wait else {})


def refuse(sentence: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """A plain-text response with this sentence and a full stop."""
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return PlainTextResponse(f"{sentence.rstrip('.')}.\n", status_code=status, headers=headers)
