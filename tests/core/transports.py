"""The network between us and Shopify, with something wrong in it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from core.shopify.documents import load


class Killed(BaseException):
    """What a kill -9 looks like from inside: nothing is said, nothing is tidied up."""


class Wire(HTTPAdapter):
    """Passes every request on and remembers it; before the n-th one (from 1), `before` may interfere."""

    def __init__(self, before: Callable[[int], requests.Response | None] = lambda number: None) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        self._before = before

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append(json.loads(request.body or b"{}"))
        instead = self._before(len(self.sent))
        if instead is None:
            return super().send(request, *args, **kwargs)
        instead.request, instead.url = request, request.url or ""
        return instead

    def of(self, document: str) -> list[dict[str, Any]]:
        """The variables with which a document was asked for, whole or without the fields of missing scopes."""
        operation = _operation(load(document))
        return [each["variables"] for each in self.sent if _operation(str(each.get("query"))) == operation]


def _operation(document: str) -> str:
    """The kind and the name of a document's operation."""
    return document.partition("(")[0].rpartition("\n")[2]


class Altering(Wire):
    """Passes every answer on as `alter` leaves its data."""

    def __init__(self, alter: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._alter = alter

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        answer = super().send(request, *args, **kwargs)
        body = json.loads(answer.content)
        self._alter(body["data"])
        answer._content = json.dumps(body).encode()
        return answer


def killed_before(number: int) -> Wire:
    """Dies before the n-th request."""

    def die(at: int) -> None:
        if at == number:
            raise Killed

    return Wire(die)


def failing(error: Exception) -> Wire:
    """Raises it for each request."""

    def fail(_: int) -> None:
        raise error

    return Wire(fail)


def answering(*answers: requests.Response) -> Wire:
    """The first requests are answered so; the rest goes through."""
    return Wire(lambda number: answers[number - 1] if number <= len(answers) else None)


def always(answer: Callable[[], requests.Response]) -> Wire:
    """Every request is answered so."""
    return Wire(lambda _: answer())


def signaling(event: threading.Event, answer: Callable[[], requests.Response]) -> Wire:
    """As `always`; sets the event at the first request."""

    def respond(_: int) -> requests.Response:
        event.set()
        return answer()

    return Wire(respond)
