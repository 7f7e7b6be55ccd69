"""The refusals of our own routes: one plain sentence each, with its status."""

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


def of(error: XenoError) -> Response:
    """The answer to an error: its sentence, and Retry-After in whole seconds where the error has one.

    An error without a status of its own is a fault of Xeno, and is raised again.
    """
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
    if status is None:
        raise error
    wait = error.retry_after if isinstance(error, TransientError) else None
    return say(str(error), status, {"Retry-After": str(math.ceil(wait))} if wait else {})


def say(sentence: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """A plain-text answer with this sentence, ended by a full stop."""
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return PlainTextResponse(f"{sentence.rstrip('.')}.\n", status_code=status, headers=kept)
