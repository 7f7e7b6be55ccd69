"""HTTP requests to Shopify: their timeouts, no redirects, and broken connections as `ShopifyDown`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import requests
from msgspec import DecodeError
from msgspec.json import Decoder
from requests.adapters import BaseAdapter

from core.errors import QueryRefused, ResultExpired, ShopifyDown

Json = dict[str, Any]
"""A JSON object of Shopify's: its shape is checked when its fields are read (`mapping.fields`)."""
TIMEOUTS = (5.0, 60.0)
"""Seconds to connect, and between two bytes of an answer."""


_STORAGE = "storage.googleapis.com"
"""The host where Shopify stores the results of bulk operations."""
_CHUNK = 1 << 18
_decode = Decoder(float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `json` is None if the body is not JSON (Shopify's error pages are HTML)."""

    status: int
    headers: Mapping[str, str]
    json: Any

    @property
    def retry_after(self) -> float | None:
        """The seconds to wait, if Shopify gives a number."""
        try:
            return max(0.0, float(self.headers.get("Retry-After", "")))
        except ValueError:
            return None


def open_session(base: str, transport: BaseAdapter | None) -> requests.Session:
    """Open a session for one shop's Admin API at `base`; `transport` replaces the network."""
    session = requests.Session()
    # A proxy from the environment leads to the internet and cannot reach a simulator on this machine.
    session.trust_env = urlsplit(base).hostname not in ("127.0.0.1", "::1", "localhost")
    if transport is not None:
        session.mount("https://", transport)
        session.mount("http://", transport)
    return session


def post(session: requests.Session, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    """Send `body` as JSON and read the whole answer, whatever its status. Decimals stay exact, ids stay whole.

    A redirect is an answer, never followed: it would carry a token or a secret to another host.

    Raises:
        ShopifyDown: no connection, no answer in time, or an incomplete one.
    """
    try:
        response = session.post(url, json=body, headers=dict(headers), timeout=TIMEOUTS, allow_redirects=False)
    except requests.Timeout:
        raise ShopifyDown("Shopify did not answer in time; Xeno will retry.") from None
    except requests.RequestException:
        # The exception's own text holds the address and sometimes more, which must not reach a message.
        raise ShopifyDown("The connection to Shopify broke; Xeno will retry.") from None
    return Answer(response.status_code, response.headers, _parsed(response.content))


def download_lines(session: requests.Session, url: str, base: str) -> Iterator[bytes]:
    """Download the lines of a result file as they come. The request carries no token, and follows no redirect.

    Raises:
        QueryRefused: `url` is neither in Shopify's storage nor at the shop's Admin API (`base`).
        ResultExpired: Shopify has deleted the file.
        ShopifyDown: no connection, or it broke.
    """
    if not _is_shopifys(url, base):
        raise QueryRefused("Shopify named a result at a foreign address; please report it.")
    try:
        with session.get(url, stream=True, timeout=TIMEOUTS, allow_redirects=False) as response:
            if 300 <= response.status_code < 500 and response.status_code != 429:
                raise ResultExpired("A result of Shopify expired; Xeno will request it again.")
            if response.status_code != 200:
                raise ShopifyDown("Shopify's file storage is having problems; Xeno will retry.")
            # Streamed: a result may be larger than memory.
            yield from response.iter_lines(_CHUNK)
    except requests.Timeout:
        raise ShopifyDown("Shopify's file storage did not answer in time; Xeno will retry.") from None
    except requests.RequestException:
        raise ShopifyDown("The connection to Shopify's file storage broke; Xeno will retry.") from None


def _is_shopifys(url: str, base: str) -> bool:
    parts, base_parts = urlsplit(url), urlsplit(base)
    if (parts.scheme, parts.netloc) == (base_parts.scheme, base_parts.netloc):
        return True
    return parts.scheme == "https" and parts.netloc == _STORAGE


def _parsed(content: bytes) -> Any:
    try:
        return decoded(content)
    except ValueError:
        return None


def decoded(content: bytes) -> Any:
    """Decode Shopify's JSON; numbers stay exact, decimals are Decimal.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return _decode(content)
    except DecodeError:
        # msgspec refuses half a surrogate pair, which a shop's text may contain.
        return json.loads(content, parse_float=Decimal)
