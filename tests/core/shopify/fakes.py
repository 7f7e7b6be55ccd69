"""A Shopify that answers from a script, and a time that passes only when somebody waits."""

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
    """A recording of payloads/graphql, its numbers exact, as the client reads them."""
    return json.loads((PAYLOADS / "graphql" / f"{name}.json").read_text(), parse_float=Decimal)


def reply(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, version: str | None = "2026-10"
) -> requests.Response:
    """An HTTP answer; bytes and text go out as they are, anything else as JSON."""
    response = requests.Response()
    response.status_code = status
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    response._content = raw
    told = {"X-Shopify-API-Version": version} if version else {}
    response.headers = CaseInsensitiveDict({**told, **(headers or {})})
    return response


def data(data: Any, cost: Mapping[str, Any] = COST, **extensions: Any) -> requests.Response:
    """A good answer."""
    return reply({"data": data, "extensions": {"cost": cost, **extensions}})


def graphql_error(
    code: str, message: str = "no", data: Any = None, path: list[Any] | None = None
) -> requests.Response:
    """HTTP 200 with one error in it."""
    return reply({"data": data, "errors": [{"message": message, "path": path, "extensions": {"code": code}}]})


class ScriptedShopify(BaseAdapter):
    """Gives its answers one after the other, the last one for ever; an exception is raised instead of given."""

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
        """Nothing is open."""

    @property
    def variables(self) -> list[dict[str, Any]]:
        """What each request asked with."""
        return [json.loads(request.body or b"{}")["variables"] for request in self.requests]

    @property
    def tokens(self) -> list[str]:
        """Which token each request carried."""
        return [request.headers["X-Shopify-Access-Token"] for request in self.requests]


class Time:
    """A clock that stands still but for `sleep`, which notes each wait."""

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
    """A client of SHOP without chance in its waits."""
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
