"""ShopifyClient executes the project's GraphQL documents at one shop: with retries, and within Shopify's cost limits.

Shopify gives each app and shop a bucket of points that refills steadily. The client remembers the bucket's level and
each document's last cost, and waits before a call instead of being throttled. It retries transient failures with a
growing backoff. Any other failure is an error of `core.errors`, whose class says who has to act.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from random import SystemRandom

from requests.adapters import BaseAdapter

from core import logs
from core.errors import CredentialsRefused, ShopifyDown, ShopifyTransient, Throttled
from core.shopify import API_VERSION, answers, auth, documents, shops, wire
from core.shopify.bucket import Bucket
from core.shopify.wire import Json

TRIES_WHEN_DOWN = 6
TRIES_WHEN_THROTTLED = 12
LONGEST_WAIT = 60.0
"""Seconds. If Shopify asks for a longer wait, the client raises instead of blocking its caller."""

_RANDOM = SystemRandom()
_SCOPES = "scopes"


@dataclass(slots=True)
class Calls:
    """Counts of a client's calls. `points` is the actual cost, `throttled_seconds` the time spent waiting for
    points."""

    requests: int = 0
    points: int = 0
    throttled_seconds: float = 0.0


@dataclass(slots=True)
class HiddenData:
    """What Shopify does not show this app, collected over the client's life.

    The opener of the client notes them on the store at the end, once, instead of after each page.
    """

    withheld_fields: set[str] = field(default_factory=set)
    """Personal fields that were left out of answers, as paths such as `customers.nodes.firstName`."""
    refused_entities: set[str] = field(default_factory=set)
    """Entities of `auth.OPTIONAL` that cannot be listed; a sync adds them when it continues without them."""


class ShopifyClient:
    """A client of one shop. It is not thread-safe.

    Args:
        shop: its myshopify.com domain.
        token: the access token, or a function that returns the current one, called before each request.
        admin_url: template of the Admin API's address; see `shops.admin_base`.
        transport: replaces the network.
        sleep, clock, jitter: wait for seconds, read seconds that passed, draw a random fraction of 1.
        on_unauthorized: called once if a token is refused (to fetch a new one), before the only retry.
        hidden: collects what Shopify does not show.
        missing_scopes: scopes that the app lacks; documents leave out the optional fields that need them.
        on_scopes: called with the app's scopes after Shopify refused a field and they were re-read; without it they
            are not re-read.

    Raises:
        InvalidShop: `shop` is not a myshopify.com domain.
    """

    def __init__(
        self,
        shop: str,
        token: Callable[[], str] | str,
        *,
        admin_url: str,
        transport: BaseAdapter | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = _RANDOM.random,
        on_unauthorized: Callable[[], object] | None = None,
        hidden: HiddenData | None = None,
        missing_scopes: Collection[str] = (),
        on_scopes: Callable[[tuple[str, ...]], object] | None = None,
    ) -> None:
        self.shop = shop
        self.calls = Calls()
        self.hidden = hidden or HiddenData()
        self.missing_scopes = frozenset(missing_scopes)
        self._on_scopes = on_scopes
        self._refused_documents: set[str] = set()
        self._divisors: dict[str, int] = {}
        base = shops.admin_base(shop, admin_url)
        self._base = base
        self._url = f"{base}/admin/api/{API_VERSION}/graphql.json"
        self._token = token
        self._session = wire.open_session(base, transport)
        self._sleep = sleep
        self._jitter = jitter
        self._on_unauthorized = on_unauthorized
        self._bucket = Bucket(clock)
        self._version_checked = False
        self._log = logs.get(__name__).bind(shop=shop)

    def execute(self, document: str, variables: Mapping[str, object] | None = None) -> Json:
        """Execute one document of queries/, by name; return its `data`. Decimals are Decimal.

        If Shopify refuses a field for a scope, the app's scopes are re-read, and the document is executed once more
        without the optional fields that they no longer allow.

        Raises:
            CredentialsRefused, AccessDenied, ShopUnavailable: the merchant has to act.
            QueryRefused: the document, its variables or its cost are a fault of ours (see `code`).
            Throttled, ShopifyDown: every retry failed.
        """
        down = throttled = 0
        while True:
            try:
                return self._authorized(document, variables or {})
            except Throttled as error:
                throttled += 1
                self._wait_for_points(document, error, last=throttled == TRIES_WHEN_THROTTLED)
            except ShopifyDown as error:
                down += 1
                self._wait_out(document, error, tries=down)

    def reread_scopes(self) -> None:
        """Re-read the app's scopes and report them to `on_scopes`; later documents leave out other fields.

        Raises: as `execute`.
        """
        if self._on_scopes is None:
            return
        installation = self.execute(_SCOPES)["currentAppInstallation"]
        granted = tuple(str(scope["handle"]) for scope in installation["accessScopes"])
        self.missing_scopes = frozenset(auth.missing_scopes(granted, auth.ALL_SCOPES))
        self._on_scopes(granted)

    def page_divisor(self, document: str) -> int:
        """Return the number that divides the page sizes of a document: 1, or a power of 2 after `shrink`."""
        return self._divisors.get(document, 1)

    def shrink(self, document: str) -> None:
        """Halve the page sizes of a document for the client's life, because Shopify found it too costly."""
        self._divisors[document] = 2 * self.page_divisor(document)
        self._bucket.forget(document)

    def fetch(self, url: str) -> Iterator[bytes]:
        """Download the lines of a file that Shopify made for this app. No token goes with the request.

        Raises:
            QueryRefused, ResultExpired, ShopifyDown: see `wire.download_lines`.
        """
        return wire.download_lines(self._session, url, self._base)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _authorized(self, document: str, variables: Mapping[str, object]) -> Json:
        try:
            return self._once(document, variables)
        except CredentialsRefused:
            if self._on_unauthorized is None:
                raise
            self._on_unauthorized()
            return self._once(document, variables)

    def _once(self, document: str, variables: Mapping[str, object]) -> Json:
        """Send a document. Send it once more if its scopes were taken away and it reads less without them."""
        text = documents.load(document, self.missing_scopes)
        body = self._send(document, text, variables)
        if self._may_have_lost_scopes(document, body):
            self._refused_documents.add(document)
            self.reread_scopes()
            shorter = documents.load(document, self.missing_scopes)
            body = self._send(document, shorter, variables) if shorter != text else body
        answers.refuse_errors(body, self.shop, self._bucket.wait_for(document))
        self.hidden.withheld_fields |= answers.withheld_paths(body)
        answers.leave_out_withheld(body)
        data: Json = body["data"]
        return data

    def _may_have_lost_scopes(self, document: str, body: Json) -> bool:
        """Whether an answer refuses a field whose scope the app had, so far as is known here. A document is checked
        once: Shopify may have another reason to refuse it, which the scopes do not show."""
        if self._on_scopes is None or document in self._refused_documents or document == _SCOPES:
            return False
        return not answers.denied_scopes(body) <= self.missing_scopes

    def _send(self, document: str, text: str, variables: Mapping[str, object]) -> Json:
        """Send a document's text; return the answer with its errors.

        Raises: as `execute`, for a refused HTTP status.
        """
        self._pause(self._bucket.wait_for(document))
        self.calls.requests += 1
        answer = wire.post(
            self._session,
            self._url,
            {"query": text, "variables": dict(variables)},
            {"X-Shopify-Access-Token": self._token if isinstance(self._token, str) else self._token()},
        )
        answers.refuse_status(answer, self.shop)
        self._check_version(answer)
        body = answers.body(answer)
        self.calls.points += self._bucket.learn(document, answers.cost(body))
        return body

    def _wait_for_points(self, document: str, error: Throttled, last: bool) -> None:
        wait = max(1.0, error.retry_after or 0.0)
        if last or wait > LONGEST_WAIT:
            raise error
        self._log.info("shopify throttled", document=document, wait=round(wait, 1))
        self._pause(wait + self._jitter())

    def _wait_out(self, document: str, error: ShopifyTransient, tries: int) -> None:
        wait = max(2.0 ** (tries - 1), error.retry_after or 0.0)
        if tries == TRIES_WHEN_DOWN or wait > LONGEST_WAIT:
            raise error
        self._log.warning("shopify down", document=document, reason=str(error), wait=round(wait, 1))
        # Jitter spreads the retries of many workers: in step, they would overload a Shopify that has just recovered.
        self._sleep(wait * (1 + self._jitter() / 2))

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self.calls.throttled_seconds += seconds
            self._sleep(seconds)

    def _check_version(self, answer: wire.Answer) -> None:
        """Warn once about another API version: Shopify answers an expired version with an older one, without an
        error, and figures could change unnoticed."""
        served = answer.headers.get("X-Shopify-API-Version")
        if served != API_VERSION and not self._version_checked:
            self._version_checked = True
            self._log.warning("shopify answers with another version", asked=API_VERSION, served=served)
