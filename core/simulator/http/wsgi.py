"""The simulator's HTTP: each shop's Admin API and token endpoint, and the strings behind the scene (/simulator)."""

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

_MOST_BYTES = 1_000_000
_AT = "at is an instant with its offset, such as 2026-11-20T12:00:00Z"
_SHOPIFYS = frozenset(("graphql", "access_token", "bulk_file"))
"""What Shopify itself answers on, with its faults; the strings behind the scene never fail."""

_URLS = Map(
    [
        Rule("/<shop>/admin/api/<version>/graphql.json", endpoint="graphql", methods=["POST"]),
        Rule("/<shop>/admin/oauth/access_token", endpoint="access_token", methods=["POST"]),
        Rule("/<shop>/admin/oauth/authorize", endpoint="authorize", methods=["GET", "POST"]),
        Rule("/<shop>/admin/app", endpoint="open_app", methods=["GET"]),
        Rule("/simulator/health", endpoint="health", methods=["GET"]),
        Rule("/simulator/<shop>/truth", endpoint="truth", methods=["GET"]),
        Rule("/simulator/<shop>/faults", endpoint="faults", methods=["GET", "POST", "DELETE"]),
        Rule("/simulator/<shop>/app", endpoint="app_switches", methods=["POST"]),
        Rule("/simulator/<shop>/bulk", endpoint="bulk_fates", methods=["POST"]),
        Rule("/simulator/<shop>/bulk/<int:number>.jsonl", endpoint="bulk_file", methods=["GET"]),
        Rule("/simulator/<shop>/<kind>", endpoint="happen", methods=["POST"]),
    ]
)


class Web:
    """A WSGI application over some shops, by domain."""

    def __init__(self, shops: Mapping[str, LiveShop]) -> None:
        self._shops = shops

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = _MOST_BYTES
        response = self._respond(request)
        response.headers["X-Shopify-API-Version"] = API_VERSION
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            endpoint, matched = _URLS.bind_to_environ(request.environ).match()
            found = dict(matched)
            if endpoint == "health":
                return _json({"status": "ok", "shops": sorted(self._shops)})
            shop = self._shops.get(found.pop("shop"))
            if shop is None:
                return _json({"errors": "Not Found"}, 404)
            answer = partial(_HANDLERS[endpoint], request, shop, **found)
            return bad_network.carried(answer, shop.faults) if endpoint in _SHOPIFYS else answer()
        except NotFound as error:
            return _json({"errors": str(error)}, 404)
        except XenoError as error:
            return _json({"errors": str(error)}, 422)
        except HTTPException as error:
            return _json({"errors": error.name}, error.code or 500)


def _graphql(request: Request, shop: LiveShop, version: str) -> Response:
    if not re.fullmatch(r"\d{4}-\d{2}|unstable", version):
        return _json({"errors": "Not Found"}, 404)
    if not shop.lets_in(request.headers.get("X-Shopify-Access-Token", "")):
        said = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return _json({"errors": said}, 401)
    body = _body(request)
    if not isinstance(body.get("query"), str):
        return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400)
    shop.bulk.address = request.host_url.rstrip("/")
    return _json(shop.answer(body))


def _access_token(request: Request, shop: LiveShop) -> Response:
    """Asked by form or JSON."""
    return _json(*oauth_pages.access_token(request.form.to_dict() or _body(request), shop))


def _app_switches(request: Request, shop: LiveShop) -> Response:
    """What becomes of the app's tokens and its secret."""
    oauth_pages.switch(_body(request), shop)
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
    """The present setting with the counts of what was injected; POST changes some switches, DELETE ends all."""
    if request.method == "POST":
        shop.faults.set(**_body(request))
    if request.method == "DELETE":
        shop.faults.clear()
    return _json(shop.faults.to_json())


def _bulk_fates(request: Request, shop: LiveShop) -> Response:
    """How slow bulk operations are from now on (seconds), and what becomes of the next ones (fates)."""
    args = _body(request)
    shop.bulk.expect([BulkOutcome(fate) for fate in args.get("fates", [])], args.get("seconds"))
    return _json({})


def _bulk_file(_request: Request, shop: LiveShop, number: int) -> Response:
    """The result of a bulk operation, to whoever has its address, as Google's storage gives it."""
    path, length = shop.bulk.file(number)
    if path is None:
        return Response("<Error><Code>ExpiredToken</Code></Error>", 400, content_type="application/xml")
    response = Response(
        FileWrapper(path.open("rb"), 1 << 16), content_type="application/jsonl", direct_passthrough=True
    )
    response.content_length = length
    return response


def _happen(request: Request, shop: LiveShop, kind: str) -> Response:
    args = _body(request)
    try:
        at = datetime.fromisoformat(args.pop("at")) if args.get("at") else None
    except (TypeError, ValueError):
        return _json({"errors": _AT}, 422)
    if at and at.tzinfo is None:  # at the end of summer time it would be two instants
        return _json({"errors": _AT}, 422)
    return _json(shop.trigger(kind, args, at))


def _body(request: Request) -> dict[str, Any]:
    told = request.get_json(silent=True, force=True)
    return told if isinstance(told, dict) else {}


_HANDLERS: Mapping[str, Callable[..., Response]] = {
    "graphql": _graphql,
    "access_token": _access_token,
    "authorize": oauth_pages.authorize,
    "open_app": oauth_pages.open_app,
    "app_switches": _app_switches,
    "truth": _truth,
    "faults": _faults,
    "happen": _happen,
    "bulk_fates": _bulk_fates,
    "bulk_file": _bulk_file,
}


def _json(told: Any, status: int = 200) -> Response:
    return Response(json.dumps(told), status, content_type="application/json; charset=utf-8")
