"""The downloads: `/exports/<name>.csv`, .xlsx and .zip, streamed to signed-in users, of their current business.

A route, because a widget would hold the whole file in memory. Rows stream from PostgreSQL to the browser in pieces.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import accounts, exports, stores
from core.accounts import Actor
from core.database import MOST_EXPORTS, StoreKey, rate_limits
from core.domain.periods import Comparison, Period, Preset, local_day, preset
from core.errors import InvalidInput, NotAllowed, NotFound, StoreNotFound, TransientError
from core.exports import Format
from core.stores import StoreView
from dashboard import addresses
from dashboard.web import cookies, refusals
from dashboard.web.streams import Download, Places

PLACES = Places({"process": MOST_EXPORTS, "workbooks": 3, "tenant": 6, "user": 3})
"""Few workbooks at once: writing one takes a processor, of which the pages need some."""


def download(file_format: Format, request: Request) -> Response:
    """Send one file; 401 without a session, 404 for a store of another tenant, as for one that does not exist."""
    now = datetime.now(UTC)
    token = cookies.session_token(request.cookies)
    session = accounts.session_of(token, now) if token else None
    if session is None:
        return refusals.refuse("Sign in first, then download the file again.", 401)
    try:
        name = request.path_params["name"]
        accounts.authorise(Actor(session.user_id, session.tenant_id), exports.action_of(name))
        store = _store(session.tenant_id, request.query_params.get("store", ""))
        period = _period(request, store, now)
        compared = period.compared(_comparison(request), now)
        today = local_day(now, store.time_zone)
        pieces = exports.stream(store, name, period, request.query_params, compared, today, now, file_format)
        # Counted last, so that a refused request does not use up the user's downloads.
        rate_limits.take(
            rate_limits.EXPORT, rate_limits.tenant_subject(session.tenant_id, f"user {session.user_id}"), now
        )
    except (InvalidInput, NotAllowed, NotFound, TransientError) as error:
        return refusals.respond(error)
    headers = {
        "Content-Disposition": f'attachment; filename="{exports.filename(store, name, period, file_format)}"',
        "Cache-Control": "no-store",
    }
    written = ("workbooks",) if file_format is Format.EXCEL else ()
    names = ("process", *written, f"tenant {session.tenant_id}", f"user {session.user_id}")
    return Download(pieces, PLACES, names, refusals.respond, headers, file_format.media_type)


def _store(tenant_id: int, store_id: str) -> StoreView:
    if not store_id.isascii() or not store_id.isdigit() or len(store_id) > 18:
        raise StoreNotFound
    return stores.find(StoreKey(tenant_id, int(store_id)))


def _period(request: Request, store: StoreView, now: datetime) -> Period:
    """The days from `start` to `end`, or the preset in `range`."""
    query = request.query_params
    try:
        if "start" in query or "end" in query:
            start, end = date.fromisoformat(query.get("start", "")), date.fromisoformat(query.get("end", ""))
            return Period(start, end, store.time_zone)
        return preset(Preset(query.get("range", Preset.LAST_30_DAYS)), store.time_zone, now)
    except (ValueError, OverflowError):
        raise InvalidInput("Invalid period; write start and end as 2026-11-21.") from None


def _comparison(request: Request) -> Comparison:
    try:
        return Comparison(request.query_params.get("compare", Comparison.NONE))
    except ValueError:
        raise InvalidInput("Unknown comparison; download the file from its page.") from None


routes = [
    Route(f"{addresses.EXPORTS}/{{name}}.{file_format}", partial(download, file_format), methods=["GET"])
    for file_format in Format
]
