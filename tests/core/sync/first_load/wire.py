"""The network between us and Shopify, with something wrong in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter


class Killed(BaseException):
    """What a kill -9 looks like from inside: nothing is said, nothing is tidied up."""


class Wire(HTTPAdapter):
    """Passes every request on and remembers it; `before` gets the number of each, from 1, and may interfere."""

    def __init__(self, before: Callable[[int, requests.PreparedRequest], None] = lambda *_: None) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []
        self._before = before

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append(request)
        self._before(len(self.sent), request)
        return super().send(request, *args, **kwargs)

    @property
    def files(self) -> list[requests.PreparedRequest]:
        """The requests for results."""
        return [request for request in self.sent if request.method == "GET"]

    def asked(self, word: str) -> int:
        """In how many requests a word of a document stands."""
        return sum(word in str(request.body) for request in self.sent)


def killed_before(number: int) -> Wire:
    """Dies before the n-th request."""

    def die(at: int, _: requests.PreparedRequest) -> None:
        if at == number:
            raise Killed

    return Wire(die)


class Spoiled(Wire):
    """Puts `new` in the place of what the pattern `old` finds in Shopify's answers and files."""

    def __init__(self, old: bytes, new: bytes) -> None:
        super().__init__()
        self._old, self._new = old, new

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().send(request, *args, **kwargs)
        response._content = re.sub(self._old, self._new, response.content)
        return response
