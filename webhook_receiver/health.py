"""Liveness, readiness, and the response to an unexpected error."""

from __future__ import annotations

from flask import Response
from sqlalchemy import text
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from core import logs
from core.database import system_session
from core.errors import DatabaseUnavailable

log = logs.get(__name__)


def alive() -> Response:
    """200 while the process serves."""
    return Response("alive\n", mimetype="text/plain")


def ready() -> Response:
    """200 when deliveries can be stored; 503 (by `failure`) while the database does not answer."""
    with system_session() as session:
        session.execute(text("SELECT 1"))
    return Response("ready\n", mimetype="text/plain")


def failure(error: Exception) -> Response:
    """The response to an error: never a 200 and never details. Shopify sends a delivery again after any of them."""
    if isinstance(error, HTTPException):
        allowed = {"Allow": ", ".join(error.valid_methods or ())} if isinstance(error, MethodNotAllowed) else None
        return Response(f"{error.description}\n", error.code, allowed, mimetype="text/plain")
    if isinstance(error, DatabaseUnavailable):
        log.error("the database does not answer; Shopify will send the delivery again")
        return Response("The database does not answer; send it again.\n", 503, {"Retry-After": "5"})
    log.exception("a request failed")
    return Response("Something went wrong here; send it again.\n", 500)
