"""A Shopify that answers from a script, and a clock that moves only during waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from core.shopify.client import ShopifyClient

PAYLOADS = Path(__file__).parents[2] / "payloads"
SHOP = "acme-toys.myshopify.com"
COST = {
    "requestedQueryCost": 12,
    "actualQueryCost": 7,
    "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 1993, "restoreRate": 100},
}


def recorded(name: str) -> Any:
    """Read a recording of payloads/graphql, with exact numbers, as the client does."""
    return json.loads((PAYLOADS / "graphql" / f"{name}.json").read_text(), parse_float=Decimal)


def reply(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, version: str | None = "2026-10"
) -> requests.Response:
    """Make an HTTP answer; bytes and text stay unchanged, any other body becomes JSON."""
    response = requests.Response()
    response.status_code = status
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    response._content = raw
    version_header = {"X-Shopify-API-Version": version} if version else {}
    response.headers = CaseInsensitiveDict({**version_header, **(headers or {})})
    return response


def data(data: Any, cost: Mapping[str, Any] = COST, **extensions: Any) -> requests.Response:
    """Make a successful answer."""
    return reply({"data": data, "extensions": {"cost": cost, **extensions}})


def graphql_error(
    code: str, message: str = "no", data: Any = None, path: list[Any] | None = None
) -> requests.Response:
    """Make an answer with HTTP 200 and one error."""
    return reply({"data": data, "errors": [{"message": message, "path": path, "extensions": {"code": code}}]})


class ScriptedShopify(BaseAdapter):
    """Gives its answers one after the other, then the last one again and again; it raises an exception."""

    def __init__(self, *answers: requests.Response | Exception) -> None:
        super().__init__()
        self.answers = list(answers)
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        answer.request, answer.url = request, request.url or ""
        return answer

    def close(self) -> None:
        """Do nothing: no connection is open."""

    @property
    def variables(self) -> list[dict[str, Any]]:
        """The variables of each request."""
        return [json.loads(request.body or b"{}")["variables"] for request in self.requests]

    @property
    def tokens(self) -> list[str]:
        """The token of each request."""
        return [request.headers["X-Shopify-Access-Token"] for request in self.requests]


class Time:
    """A clock that moves only by `sleep`, which records each wait."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def make_client(
    transport: BaseAdapter,
    time: Time | None = None,
    token: Callable[[], str] | str = "shpat_0123456789",
    on_unauthorized: Callable[[], object] | None = None,
    admin_url: str = "https://{shop}",
) -> ShopifyClient:
    """Make a client of SHOP whose waits are not random."""
    time = time or Time()
    return ShopifyClient(
        SHOP,
        token,
        admin_url=admin_url,
        transport=transport,
        sleep=time.sleep,
        clock=time.clock,
        jitter=lambda: 0.0,
        on_unauthorized=on_unauthorized,
    )
