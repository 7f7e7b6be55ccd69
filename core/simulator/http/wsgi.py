"""The simulator's HTTP: each shop's Admin API and token endpoint, and the controls of the simulator (/simulator)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import FileWrapper

from core.errors import NotFound, XenoError
from core.simulator.admin_api.bulk import BulkOutcome
from core.simulator.defaults import API_VERSION
from core.simulator.http import bad_network, oauth_pages
from core.simulator.http.live_shop import LiveShop
from core.simulator.shop.truth import truth

_MAX_BYTES = 1_000_000
_AT = "at is an instant with its offset, such as 2026-11-20T12:00:00Z"
_SHOPIFY_ENDPOINTS = frozenset(("graphql", "access_token", "bulk_file"))
"""The endpoints of Shopify itself, which have faults. The controls of the simulator never fail."""

_URLS = Map(
    [
        Rule("/<shop>/admin/api/<version>/graphql.json", endpoint="graphql", methods=["POST"]),
        Rule("/<shop>/admin/oauth/access_token", endpoint="access_token", methods=["POST"]),
        Rule("/<shop>/admin/oauth/authorize", endpoint="authorize", methods=["GET", "POST"]),
        Rule("/<shop>/admin/app", endpoint="open_app", methods=["GET"]),
        Rule("/simulator/health", endpoint="health", methods=["GET"]),
        Rule("/simulator/<shop>/truth", endpoint="truth", methods=["GET"]),
        Rule("/simulator/<shop>/faults", endpoint="faults", methods=["GET", "POST", "DELETE"]),
        Rule("/simulator/<shop>/app", endpoint="app_settings", methods=["POST"]),
        Rule("/simulator/<shop>/bulk", endpoint="bulk_outcomes", methods=["POST"]),
        Rule("/simulator/<shop>/bulk/<int:number>.jsonl", endpoint="bulk_file", methods=["GET"]),
        Rule("/simulator/<shop>/<kind>", endpoint="trigger_event", methods=["POST"]),
    ]
)


class WsgiApp:
    """A WSGI application over some shops, by domain."""

    def __init__(self, shops: Mapping[str, LiveShop]) -> None:
        self._shops = shops

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = _MAX_BYTES
        response = self._respond(request)
        response.headers["X-Shopify-API-Version"] = API_VERSION
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            endpoint, matched = _URLS.bind_to_environ(request.environ).match()
            parameters = dict(matched)
            if endpoint == "health":
                return _json({"status": "ok", "shops": sorted(self._shops)})
            shop = self._shops.get(parameters.pop("shop"))
            if shop is None:
                return _json({"errors": "Not Found"}, 404)
            answer = partial(_HANDLERS[endpoint], request, shop, **parameters)
            return bad_network.answer_with_faults(answer, shop.faults) if endpoint in _SHOPIFY_ENDPOINTS else answer()
        except NotFound as error:
            return _json({"errors": str(error)}, 404)
        except XenoError as error:
            return _json({"errors": str(error)}, 422)
        except HTTPException as error:
            return _json({"errors": error.name}, error.code or 500)


def _graphql(request: Request, shop: LiveShop, version: str) -> Response:
    if not re.fullmatch(r"\d{4}-\d{2}|unstable", version):
        return _json({"errors": "Not Found"}, 404)
    if not shop.admit(request.headers.get("X-Shopify-Access-Token", "")):
        message = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return _json({"errors": message}, 401)
    body = _body(request)
    if not isinstance(body.get("query"), str):
        return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400)
    shop.bulk.address = request.host_url.rstrip("/")
    return _json(shop.answer(body))


def _access_token(request: Request, shop: LiveShop) -> Response:
    """Answer a form or JSON."""
    return _json(*oauth_pages.access_token(request.form.to_dict() or _body(request), shop))


def _app_settings(request: Request, shop: LiveShop) -> Response:
    """Change the app's tokens, secret and scopes."""
    oauth_pages.change_app(_body(request), shop)
    return _json({})


def _truth(request: Request, shop: LiveShop) -> Response:
    try:
        start, end = (
            date.fromisoformat(text) if (text := request.args.get(name)) else None for name in ("start", "end")
        )
    except ValueError:
        return _json({"errors": "start and end are days such as 2026-11-20"}, 422)
    with shop.lock:
        return _json(truth(shop.shop, start, end, request.args.get("currency")).to_json())


def _faults(request: Request, shop: LiveShop) -> Response:
    """Return the fault settings and counts. POST changes some settings, DELETE turns all off."""
    if request.method == "POST":
        shop.faults.set(**_body(request))
    if request.method == "DELETE":
        shop.faults.clear()
    return _json(shop.faults.to_json())


def _bulk_outcomes(request: Request, shop: LiveShop) -> Response:
    """Set the duration of bulk operations (seconds), and the outcomes of the next ones (fates)."""
    args = _body(request)
    shop.bulk.set_next([BulkOutcome(outcome) for outcome in args.get("fates", [])], args.get("seconds"))
    return _json({})


def _bulk_file(_request: Request, shop: LiveShop, number: int) -> Response:
    """Return the result of a bulk operation to anybody with its address, like Google's storage."""
    path, length = shop.bulk.file(number)
    if path is None:
        return Response("<Error><Code>ExpiredToken</Code></Error>", 400, content_type="application/xml")
    response = Response(
        FileWrapper(path.open("rb"), 1 << 16), content_type="application/jsonl", direct_passthrough=True
    )
    response.content_length = length
    return response


def _trigger_event(request: Request, shop: LiveShop, kind: str) -> Response:
    args = _body(request)
    try:
        at = datetime.fromisoformat(args.pop("at")) if args.get("at") else None
    except (TypeError, ValueError):
        return _json({"errors": _AT}, 422)
    if at and at.tzinfo is None:  # ambiguous in the hour that repeats at the end of summer time
        return _json({"errors": _AT}, 422)
    return _json(shop.trigger(kind, args, at))


def _body(request: Request) -> dict[str, Any]:
    body = request.get_json(silent=True, force=True)
    return body if isinstance(body, dict) else {}


_HANDLERS: Mapping[str, Callable[..., Response]] = {
    "graphql": _graphql,
    "access_token": _access_token,
    "authorize": oauth_pages.authorize,
    "open_app": oauth_pages.open_app,
    "app_settings": _app_settings,
    "truth": _truth,
    "faults": _faults,
    "trigger_event": _trigger_event,
    "bulk_outcomes": _bulk_outcomes,
    "bulk_file": _bulk_file,
}


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")
